import type { Predicate } from '../../expressions/predicate.ts';

/** What the conjuncts of a predicate say of texts: for an attribute, the values that it must or must not have. */
interface Sets {
  readonly among: Map<string, ReadonlySet<string>>;
  readonly outside: Map<string, ReadonlySet<string>>;
}

/**
 * Whether one predicate is known not to hold wherever the other holds, since conjuncts of theirs want one attribute to
 * have different values. It may be false of predicates that exclude one another in another way.
 */
export function exclude(one: Predicate, other: Predicate): boolean {
  const first = setsOf(one);
  const second = setsOf(other);
  return excludes(first, second) || excludes(second, first);
}

function excludes(first: Sets, second: Sets): boolean {
  for (const [name, values] of first.among) {
    const others = second.among.get(name);
    const refused = second.outside.get(name);
    if (others !== undefined && ![...values].some((value) => others.has(value))) return true;
    if (refused !== undefined && [...values].every((value) => refused.has(value))) return true;
  }
  return false;
}

function setsOf(predicate: Predicate, into: Sets = { among: new Map(), outside: new Map() }): Sets {
  if (predicate.kind === 'and') {
    for (const operand of predicate.of) setsOf(operand, into);
    return into;
  }
  const isNegated = predicate.kind === 'not';
  const said = setOf(isNegated ? predicate.of : predicate);
  if (said !== undefined) (said.equal === isNegated ? into.outside : into.among).set(said.name, said.values);
  return into;
}

function setOf(predicate: Predicate) {
  if (predicate.kind === 'in-set' && predicate.term.kind === 'attribute') {
    return { name: predicate.term.name, values: new Set(predicate.values), equal: true };
  }
  if (predicate.kind !== 'compare' || predicate.left.kind !== 'attribute' || predicate.right.kind !== 'literal') {
    return undefined;
  }
  const { value } = predicate.right;
  if (typeof value !== 'string' || (predicate.operator !== '==' && predicate.operator !== '!=')) return undefined;
  return { name: predicate.left.name, values: new Set([value]), equal: predicate.operator === '==' };
}
