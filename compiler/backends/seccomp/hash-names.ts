import { type Condition, visitConditions } from '../../expressions/conditions.ts';
import type { Rule } from '../../ir/policy.ts';

/** The names `#N` in the rules, by which they speak of numbers that have no name. */
export function hashNamesOf(rules: readonly Rule[]): readonly string[] {
  const names = new Set<string>();
  for (const rule of rules) visitConditions(rule.when, (condition) => collect(condition, names));
  return [...names];
}

function collect(condition: Condition, names: Set<string>): void {
  switch (condition.kind) {
    case 'in-set':
      // The set is sorted, and `#` sorts before every letter.
      for (const name of condition.values) {
        if (name.charCodeAt(0) > 35) break;
        if (name.charCodeAt(0) === 35) names.add(name);
      }
      return;
    case 'compare':
      for (const term of [condition.left, condition.right]) {
        if (term.kind === 'literal' && typeof term.value === 'string' && term.value.startsWith('#'))
          names.add(term.value);
      }
      return;
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return;
    default: {
      condition satisfies never;
    }
  }
}
