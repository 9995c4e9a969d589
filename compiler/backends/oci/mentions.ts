import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision } from '../../ir/policy.ts';
import { syscallNames } from '../../tables/syscalls.ts';

/** The calls that the decision's rules name: every other call has one common answer on each architecture. */
export function mentionedNames(decision: Decision): readonly string[] {
  const names = new Set<string>();
  for (const rule of decision.rules) collectNames(rule.when, names);
  return [...names];
}

/** Adds the calls that the predicate names. */
export function collectNames(predicate: Predicate, names: Set<string>): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) collectNames(operand, names);
      return;
    case 'not':
      collectNames(predicate.of, names);
      return;
    case 'in-set':
      if (predicate.term.kind === 'attribute' && predicate.term.name === 'syscall') {
        for (const name of predicate.values) names.add(name);
      }
      return;
    case 'compare':
      for (const [side, other] of [
        [predicate.left, predicate.right],
        [predicate.right, predicate.left],
      ] as const) {
        if (side.kind === 'attribute' && side.name === 'syscall' && other.kind === 'literal')
          names.add(String(other.value));
      }
      return;
    case 'glob':
      if (predicate.term.kind === 'attribute' && predicate.term.name === 'syscall') {
        for (const name of syscallNames()) names.add(name);
      }
      return;
    case 'constant':
    case 'in-ranges':
    case 'beneath':
    case 'in-network':
      return;
    default:
      predicate satisfies never;
  }
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
      return [predicate.left, predicate.right].some((term) => term.kind === 'attribute' && term.name === name);
    case 'in-set':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return predicate.term.kind === 'attribute' && predicate.term.name === name;
    case 'constant':
      return false;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}
