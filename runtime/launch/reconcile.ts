import { instant } from '../signing/time.ts';
import type { Cloud, CloudInstance } from './cloud.ts';
import { openLedger, withLedger } from './ledger.ts';
import { type LedgerRecord, launchTag, profileTag, profileValue } from './ledger-records.ts';
import { isRunning, type LedgerEntry } from './ledger-state.ts';

/** Is told which instances reservations became, before the ledger is: what it throws leaves the ledger as it was. */
export type OnConfirmed = (confirmed: readonly { readonly id: string; readonly instance: string }[]) => void;

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
 * Corrects what a ledger says of a profile by what EC2 says: a process that died between its reservation and the answer to
 * RunInstances left a launch that counts until then, and nobody tells the ledger of an instance that is stopped or started
 * by other means. The instances are looked for in the regions that the profile has launched in, and in one more.
 *
 * @param profile absent, what was launched without one
 * @param region that the next launch is in
 * @param now milliseconds since 1970
 * @throws AwsFailure, AuditFailure
 */
export async function reconcileProfile(
  path: string,
  profile: string | undefined,
  region: string,
  cloud: Pick<Cloud, 'instances'>,
  now: number,
  onConfirmed?: OnConfirmed,
): Promise<Reconciliation> {
  const regions = new Set([region]);
  for (const { reserved } of openLedger(path).entries.values()) {
    if (reserved.profile === profile) regions.add(reserved.region);
  }
  const found = await Promise.all(
    [...regions].map(async (region): Promise<readonly FoundInstance[]> => {
      const instances = await cloud.instances(region, [profileTag, profileValue(profile)]);
      return instances.map((instance) => ({ region, instance }));
    }),
  );
  return reconcile(path, { profile, regions }, found.flat(), now, onConfirmed);
}

/**
 * The same with the instances at hand.
 *
 * @param scope of which `found` has every instance that is not terminated; other launches stay as they are
 * @throws AuditFailure
 */
export function reconcile(
  path: string,
  scope: { readonly profile: string | undefined; readonly regions: ReadonlySet<string> },
  found: readonly FoundInstance[],
  now: number,
  onConfirmed: OnConfirmed = () => undefined,
): Reconciliation {
  return withLedger(path, (ledger, append) => {
    const told = {
      confirmed: [] as string[],
      released: [] as string[],
      ended: [] as string[],
      resumed: [] as string[],
    };
    const find = finder(found);
    const records: LedgerRecord[] = [];
    for (const [id, entry] of ledger.entries) {
      if (entry.reserved.profile !== scope.profile || !scope.regions.has(entry.reserved.region)) continue;
      for (const [list, record] of corrections(id, entry, find(id, entry), now)) {
        told[list].push(id);
        records.push(record);
      }
    }
    const confirmed = records.flatMap((each) => (each.event === 'confirm' ? [each] : []));
    if (confirmed.length > 0) onConfirmed(confirmed);
    append(...records);
    const known = new Set([...ledger.entries.values()].map(({ instance }) => instance));
    const unknown = found.filter(({ instance }) => {
      return costs(instance) && !known.has(instance.id) && !ledger.entries.has(instance.tags.get(launchTag) ?? '');
    });
    return { ...told, unknown };
  });
}

/**
 * The instance of a launch: the one that the ledger names, and the tag `polc:launch` only where it names none, since
 * whoever may write tags could end a launch by them. Of several with one tag it is one that costs something.
 */
function finder(found: readonly FoundInstance[]): (launch: string, entry: LedgerEntry) => CloudInstance | undefined {
  const byId = new Map<string, CloudInstance>();
  const byLaunch = new Map<string, CloudInstance>();
  for (const { instance } of found) {
    byId.set(instance.id, instance);
    const launch = instance.tags.get(launchTag);
    if (launch === undefined) continue;
    const other = byLaunch.get(launch);
    if (other === undefined || !costs(other)) byLaunch.set(launch, instance);
  }
  return (launch, { instance }) => (instance === undefined ? undefined : byId.get(instance)) ?? byLaunch.get(launch);
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
