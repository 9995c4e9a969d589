import type { Predicate } from '../../expressions/predicate.ts';

/** The system calls that a predicate asks for by name; those that it only excludes are left out. */
export function mentionedNames(predicate: Predicate): ReadonlySet<string> {
  const names = new Set<string>();
  collect(predicate, true, names);
  return names;
}

/** @param positive false within an odd number of negations. */
function collect(predicate: Predicate, positive: boolean, names: Set<string>): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) collect(operand, positive, names);
      return;
    case 'not':
      collect(predicate.of, !positive, names);
      return;
    case 'in-set':
      if (!positive || predicate.term.kind !== 'attribute' || predicate.term.name !== 'syscall') return;
      for (const name of predicate.values) if (!name.startsWith('#')) names.add(name);
      return;
    case 'compare': {
      const { left, operator, right } = predicate;
      if (left.kind !== 'attribute' || left.name !== 'syscall' || right.kind !== 'literal') return;
      if (operator !== (positive ? '==' : '!=') || typeof right.value !== 'string') return;
      if (!right.value.startsWith('#')) names.add(right.value);
      return;
    }
    case 'constant':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return;
    default:
      predicate satisfies never;
  }
}
