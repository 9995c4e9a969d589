import { always, and, not, type Predicate, type Term } from '../expressions/predicate.ts';
import { printPredicate, printTerm } from '../expressions/print.ts';
import type { Policy, Quota } from '../ir/policy.ts';
import { finished } from './finished.ts';
import { absorb, type Pass, type PassResult } from './pass.ts';

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
  run: (policy) => finished(steps(policy)),
  steps,
};

function* steps(policy: Policy): Generator<void, PassResult> {
  const quotas = policy.quotas ?? [];
  const merged = quotas.length < 2 ? undefined : yield* merge(quotas);
  return { policy: merged === undefined ? policy : { ...policy, quotas: merged }, diagnostics: [] };
}

/** After so many quotas there is a stop: of all of tens of thousands it would be a tenth of a second. */
const atOnce = 1024;

/** A quota that counts the values of an attribute apart and leaves some of them out. */
interface Collector {
  readonly quota: Quota;
  readonly attribute: string;
  readonly conditions: readonly Predicate[];
  /** The condition that leaves values out. */
  readonly excluding: Predicate;
  /** The values, and for each whether it is left out no more. */
  readonly excluded: ReadonlyMap<string, number>;
  readonly included: Uint8Array;
  /** The other counters. */
  readonly counters: string;
  readonly taken: Quota[];
}

function* merge(quotas: readonly Quota[]): Generator<void, readonly Quota[] | undefined> {
  const conditions = new Conditions();
  const collectors = new Map<number, Collector[]>();
  const attributes = new Set<string>();
  for (const [at, quota] of quotas.entries()) {
    if (at % atOnce === atOnce - 1) yield;
    const collector = collectorOf(quota);
    if (collector === undefined) continue;
    const rest = conditions.without(quota.when, collector.excluding);
    const some = collectors.get(rest);
    if (some === undefined) collectors.set(rest, [collector]);
    else some.push(collector);
    attributes.add(collector.attribute);
  }
  if (attributes.size === 0) return undefined;
  const gone = new Uint8Array(quotas.length);
  const take = (at: number, { collector, value }: Joinable) => {
    collector.included[collector.excluded.get(value)!] = 1;
    collector.taken.push(quotas[at]!);
    gone[at] = 1;
  };
  const find = (at: number) => joinableOf(quotas[at]!, collectors, attributes, conditions);
  let done = 0;
  for (const group of yield* groupsOf(quotas, conditions)) {
    done += 1;
    if (done % atOnce === 0) yield;
    if (typeof group === 'number') {
      const found = find(group);
      if (found !== undefined) take(group, found);
      continue;
    }
    const joinable: Joinable[] = [];
    for (const at of group) {
      const found = find(at);
      if (found === undefined || joinable.some(({ collector }) => collector === found.collector)) break;
      joinable.push(found);
    }
    if (joinable.length === group.length) for (const [index, at] of group.entries()) take(at, joinable[index]!);
  }
  if (!gone.includes(1)) return undefined;
  const widened = new Map([...collectors.values()].flat().map((each) => [each.quota, each]));
  const kept: Quota[] = [];
  for (const [at, quota] of quotas.entries()) {
    if (gone[at] === 0) kept.push(widenedQuota(quota, widened.get(quota)));
  }
  return kept;
}

/** The quotas of each condition, resource and counters, which one limit can hold with a rate for each; by their numbers. */
function* groupsOf(
  quotas: readonly Quota[],
  conditions: Conditions,
): Generator<void, readonly (number | readonly number[])[]> {
  // Of most conditions there is one quota, and there may be tens of thousands.
  const byCondition = new Map<number, number | number[]>();
  for (let at = 0; at < quotas.length; at += 1) {
    if (at % atOnce === atOnce - 1) yield;
    const key = conditions.key(quotas[at]!.when);
    const group = byCondition.get(key);
    if (group === undefined) byCondition.set(key, at);
    else if (typeof group === 'number') byCondition.set(key, [group, at]);
    else group.push(at);
  }
  const groups: (number | number[])[] = [];
  for (const alike of byCondition.values()) {
    if (typeof alike === 'number') {
      groups.push(alike);
      continue;
    }
    const apart: number[][] = [];
    for (const at of alike) {
      const same = apart.find(([first]) => isOfOneLimit(quotas[first!]!, quotas[at]!));
      if (same === undefined) apart.push([at]);
      else same.push(at);
    }
    groups.push(...apart);
  }
  return groups;
}

function isOfOneLimit(one: Quota, other: Quota): boolean {
  return one.resource === other.resource && countersText(one.counters) === countersText(other.counters);
}

interface Joinable {
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
      const place = collector.excluded.get(value);
      if (place === undefined || collector.included[place] === 1 || !isOn(condition, collector.attribute)) continue;
      if (takes(collector, quota)) return { collector, value };
    }
  }
  return undefined;
}

/** Whether all is equal of the two but their conditions, and that the collector counts its attribute apart. */
function takes({ quota, attribute, counters }: Collector, other: Quota): boolean {
  return (
    quota.resource === other.resource &&
    quota.amount === other.amount &&
    quota.windowMilliseconds === other.windowMilliseconds &&
    !counts(other, attribute) &&
    counters === countersText(other.counters)
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
  const { conditions, excluding, included, taken } = collector;
  const rest = conditions.flatMap((condition): readonly Predicate[] => {
    if (condition !== excluding) return [condition];
    const set = excludedSet(condition);
    return set === undefined || included.every((each) => each === 1)
      ? []
      : [not({ ...set, values: set.values.filter((_, at) => included[at] === 0) })];
  });
  return { ...absorb(quota, taken, true), when: rest.length === 0 ? always : and(...rest) };
}

function collectorOf(quota: Quota): Collector | undefined {
  const conditions = conjuncts(quota.when);
  for (const excluding of conditions) {
    const set = excludedSet(excluding);
    if (set?.term.kind !== 'attribute' || !counts(quota, set.term.name)) continue;
    const { name: attribute } = set.term;
    const counters = countersText(quota.counters, attribute);
    const excluded = new Map(set.values.map((value, at) => [value, at]));
    const included = new Uint8Array(set.values.length);
    return { quota, attribute, conditions, excluding, excluded, included, counters, taken: [] };
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

/** Tells equal conditions by numbers: there may be tens of thousands of them, most of the form `attribute == "value"`. */
class Conditions {
  #last = 0;
  /** Of `attribute == "value"` by attribute and value. */
  readonly #equalities = new Map<string, Map<string, number>>();
  /** Of others by what is printed of them; most are objects that many quotas share, so each is printed once. */
  readonly #printed = new Map<string, number>();
  readonly #known = new Map<Predicate, number>();
  /** Of several conditions: by the number of all but the last, and that of the last. */
  readonly #together = new Map<number, Map<number, number>>();

  /** The same for the same conjuncts, whatever their order. */
  key(when: Predicate): number {
    return this.#numberOf(conjuncts(when), undefined);
  }

  /** The same for what is the same without one of its conjuncts. */
  without(when: Predicate, own: Predicate): number {
    return this.#numberOf(conjuncts(when), own);
  }

  #numberOf(conditions: readonly Predicate[], own: Predicate | undefined): number {
    if (conditions.length === 2) {
      const [one, other] = conditions;
      if (one === own) return this.#number(other!);
      if (other === own) return this.#number(one!);
      const first = this.#number(one!);
      const second = this.#number(other!);
      return first < second ? this.#joined(first, second) : this.#joined(second, first);
    }
    const numbers: number[] = [];
    for (const condition of conditions) if (condition !== own) numbers.push(this.#number(condition));
    numbers.sort((one, other) => one - other);
    let together = 0;
    for (const number of numbers) together = together === 0 ? number : this.#joined(together, number);
    return together;
  }

  #joined(before: number, last: number): number {
    let known = this.#together.get(before);
    if (known === undefined) {
      known = new Map();
      this.#together.set(before, known);
    }
    return known.get(last) ?? this.#next(known, last);
  }

  #number(predicate: Predicate): number {
    if (predicate.kind === 'compare' && predicate.operator === '==') {
      const { left, right } = predicate;
      if (left.kind === 'attribute' && right.kind === 'literal' && typeof right.value === 'string') {
        let values = this.#equalities.get(left.name);
        if (values === undefined) {
          values = new Map();
          this.#equalities.set(left.name, values);
        }
        return values.get(right.value) ?? this.#next(values, right.value);
      }
    }
    const known = this.#known.get(predicate);
    if (known !== undefined) return known;
    const text = printPredicate(predicate);
    const number = this.#printed.get(text) ?? this.#next(this.#printed, text);
    this.#known.set(predicate, number);
    return number;
  }

  #next<Key>(numbers: Map<Key, number>, key: Key): number {
    this.#last += 1;
    numbers.set(key, this.#last);
    return this.#last;
  }
}
