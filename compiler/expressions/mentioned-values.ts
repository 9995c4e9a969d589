import type { Predicate, Term, Value } from './predicate.ts';

/** By attribute, each of the values that it is compared with; none where it is compared with no constant. */
export type Mentioned = ReadonlyMap<string, ReadonlySet<Value>>;

/**
 * The attributes that predicates speak of, in the order in which they do, and the values that they compare each with: a
 * constant, the members of a set, both ends of a range, the pattern of a glob or path, a network.
 */
export function mentionedValues(predicates: Iterable<Predicate>): Mentioned {
  const found = new Map<string, Set<Value>>();
  for (const predicate of predicates) collect(predicate, found);
  return found;
}

function collect(predicate: Predicate, found: Map<string, Set<Value>>): void {
  switch (predicate.kind) {
    case 'constant':
      return;
    case 'not':
      collect(predicate.of, found);
      return;
    case 'and':
    case 'or':
      for (const operand of predicate.of) collect(operand, found);
      return;
    case 'compare': {
      const { left, right } = predicate;
      add(left, right.kind === 'literal' ? [right.value] : [], found);
      add(right, left.kind === 'literal' ? [left.value] : [], found);
      return;
    }
    case 'in-set':
      add(predicate.term, predicate.values, found);
      return;
    case 'in-ranges':
      for (const { low, high } of predicate.ranges) add(predicate.term, [low, high], found);
      if (predicate.ranges.length === 0) add(predicate.term, [], found);
      return;
    case 'beneath':
    case 'glob':
      add(predicate.term, [predicate.pattern], found);
      return;
    case 'in-network':
      add(predicate.term, [predicate.network], found);
      return;
    default:
      predicate satisfies never;
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
