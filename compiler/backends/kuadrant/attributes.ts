import { attributeOf, termsOf, visitConditions } from '../../expressions/conditions.ts';
import type { Predicate } from '../../expressions/predicate.ts';

/** The attributes that a predicate mentions. */
export function attributesIn(predicate: Predicate): ReadonlySet<string> {
  const names = new Set<string>();
  visitConditions(predicate, (condition) => {
    for (const term of termsOf(condition)) {
      const name = attributeOf(term);
      if (name !== undefined) names.add(name);
    }
  });
  return names;
}

/** What the predicate fixes: attributes with the one value that each must have. */
export function fixedIn(predicate: Predicate, into: Map<string, string> = new Map()): Map<string, string> {
  if (predicate.kind === 'and') {
    for (const operand of predicate.of) fixedIn(operand, into);
  } else if (predicate.kind === 'in-set' && predicate.term.kind === 'attribute' && predicate.values.length === 1) {
    into.set(predicate.term.name, predicate.values[0]!);
  } else if (predicate.kind === 'compare' && predicate.operator === '==') {
    const [name, value] =
      predicate.left.kind === 'attribute' ? [predicate.left, predicate.right] : [predicate.right, predicate.left];
    if (name.kind === 'attribute' && value.kind === 'literal' && typeof value.value === 'string') {
      into.set(name.name, value.value);
    }
  }
  return into;
}
