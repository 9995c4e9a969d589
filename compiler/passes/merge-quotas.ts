import { always, and, not, type Predicate, type Term } from '../expressions/predicate.ts';
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
  const conditions = new Conditions();
  const collectors = new Map<number, Collector[]>();
  const attributes = new Set<string>();
  for (const quota of quotas) {
    const collector = collectorOf(quota);
    if (collector === undefined) continue;
    const rest = conditions.without(quota.when, collector.excluding);
    const some = collectors.get(rest);
    if (some === undefined) collectors.set(rest, [collector]);
    else some.push(collector);
    attributes.add(collector.attribute);
  }
  if (attributes.size === 0) return undefined;
  const gone = new Set<Quota>();
  const find = (quota: Quota) => joinableOf(quota, collectors, attributes, conditions);
  for (const group of groupsOf(quotas, conditions)) {
    const joinable: Joinable[] = [];
    for (const quota of group) {
      const found = find(quota);
      if (found === undefined || joinable.some(({ collector }) => collector === found.collector)) break;
      joinable.push(found);
    }
    if (joinable.length < group.length) continue;
    for (const { quota, collector, value } of joinable) {
      collector.excluded.delete(value);
      collector.taken.push(quota);
      gone.add(quota);
    }
  }
  if (gone.size === 0) return undefined;
  const widened = new Map([...collectors.values()].flat().map((each) => [each.quota, each]));
  return quotas.filter((quota) => !gone.has(quota)).map((quota) => widenedQuota(quota, widened.get(quota)));
}

/** The quotas of each condition, resource and counters, which one limit can hold with a rate for each. */
function groupsOf(quotas: readonly Quota[], conditions: Conditions): readonly (readonly Quota[])[] {
  const byObject = new Map<Predicate, Quota[]>();
  const byCondition = new Map<string, Quota[]>();
  for (const quota of quotas) {
    let group = byObject.get(quota.when);
    if (group === undefined) {
      const key = conditions.key(quota.when);
      group = byCondition.get(key) ?? [];
      byCondition.set(key, group);
      byObject.set(quota.when, group);
    }
    group.push(quota);
  }
  const groups: Quota[][] = [];
  for (const alike of byCondition.values()) {
    const first = groups.length;
    for (const quota of alike) {
      let at = first;
      while (at < groups.length && !isOfOneLimit(groups[at]![0]!, quota)) at += 1;
      if (at === groups.length) groups.push([quota]);
      else groups[at]!.push(quota);
    }
  }
  return groups;
}

function isOfOneLimit(one: Quota, other: Quota): boolean {
  return one.resource === other.resource && countersText(one.counters) === countersText(other.counters);
}

interface Joinable {
  readonly quota: Quota;
  readonly collector: Collector;
  /** The name that the quota is about. */
  readonly value: string;
}

function joinableOf(
  quota: Quota,
  collectors: ReadonlyMap<number, readonly Collector[]>,
  attributes: ReadonlySet<string>,
  conditions: Conditions,
): Joinable | undefined {
  for (const condition of conjuncts(quota.when)) {
    const value = valueIn(condition, attributes);
    if (value === undefined) continue;
    for (const collector of collectors.get(conditions.without(quota.when, condition)) ?? []) {
      if (!collector.excluded.has(value) || !isOn(condition, collector.attribute)) continue;
      if (takes(collector, quota)) return { quota, collector, value };
    }
  }
  return undefined;
}

/** Whether all is equal of the two but their conditions, and that the collector counts its attribute apart. */
function takes({ quota, attribute }: Collector, other: Quota): boolean {
  return (
    quota.resource === other.resource &&
    quota.amount === other.amount &&
    quota.windowMilliseconds === other.windowMilliseconds &&
    !counts(other, attribute) &&
    countersText(quota.counters, attribute) === countersText(other.counters, attribute)
  );
}

function countersText(counters: Quota['counters'], without?: string): string {
  if (counters.length === 0) return '';
  return counters
    .filter((term) => without === undefined || !isAttribute(term, without))
    .map(printTerm)
    .sort()
    .join();
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
  return counters.some((term) => isAttribute(term, attribute));
}

function isAttribute(term: Term, name: string): boolean {
  return term.kind === 'attribute' && term.name === name;
}

function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.of : [predicate];
}

/** The set in `not (attribute in {…})`. */
function excludedSet(predicate: Predicate): Extract<Predicate, { kind: 'in-set' }> | undefined {
  return predicate.kind === 'not' && predicate.of.kind === 'in-set' ? predicate.of : undefined;
}

/** The value in `attribute == "value"`, written in this order, of one of the attributes. */
function valueIn(predicate: Predicate, attributes: ReadonlySet<string>): string | undefined {
  if (predicate.kind !== 'compare' || predicate.operator !== '==') return undefined;
  const { left, right } = predicate;
  if (left.kind !== 'attribute' || right.kind !== 'literal' || typeof right.value !== 'string') return undefined;
  return attributes.has(left.name) ? right.value : undefined;
}

function isOn(predicate: Predicate, attribute: string): boolean {
  return predicate.kind === 'compare' && isAttribute(predicate.left, attribute);
}

/** Tells equal conditions. Most are objects that many quotas share, so each is printed once. */
class Conditions {
  readonly #numbers = new Map<string, number>();
  readonly #known = new Map<Predicate, number>();

  /** The same for the same conjuncts, whatever their order. */
  key(when: Predicate): string {
    const keys = conjuncts(when).map((condition) => {
      const equality = equalityText(condition);
      return equality ?? String(this.#number(condition));
    });
    return keys.length === 1 ? keys[0]! : keys.sort().join('\n');
  }

  /** A number for what is left of `when` without one of its conjuncts, whatever their order. */
  without(when: Predicate, own: Predicate): number {
    const rest = conjuncts(when).filter((condition) => condition !== own);
    if (rest.length === 1) return this.#number(rest[0]!);
    const numbers = rest.map((condition) => this.#number(condition));
    return this.#numbered(numbers.sort((one, other) => one - other).join());
  }

  #number(predicate: Predicate): number {
    let number = this.#known.get(predicate);
    if (number === undefined) {
      number = this.#numbered(printPredicate(predicate));
      this.#known.set(predicate, number);
    }
    return number;
  }

  #numbered(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}

/** Tens of thousands of conditions are of this form, and are not printed in full. */
function equalityText(predicate: Predicate): string | undefined {
  if (predicate.kind !== 'compare' || predicate.operator !== '==') return undefined;
  const { left, right } = predicate;
  if (left.kind !== 'attribute' || right.kind !== 'literal' || typeof right.value !== 'string') return undefined;
  return `${left.name} ${right.value}`;
}
