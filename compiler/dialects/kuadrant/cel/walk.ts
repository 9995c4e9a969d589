import { partsOf } from '../../../../grammars/cel/parts.ts';
import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';

/** Every subexpression, the outer before the inner ones; where `visit` gives false, what is inside is left out. */
export function walk(expression: Expression, visit: (each: Expression) => boolean | undefined): void {
  if (visit(expression) === false) return;
  for (const part of partsOf(expression)) walk(part, visit);
}

/** The names of a path of fields and constant keys: `auth.identity['userid']` is `auth identity userid`. */
export function pathOf(expression: Expression): readonly string[] | undefined {
  const names: string[] = [];
  let each = expression;
  while (each.kind !== 'identifier') {
    if (each.kind === 'select') names.push(each.field);
    else if (each.kind === 'index' && each.index.kind === 'literal' && each.index.value.type === 'string') {
      names.push(each.index.value.value);
    } else return undefined;
    each = each.operand;
  }
  names.push(each.name);
  return names.reverse();
}
