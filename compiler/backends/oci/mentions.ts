import { attributeOf, type Condition, termsOf, visitConditions } from '../../expressions/conditions.ts';
import type { Predicate } from '../../expressions/predicate.ts';

/** Adds the leaves that read the attribute. */
export function leavesAbout(predicate: Predicate, name: string, leaves: Predicate[]): void {
  visitConditions(predicate, (condition) => {
    if (reads(condition, name)) leaves.push(condition);
  });
}

/** True where the leaf is part of the predicate. */
export function contains(predicate: Predicate, leaf: Predicate): boolean {
  if (predicate.kind === 'and' || predicate.kind === 'or')
    return predicate.of.some((operand) => contains(operand, leaf));
  return predicate === leaf || (predicate.kind === 'not' && contains(predicate.of, leaf));
}

/** True where the predicate reads the attribute. */
export function mentions(predicate: Predicate, name: string): boolean {
  let found = false;
  visitConditions(predicate, (condition) => {
    found ||= reads(condition, name);
  });
  return found;
}

function reads(condition: Condition, name: string): boolean {
  return termsOf(condition).some((term) => attributeOf(term) === name);
}
