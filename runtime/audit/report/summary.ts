import { partOf } from '../../../compiler/ir/launch.ts';
import { launchAction, violatedRules } from '../launch-record.ts';
import { type AuditRecord, recoveredAction } from '../record.ts';

/** What launches are counted by. A policy and a rule are those that refused. */
export const subjects = ['policy', 'rule', 'person', 'template', 'profile', 'day'] as const;
export type Subject = (typeof subjects)[number];

/** One line of a count. */
export interface Tally {
  readonly name: string;
  /** Launches that were decided about it; of a policy and a rule, those that it refused. */
  readonly launches: number;
  readonly refused: number;
}

export interface AuditSummary {
  /** Times of the first and the last launch, RFC 3339 in UTC; absent where there was none. */
  readonly first?: string;
  readonly last?: string;
  readonly launches: number;
  readonly refused: number;
  /** Records that say something else than how a launch was decided. */
  readonly others: number;
  /** How often the log went on after a record that was cut off. */
  readonly recovered: number;
  /** The most often refused first, then by name; days in their order. */
  readonly by: Readonly<Record<Subject, readonly Tally[]>>;
}

/** Which records are counted: those at `since` or later and before `until`, in milliseconds since 1970. */
export interface Period {
  readonly since?: number;
  readonly until?: number;
}

const unnamed = '(not named)';
/** Of launches that no rule refused: a call failed, a tag was altered. */
const noPolicy = '(no rule)';

/** Counts what was decided about launches. */
export function summarise(records: readonly AuditRecord[], { since, until }: Period = {}): AuditSummary {
  const counts: Record<Subject, Map<string, { launches: number; refused: number }>> = {
    policy: new Map(),
    rule: new Map(),
    person: new Map(),
    template: new Map(),
    profile: new Map(),
    day: new Map(),
  };
  let launches = 0;
  let refused = 0;
  let others = 0;
  let recovered = 0;
  let first: number | undefined;
  let last: number | undefined;
  for (const record of records) {
    const at = Date.parse(record.time);
    // A time that cannot be read is no reason to leave a record out.
    if ((since !== undefined && at < since) || (until !== undefined && at >= until)) continue;
    if (record.action === recoveredAction) recovered += 1;
    if (record.action !== launchAction) {
      others += 1;
      continue;
    }
    const no = record.decision !== 'allowed';
    launches += 1;
    if (no) refused += 1;
    if (!Number.isNaN(at)) {
      first = Math.min(first ?? at, at);
      last = Math.max(last ?? at, at);
    }
    const add = (subject: Subject, name: string) => {
      const count = counts[subject].get(name) ?? { launches: 0, refused: 0 };
      count.launches += 1;
      if (no) count.refused += 1;
      counts[subject].set(name, count);
    };
    add('person', record.actor);
    add('template', record.facts?.template ?? record.facts?.launched ?? unnamed);
    add('profile', record.facts?.profile ?? unnamed);
    add('day', Number.isNaN(at) ? unnamed : new Date(at).toISOString().slice(0, 10));
    if (!no) continue;
    const rules = violatedRules(record);
    for (const rule of rules) add('rule', rule);
    for (const policy of new Set(rules.map(policyOf))) add('policy', policy);
    if (rules.length === 0) add('policy', noPolicy);
  }
  return {
    ...(first === undefined ? {} : { first: new Date(first).toISOString() }),
    ...(last === undefined ? {} : { last: new Date(last).toISOString() }),
    launches,
    refused,
    others,
    recovered,
    by: {
      policy: sorted(counts.policy),
      rule: sorted(counts.rule),
      person: sorted(counts.person),
      template: sorted(counts.template),
      profile: sorted(counts.profile),
      day: tallies(counts.day).sort(byName),
    },
  };
}

function policyOf(rule: string): string {
  const part = partOf(rule);
  return part === undefined ? noPolicy : `${part.role} ${part.name}`;
}

type Counts = ReadonlyMap<string, Omit<Tally, 'name'>>;

function tallies(counts: Counts): Tally[] {
  return [...counts].map(([name, count]) => ({ name, ...count }));
}

function sorted(counts: Counts): readonly Tally[] {
  return tallies(counts).sort(
    (left, right) => right.refused - left.refused || right.launches - left.launches || byName(left, right),
  );
}

function byName(left: Tally, right: Tally): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
