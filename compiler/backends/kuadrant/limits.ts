import type { Predicate, Term } from '../../expressions/predicate.ts';
import type { Quota } from '../../ir/policy.ts';
import { fixedIn } from './attributes.ts';
import { allOf, celConjuncts, celKnown, celWhere, type Sources } from './condition.ts';
import { windowText } from './window.ts';

/** A limit of a RateLimitPolicy or TokenRateLimitPolicy: quotas that differ in amount and window only. */
export interface PlannedLimit {
  readonly name: string;
  readonly resource: Quota['resource'];
  readonly when: readonly string[];
  readonly counters: readonly string[];
  readonly rates: readonly { readonly limit: number; readonly window: string }[];
  /** By rate. */
  readonly quotas: readonly Quota[];
  /** What a lower rate in the same window holds as well. */
  readonly implied: readonly Quota[];
}

export interface PlannedLimits {
  readonly limits: readonly PlannedLimit[];
  /** Quotas that Kuadrant cannot hold, with why. */
  readonly lost: ReadonlyMap<string, string>;
}

/**
 * Of two rates in one window the lower is written alone: to the rate limiter they would be one limit (limit-identity.ts), of
 * which it keeps one or the other.
 *
 * @param sources how the filter reads attributes
 */
export function planLimits(quotas: readonly Quota[], sources: Sources): PlannedLimits {
  const groups = new Map<
    string,
    Omit<PlannedLimit, 'name'> & {
      readonly meaning: string;
      readonly rates: Rate[];
      readonly quotas: Quota[];
      readonly implied: Quota[];
    }
  >();
  const lost = new Map<string, string>();
  for (const quota of quotas) {
    const window = windowText(quota.windowMilliseconds);
    if (window === undefined) {
      lost.set(
        quota.id,
        `a window of ${quota.windowMilliseconds} ms: the rate limiter counts in whole seconds, up to 99,999 hours`,
      );
      continue;
    }
    const condition = celWhere(quota.when, true, sources);
    const names = quota.counters.flatMap((term) => (term.kind === 'attribute' ? [term.name] : []));
    if (condition === undefined || names.length < quota.counters.length) {
      lost.set(quota.id, 'the filter of the gateway has no such condition');
      continue;
    }
    const fixed = fixedIn(quota.when);
    const unfixed = names.filter((name) => (fixed.get(name) ?? '') === '');
    const conjuncts = celConjuncts(allOf([condition, celKnown(unfixed, sources)]));
    if (conjuncts.includes('false')) {
      lost.set(quota.id, 'its condition never holds');
      continue;
    }
    const counters = names.map(sources.text);
    const when = afterAuthentication([...conjuncts, ...counters]) ? conjuncts : [...conjuncts, keyed];
    const key = JSON.stringify([quota.resource, when, counters]);
    const rate = { limit: quota.amount, window };
    const group = groups.get(key);
    if (group === undefined) {
      const meaning = meaningOf(fixed, names, quota.when);
      groups.set(key, {
        resource: quota.resource,
        when,
        counters,
        rates: [rate],
        quotas: [quota],
        implied: [],
        meaning,
      });
      continue;
    }
    const same = group.rates.findIndex((each) => each.window === window);
    if (same === -1) {
      group.rates.push(rate);
      group.quotas.push(quota);
    } else if (rate.limit < group.rates[same]!.limit) {
      group.implied.push(group.quotas[same]!);
      group.rates[same] = rate;
      group.quotas[same] = quota;
    } else {
      group.implied.push(quota);
    }
  }
  const taken = new Set<string>();
  return {
    limits: [...groups.values()].map(({ meaning, ...limit }) => ({
      ...limit,
      name: unused(`${meaning}-${limit.resource}`, limit.rates[0]!.window, taken),
    })),
    lost,
  };
}

type Rate = PlannedLimit['rates'][number];

/** A value that every authenticated request has. */
export const keyed = "auth.identity.key == 'valid'";

/**
 * The filter evaluates a limit before the request is authenticated unless the limit speaks of `auth.`, which it looks
 * for in the text (kuadrant-operator, internal/wasm). What is refused then must not count.
 */
function afterAuthentication(expressions: readonly string[]): boolean {
  return expressions.some((text) => text.includes('auth.'));
}

/** What the limit is about, which stays the same when amounts and windows change: renaming a limit resets its counters. */
function meaningOf(fixed: ReadonlyMap<string, string>, counters: readonly string[], when: Predicate): string {
  const about = ['tier', 'team', 'user', 'model'].flatMap((name) => {
    const value = fixed.get(name);
    return value === undefined ? [] : [`${name}-${value}`];
  });
  const by = counters.filter((name) => !fixed.has(name));
  about.push(...furtherIn(when));
  return [...(about.length === 0 ? ['all'] : about), ...(by.length === 0 ? [] : [`by-${by.join('-')}`])].join('-');
}

/** What the conditions say that is no equality; of alternatives, the first is what the most are held to. */
function furtherIn(when: Predicate): readonly string[] {
  return (when.kind === 'and' ? when.of : [when]).flatMap((condition): readonly string[] => {
    if (condition.kind === 'or') return furtherIn(condition.of[0]!);
    if (condition.kind === 'glob' && isAttribute(condition.term, 'model')) return [`model-${condition.pattern}`];
    const isNear = condition.kind === 'compare' && condition.operator === '>=';
    return isNear && isAttribute(condition.left, 'spent_share') ? ['near-budget'] : [];
  });
}

function isAttribute(term: Term, name: string): boolean {
  return term.kind === 'attribute' && term.name === name;
}

/** A name that the rate limiter's metrics can show; of two that are about the same, the second has its window in it. */
function unused(name: string, window: string, taken: Set<string>): string {
  const about = name.replace(/[^A-Za-z0-9._-]+/g, '-');
  const base = taken.has(about) ? `${about}-${window}` : about;
  let free = base;
  for (let number = 2; taken.has(free); number += 1) free = `${base}-${number}`;
  taken.add(free);
  return free;
}
