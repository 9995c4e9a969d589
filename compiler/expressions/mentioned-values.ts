import { type Condition, visitConditions } from './conditions.ts';
import type { Predicate, Term, Value } from './predicate.ts';

/** By attribute, each of the values that it is compared with; none where it is compared with no constant. */
export type Mentioned = ReadonlyMap<string, ReadonlySet<Value>>;

/**
 * The attributes that predicates speak of, in the order in which they do, and the values that they compare each with: a
 * constant, the members of a set, both ends of a range, the pattern of a glob or path, a network.
 */
export function mentionedValues(predicates: Iterable<Predicate>): Mentioned {
  const found = new Map<string, Set<Value>>();
  for (const predicate of predicates) visitConditions(predicate, (condition) => collect(condition, found));
  return found;
}

function collect(condition: Condition, found: Map<string, Set<Value>>): void {
  switch (condition.kind) {
    case 'compare': {
      const { left, right } = condition;
      add(left, right.kind === 'literal' ? [right.value] : [], found);
      add(right, left.kind === 'literal' ? [left.value] : [], found);
      return;
    }
    case 'in-set':
      add(condition.term, condition.values, found);
      return;
    case 'in-ranges':
      for (const { low, high } of condition.ranges) add(condition.term, [low, high], found);
      if (condition.ranges.length === 0) add(condition.term, [], found);
      return;
    case 'beneath':
    case 'glob':
      add(condition.term, [condition.pattern], found);
      return;
    case 'in-network':
      add(condition.term, [condition.network], found);
      return;
    default:
      condition satisfies never;
  }
}

function add(term: Term, values: readonly Value[], found: Map<string, Set<Value>>): void {
  if (term.kind === 'mask') {
    add(term.term, values, found);
    return;
  }
  if (term.kind !== 'attribute') return;
  let known = found.get(term.name);
  if (known === undefined) {
    known = new Set();
    found.set(term.name, known);
  }
  for (const value of values) known.add(value);
}
