import { always, and, not, type Predicate } from '../expressions/predicate.ts';
import { printPredicate, printTerm } from '../expressions/print.ts';
import type { Quota } from '../ir/policy.ts';
import { absorb, type Pass } from './pass.ts';

/**
 * Joins quotas that differ only in one name, such as the team's, into the quota that counts each name apart and leaves
 * those out:
 *
 *     at most N for each team when C and not (team in {a, b})    at most N for each team when C and not (team in {b})
 *     at most N when C and team == a                          →
 *     at most M when C and team == b                             at most M when C and team == b
 *
 * Amount, window, resource, the remaining conditions and the remaining counters must be the same. What `a` used is then
 * counted under its own name by the one quota, as it was by the other, so the same requests are admitted; whatever is not
 * equal, such as an override, stays apart and stays left out. With it stay those of its condition that could be joined:
 * together they are one limit with several rates, where two limits that speak of the same requests may shadow each other
 * (limitador #513).
 */
export const mergeQuotas: Pass = {
  name: 'merge-quotas',
  run(policy) {
    const quotas = policy.quotas ?? [];
    if (quotas.length < 2) return { policy, diagnostics: [] };
    const merged = merge(quotas);
    return { policy: merged === undefined ? policy : { ...policy, quotas: merged }, diagnostics: [] };
  },
};

/** A quota that counts the values of an attribute apart and leaves some of them out. */
interface Collector {
  readonly quota: Quota;
  readonly attribute: string;
  readonly conditions: readonly Predicate[];
  /** The condition that leaves values out. */
  readonly excluding: Predicate;
  readonly excluded: Set<string>;
  readonly taken: Quota[];
}

function merge(quotas: readonly Quota[]): readonly Quota[] | undefined {
  const keys = new Keys();
  const collectors = new Map<string, Collector>();
  const attributes = new Set<string>();
  for (const quota of quotas) {
    const collector = collectorOf(quota);
    if (collector === undefined) continue;
    const key = keys.of(quota, collector.attribute, collector.excluding);
    // A second one of the same key would bind the same requests twice; the first may take what both leave out.
    if (collectors.has(key)) continue;
    collectors.set(key, collector);
    attributes.add(collector.attribute);
  }
  if (collectors.size === 0) return undefined;
  const gone = new Set<Quota>();
  for (const group of keys.groups(quotas)) {
    const joinable = group.flatMap((quota) => joinableOf(quota, collectors, attributes, keys) ?? []);
    const into = new Set(joinable.map(({ collector }) => collector));
    if (into.size < group.length) continue;
    for (const { quota, collector, value } of joinable) {
      collector.excluded.delete(value);
      collector.taken.push(quota);
      gone.add(quota);
    }
  }
  if (gone.size === 0) return undefined;
  const widened = new Map([...collectors.values()].map((each) => [each.quota, each]));
  return quotas.filter((quota) => !gone.has(quota)).map((quota) => widenedQuota(quota, widened.get(quota)));
}

interface Joinable {
  readonly quota: Quota;
  readonly collector: Collector;
  /** The name that the quota is about. */
  readonly value: string;
}

function joinableOf(
  quota: Quota,
  collectors: ReadonlyMap<string, Collector>,
  attributes: ReadonlySet<string>,
  keys: Keys,
): Joinable | undefined {
  for (const condition of conjuncts(quota.when)) {
    const equal = equalityOf(condition);
    if (equal === undefined || !attributes.has(equal.attribute) || counts(quota, equal.attribute)) continue;
    const collector = collectors.get(keys.of(quota, equal.attribute, condition));
    if (collector?.excluded.has(equal.value)) return { quota, collector, value: equal.value };
  }
  return undefined;
}

function widenedQuota(quota: Quota, collector: Collector | undefined): Quota {
  if (collector === undefined || collector.taken.length === 0) return quota;
  const { conditions, excluding, excluded, taken } = collector;
  const rest = conditions.flatMap((condition): readonly Predicate[] => {
    if (condition !== excluding) return [condition];
    const set = excludedSet(condition);
    return set === undefined || excluded.size === 0
      ? []
      : [not({ ...set, values: set.values.filter((value) => excluded.has(value)) })];
  });
  return { ...absorb(quota, taken, true), when: rest.length === 0 ? always : and(...rest) };
}

function collectorOf(quota: Quota): Collector | undefined {
  const conditions = conjuncts(quota.when);
  for (const excluding of conditions) {
    const set = excludedSet(excluding);
    if (set?.term.kind !== 'attribute' || !counts(quota, set.term.name)) continue;
    return { quota, attribute: set.term.name, conditions, excluding, excluded: new Set(set.values), taken: [] };
  }
  return undefined;
}

function counts({ counters }: Quota, attribute: string): boolean {
  return counters.some((term) => term.kind === 'attribute' && term.name === attribute);
}

function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.of : [predicate];
}

/** The set in `not (attribute in {…})`. */
function excludedSet(predicate: Predicate): Extract<Predicate, { kind: 'in-set' }> | undefined {
  return predicate.kind === 'not' && predicate.of.kind === 'in-set' ? predicate.of : undefined;
}

/** `attribute == "value"`, written in this order. */
function equalityOf(predicate: Predicate): { readonly attribute: string; readonly value: string } | undefined {
  if (predicate.kind !== 'compare' || predicate.operator !== '==') return undefined;
  const { left, right } = predicate;
  if (left.kind !== 'attribute' || right.kind !== 'literal' || typeof right.value !== 'string') return undefined;
  return { attribute: left.name, value: right.value };
}

/** What must be equal of two quotas, as texts. Most conditions are shared objects, so each is printed once. */
class Keys {
  readonly #printed = new Map<Predicate, string>();

  /** @param own the condition on the attribute, which differs */
  of(quota: Quota, attribute: string, own: Predicate): string {
    const { resource, amount, windowMilliseconds, counters, when } = quota;
    const further = counters
      .filter((term) => term.kind !== 'attribute' || term.name !== attribute)
      .map(printTerm)
      .sort();
    const conditions = conjuncts(when)
      .filter((condition) => condition !== own)
      .map((condition) => this.#print(condition))
      .sort();
    return [resource, amount, windowMilliseconds, attribute, further.join(), ...conditions].join('\n');
  }

  /** The quotas of each condition, resource and counters, which one limit can hold with a rate for each. */
  groups(quotas: readonly Quota[]): Iterable<readonly Quota[]> {
    const groups = new Map<string, Quota[]>();
    for (const quota of quotas) {
      const counters = quota.counters.map(printTerm).sort();
      const key = `${quota.resource} ${counters.join()}\n${this.#print(quota.when)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [quota]);
      else group.push(quota);
    }
    return groups.values();
  }

  #print(predicate: Predicate): string {
    let text = this.#printed.get(predicate);
    if (text === undefined) {
      text = printPredicate(predicate);
      this.#printed.set(predicate, text);
    }
    return text;
  }
}
