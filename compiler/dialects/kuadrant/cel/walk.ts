import { partsOf } from '../../../../grammars/cel/parts.ts';
import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';

/** Every subexpression, the outer before the inner ones; where `visit` gives false, what is inside is left out. */
export function walk(expression: Expression, visit: (each: Expression) => boolean | undefined): void {
  if (visit(expression) === false) return;
  for (const part of partsOf(expression)) walk(part, visit);
}

/** The names of a path of fields and constant keys: `auth.identity['userid']` is `auth identity userid`. */
export function pathOf(expression: Expression): readonly string[] | undefined {
  if (expression.kind === 'identifier') return [expression.name];
  if (expression.kind === 'select') {
    const before = pathOf(expression.operand);
    return before === undefined ? undefined : [...before, expression.field];
  }
  if (expression.kind === 'index' && expression.index.kind === 'literal' && expression.index.value.type === 'string') {
    const before = pathOf(expression.operand);
    return before === undefined ? undefined : [...before, expression.index.value.value];
  }
  return undefined;
}
