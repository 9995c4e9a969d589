import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';

/** The expressions that one is directly made of, in the order of the text. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
      return [];
    case 'select':
    case 'unary':
      return [expression.operand];
    case 'index':
      return [expression.operand, expression.index];
    case 'call':
      return expression.target === undefined ? expression.arguments : [expression.target, ...expression.arguments];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'list':
      return expression.elements.map(({ value }) => value);
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'message':
      return expression.fields.map(({ value }) => value);
    case 'hole':
      return expression.parts;
    default: {
      const unreachable: never = expression;
      return unreachable;
    }
  }
}

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
