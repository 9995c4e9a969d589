import type { AuditRecord } from '../audit/record.ts';
import { readListing } from './listing.ts';
import { listedAction } from './world.ts';

/** How a policy has fared in its present mode, from the audit log. */
export interface ModeHistory {
  readonly policy: string;
  readonly mode: 'dry_run' | 'manual' | 'auto';
  /** RFC 3339: the first record of the mode, without one of another mode since. */
  readonly since: string;
  /** Events that called for a response since then, that were let pass, and that could not be decided. */
  readonly counts: { readonly respond: number; readonly passes: number; readonly unknown: number };
  /** The breaches of the last events that called for a response, the latest last. */
  readonly breaches: readonly string[];
  /** What the mode leads to, and when that is due: a week after it began. Absent in `auto`, where it has arrived. */
  readonly next?: { readonly mode: 'manual' | 'auto'; readonly due: string };
}

const week = 7 * 24 * 3_600_000;
const keptBreaches = 5;
const following = { dry_run: 'manual', manual: 'auto', auto: undefined } as const;

interface Run {
  readonly mode: ModeHistory['mode'];
  readonly since: string;
  readonly counts: { respond: number; passes: number; unknown: number };
  readonly breaches: string[];
}

/** The present mode of every policy that a log speaks of, by its id. */
export function modeHistories(records: readonly AuditRecord[]): readonly ModeHistory[] {
  const runs = new Map<string, Run>();
  const listings = new Map<string, ReturnType<typeof readListing>>();
  const runOf = (policy: string, mode: ModeHistory['mode'], time: string): Run => {
    let run = runs.get(policy);
    if (run?.mode !== mode) {
      run = { mode, since: time, counts: { respond: 0, passes: 0, unknown: 0 }, breaches: [] };
      runs.set(policy, run);
    }
    return run;
  };
  for (const { action, time, subject, decision, policy_hash: hash, facts } of records) {
    if (action === listedAction) listings.set(hash, readListing(facts?.policies ?? ''));
    if (action !== 'guardrail.evaluate' || facts === undefined) continue;
    if (decision === 'passes') {
      // One record for all policies of the listing but those that have a record of their own.
      const others = new Set(facts.others?.split(' '));
      for (const { policy, mode } of listings.get(hash) ?? []) {
        if (isMode(mode) && !others.has(policy)) runOf(policy, mode, time).counts.passes += 1;
      }
      continue;
    }
    const { policy, mode } = facts;
    if (policy === undefined || !isMode(mode)) continue;
    const run = runOf(policy, mode, time);
    if (decision === 'respond' || decision === 'unknown') run.counts[decision] += 1;
    if (decision === 'respond' && !run.breaches.includes(subject)) run.breaches.push(subject);
    if (run.breaches.length > keptBreaches) run.breaches.shift();
  }
  return [...runs]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([policy, run]) => ({ policy, ...run, ...nextOf(run) }));
}

function nextOf({ mode, since }: Run): Pick<ModeHistory, 'next'> {
  const next = following[mode];
  const began = Date.parse(since);
  if (next === undefined || Number.isNaN(began)) return {};
  return { next: { mode: next, due: new Date(began + week).toISOString() } };
}

function isMode(mode: string | undefined): mode is ModeHistory['mode'] {
  return mode === 'dry_run' || mode === 'manual' || mode === 'auto';
}
