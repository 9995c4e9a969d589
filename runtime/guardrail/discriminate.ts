import type { Predicate } from '../../compiler/expressions/predicate.ts';

/** A policy's conditions, apart into what an index looks up and the rest. */
export interface Discriminated {
  readonly policy: number;
  /** Events of other sources pass; undefined where the policy asks of none. */
  readonly sources: readonly string[] | undefined;
  readonly accounts: readonly string[] | undefined;
  readonly services: readonly string[] | undefined;
  /** Events below pass. */
  readonly least: number;
  /** Events above pass. */
  readonly most: number;
  /** The other conditions: the event passes where one of them holds. */
  readonly rest: readonly Predicate[];
}

/**
 * Takes out of a policy's conditions the first of each of the forms that an index can look up: not in a set of sources,
 * accounts or services, below or above an amount.
 *
 * @param conditions an event passes where one of them holds
 */
export function discriminate(policy: number, conditions: readonly Predicate[]): Discriminated {
  const rest: Predicate[] = [];
  const sets = new Map<string, readonly string[]>();
  let least: number | undefined;
  let most: number | undefined;
  for (const condition of conditions) {
    const set = requiredSet(condition);
    const bound = amountBound(condition);
    if (set !== undefined && !sets.has(set.name)) sets.set(set.name, set.values);
    else if (bound?.operator === '<' && least === undefined) least = bound.amount;
    else if (bound?.operator === '>' && most === undefined) most = bound.amount;
    else rest.push(condition);
  }
  return {
    policy,
    sources: sets.get('source'),
    accounts: sets.get('account'),
    services: sets.get('service'),
    least: least ?? Number.NEGATIVE_INFINITY,
    most: most ?? Number.POSITIVE_INFINITY,
    rest,
  };
}

const indexed = new Set(['source', 'account', 'service']);

/** Of `not (name in {…})`. */
function requiredSet(condition: Predicate): { readonly name: string; readonly values: readonly string[] } | undefined {
  if (condition.kind !== 'not' || condition.of.kind !== 'in-set') return undefined;
  const { term, values } = condition.of;
  return term.kind === 'attribute' && indexed.has(term.name) ? { name: term.name, values } : undefined;
}

/** Of `amount < N` and `amount > N`. */
function amountBound(condition: Predicate): { readonly operator: '<' | '>'; readonly amount: number } | undefined {
  if (condition.kind !== 'compare' || (condition.operator !== '<' && condition.operator !== '>')) return undefined;
  const { left, operator, right } = condition;
  if (left.kind !== 'attribute' || left.name !== 'amount' || right.kind !== 'literal') return undefined;
  return typeof right.value === 'number' ? { operator, amount: right.value } : undefined;
}
