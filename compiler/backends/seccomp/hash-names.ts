import type { Predicate } from '../../expressions/predicate.ts';
import type { Rule } from '../../ir/policy.ts';

/** The names `#N` in the rules, by which they speak of numbers that have no name. */
export function hashNamesOf(rules: readonly Rule[]): readonly string[] {
  const names = new Set<string>();
  for (const rule of rules) collect(rule.when, names);
  return [...names];
}

function collect(predicate: Predicate, names: Set<string>): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) collect(operand, names);
      return;
    case 'not':
      collect(predicate.of, names);
      return;
    case 'in-set':
      // The set is sorted, and `#` sorts before every letter.
      for (const name of predicate.values) {
        if (name.charCodeAt(0) > 35) break;
        if (name.charCodeAt(0) === 35) names.add(name);
      }
      return;
    case 'compare':
      for (const term of [predicate.left, predicate.right]) {
        if (term.kind === 'literal' && typeof term.value === 'string' && term.value.startsWith('#'))
          names.add(term.value);
      }
      return;
    case 'constant':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return;
    default: {
      predicate satisfies never;
    }
  }
}
