import type { LimitIdentity } from '../../compiler/backends/kuadrant/limit-identity.ts';
import { grouped } from '../../compiler/diagnostics/grouped.ts';

/** What a limit is about, as far as its conditions say it by a comparison with constants. */
export interface LimitSubject {
  readonly tiers: readonly string[];
  readonly teams: readonly string[];
  readonly users: readonly string[];
}

/** Only comparisons that must hold: a limit for all teams but one is not about that one. */
export function subjectOf({ when }: Pick<LimitIdentity, 'when'>): LimitSubject {
  return { tiers: valuesOf(when, 'tier'), teams: valuesOf(when, 'team'), users: valuesOf(when, 'user') };
}

/** `team research of the tier standard`; `all keys` where the conditions name nobody. */
function subjectText(subject: LimitSubject): string {
  const { tiers, teams, users } = subject;
  const parts = [named('user', users), named('team', teams), named('tier', tiers)].filter((part) => part !== '');
  return parts.length === 0 ? 'all keys' : parts.join(' of ');
}

/** Whom a limit is about; of one that refuses everything, its name says it best. */
export function subjectOfLimit(limit: LimitIdentity): string {
  return limit.amount === 0 ? `whatever \`${limit.limit}\` names` : subjectText(subjectOf(limit));
}

/** `10,000 tokens in 1 h`; for each value of what it counts by. */
export function amountText({ kind, amount, seconds, counters }: LimitIdentity): string {
  if (amount === 0) return 'is refused';
  const unit = kind === 'TokenRateLimitPolicy' ? 'token' : 'request';
  const by = counters.map((each) => each.replace(/^auth\.identity\./, ''));
  const each = by.length === 0 ? '' : ` for each ${by.join(' and ')}`;
  return `${grouped(amount)} ${unit}${amount === 1 ? '' : 's'} in ${windowText(seconds)}${each}`;
}

/** In the largest unit that divides it: `1 h`, `90 min`. */
export function windowText(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function named(noun: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${noun}${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

/** The tiers, teams and users that a limit leaves out: `team support`. */
export function leftOut({ when }: Pick<LimitIdentity, 'when'>): readonly string[] {
  return (['tier', 'team', 'user'] as const).flatMap((attribute) =>
    when.flatMap((predicate) => {
      const negated = /^!\((.*)\)$/.exec(predicate)?.[1] ?? predicate.replace(/^(auth\.identity\.\w+) != /, '$1 == ');
      const values = negated === predicate ? [] : valuesOf([negated], attribute);
      return values.filter((value) => value !== '').map((value) => `${attribute} ${value}`);
    }),
  );
}

/** The conditions are polc's own: `auth.identity.tier == 'free'`, or `in [...]`. */
function valuesOf(when: readonly string[], attribute: string): readonly string[] {
  const begin = `auth.identity.${attribute} `;
  return when.flatMap((predicate) => {
    if (!predicate.startsWith(begin)) return [];
    const rest = predicate.slice(begin.length);
    if (!/^(?:== '(?:[^'\\]|\\.)*'|in \[(?:'(?:[^'\\]|\\.)*'(?:, )?)*\])$/.test(rest)) return [];
    return [...rest.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
  });
}
