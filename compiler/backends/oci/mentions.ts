import type { Predicate, Term } from '../../expressions/predicate.ts';

/** Adds the leaves that read the attribute. */
export function leavesAbout(predicate: Predicate, name: string, leaves: Predicate[]): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) leavesAbout(operand, name, leaves);
      return;
    case 'not':
      leavesAbout(predicate.of, name, leaves);
      return;
    default:
      if (mentions(predicate, name)) leaves.push(predicate);
  }
}

/** True where the leaf is part of the predicate. */
export function contains(predicate: Predicate, leaf: Predicate): boolean {
  if (predicate.kind === 'and' || predicate.kind === 'or')
    return predicate.of.some((operand) => contains(operand, leaf));
  return predicate === leaf || (predicate.kind === 'not' && contains(predicate.of, leaf));
}

/** True where the predicate reads the attribute. */
export function mentions(predicate: Predicate, name: string): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.some((operand) => mentions(operand, name));
    case 'not':
      return mentions(predicate.of, name);
    case 'compare':
      return isOf(predicate.left, name) || isOf(predicate.right, name);
    case 'in-set':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return isOf(predicate.term, name);
    case 'constant':
      return false;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function isOf(term: Term, name: string): boolean {
  if (term.kind === 'mask') return isOf(term.term, name);
  return term.kind === 'attribute' && term.name === name;
}
