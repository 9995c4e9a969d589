import { instant } from '../signing/time.ts';
import type { CloudInstance } from './cloud.ts';
import { withLedger } from './ledger.ts';
import { type LedgerRecord, launchTag } from './ledger-records.ts';
import { isRunning, type LedgerEntry } from './ledger-state.ts';

/** What a ledger was told of, by the ids of launches. */
export interface Reconciliation {
  /** Reservations whose instance is there, though nobody could say so then. */
  readonly confirmed: readonly string[];
  /** Reservations that became no instance. */
  readonly released: readonly string[];
  /** Instances that are gone, or stopped. */
  readonly ended: readonly string[];
  /** Instances that were started again. */
  readonly resumed: readonly string[];
  /** Instances that run and that the ledger has no launch of: another ledger's, or it was lost. Nothing counts them. */
  readonly unknown: readonly FoundInstance[];
}

export interface FoundInstance {
  readonly region: string;
  readonly instance: CloudInstance;
}

/**
 * Milliseconds for which an instance that is not seen is believed to be there: RunInstances may be under way, and
 * DescribeInstances may not show yet what it started ("Ensuring idempotency in Amazon EC2 API requests").
 */
const grace = 15 * 60_000;

/**
 * Corrects a ledger by what EC2 says: a process that died between its reservation and the answer to RunInstances left a
 * launch that counts until then, and nobody tells the ledger of an instance that is stopped by other means.
 *
 * @param regions where `found` has every instance with the tag `polc:launch` that is not terminated; launches elsewhere stay
 * @param now milliseconds since 1970
 * @throws AuditFailure
 */
export function reconcile(
  path: string,
  regions: ReadonlySet<string>,
  found: readonly FoundInstance[],
  now: number,
): Reconciliation {
  return withLedger(path, (ledger, append) => {
    const told = {
      confirmed: [] as string[],
      released: [] as string[],
      ended: [] as string[],
      resumed: [] as string[],
    };
    const byLaunch = new Map(found.map((each) => [each.instance.tags.get(launchTag), each] as const));
    const records: LedgerRecord[] = [];
    for (const [id, entry] of ledger.entries) {
      if (!regions.has(entry.reserved.region)) continue;
      for (const [list, record] of corrections(id, entry, byLaunch.get(id)?.instance, now)) {
        told[list].push(id);
        records.push(record);
      }
    }
    append(...records);
    const unknown = found.filter(({ instance }) => {
      return costs(instance) && !ledger.entries.has(instance.tags.get(launchTag) ?? '');
    });
    return { ...told, unknown };
  });
}

type Correction = readonly [list: Exclude<keyof Reconciliation, 'unknown'>, record: LedgerRecord];

function corrections(
  id: string,
  entry: LedgerEntry,
  instance: CloudInstance | undefined,
  now: number,
): readonly Correction[] {
  const at = instant(now);
  const runs = isRunning(entry);
  if (instance === undefined) {
    if (!runs || now - (entry.ran.at(-1)?.from ?? entry.at) <= grace) return [];
    return entry.instance === undefined
      ? [['released', { format: 1, event: 'release', id, at }]]
      : [['ended', { format: 1, event: 'end', id, at }]];
  }
  const made: Correction[] = [];
  const { startedAt = now } = instance;
  if (entry.instance === undefined) {
    made.push(['confirmed', { format: 1, event: 'confirm', id, at, instance: instance.id }]);
  }
  // A confirmation takes back a release.
  const counted = runs || entry.ran.length === 0;
  if (costs(instance) && !counted) {
    made.push(['resumed', { format: 1, event: 'resume', id, at: instant(Math.min(startedAt, now)) }]);
  }
  if (!costs(instance) && counted) made.push(['ended', { format: 1, event: 'end', id, at }]);
  return made;
}

/** An instance that is stopping costs until it has stopped. */
function costs({ state }: CloudInstance): boolean {
  return state !== 'stopped' && state !== 'shutting-down' && state !== 'terminated';
}
