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
  for (const group of groupsOf(quotas, conditions)) {
    const joinable: Joinable[] = [];
    for (const quota of group) {
      const found = joinableOf(quota, collectors, attributes, conditions);
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
function groupsOf(quotas: readonly Quota[], conditions: Conditions): Iterable<readonly Quota[]> {
  const kinds = new Map<string, Map<number, Quota[]>>();
  for (const quota of quotas) {
    const kind = `${quota.resource} ${countersText(quota.counters)}`;
    let groups = kinds.get(kind);
    if (groups === undefined) {
      groups = new Map();
      kinds.set(kind, groups);
    }
    const number = conditions.without(quota.when, undefined);
    const group = groups.get(number);
    if (group === undefined) groups.set(number, [quota]);
    else group.push(quota);
  }
  return [...kinds.values()].flatMap((groups) => [...groups.values()]);
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

/** The same for equal predicates only; tens of thousands are of the one form that is not printed in full. */
function textOf(predicate: Predicate): string {
  if (predicate.kind === 'compare' && predicate.operator === '==') {
    const { left, right } = predicate;
    if (left.kind === 'attribute' && right.kind === 'literal' && typeof right.value === 'string') {
      return `= ${left.name} ${right.value}`;
    }
  }
  return printPredicate(predicate);
}

/** Gives equal conditions one number. Most are objects that many quotas share, so each is looked at once. */
class Conditions {
  readonly #numbers = new Map<string, number>();
  readonly #single = new Map<Predicate, number>();
  readonly #whole = new Map<Predicate, number>();
  readonly #rest = new Map<Predicate, { readonly without: Predicate; readonly number: number }>();

  /** The number of what is left of `when` without one of its conjuncts, whatever their order. */
  without(when: Predicate, own: Predicate | undefined): number {
    if (own === undefined) {
      let number = this.#whole.get(when);
      if (number === undefined) {
        number = this.#join(when, undefined);
        this.#whole.set(when, number);
      }
      return number;
    }
    const known = this.#rest.get(when);
    if (known?.without === own) return known.number;
    const number = this.#join(when, own);
    this.#rest.set(when, { without: own, number });
    return number;
  }

  #join(when: Predicate, own: Predicate | undefined): number {
    const numbers: number[] = [];
    for (const condition of conjuncts(when)) if (condition !== own) numbers.push(this.#number(condition));
    return this.#numbered(`and ${numbers.sort((one, other) => one - other).join()}`);
  }

  #number(predicate: Predicate): number {
    let number = this.#single.get(predicate);
    if (number === undefined) {
      number = this.#numbered(textOf(predicate));
      this.#single.set(predicate, number);
    }
    return number;
  }

  #numbered(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}
