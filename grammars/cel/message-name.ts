import type { Expression, Range } from './syntax-tree.ts';

export interface MessageName {
  readonly name: string;
  /** Without the point in front. */
  readonly nameRange: Range;
  readonly rooted: boolean;
}

/** The name of a message that was read as fields of a variable, `a.b.Name`. */
export function messageName(expression: Expression): MessageName {
  const { end } = expression.range;
  let name = '';
  let part = expression;
  while (part.kind === 'select') {
    name = `.${part.field}${name}`;
    part = part.operand;
  }
  if (part.kind !== 'identifier') return { name, nameRange: expression.range, rooted: false };
  return {
    name: part.name + name,
    nameRange: { start: part.range.end - part.name.length, end },
    rooted: part.rooted,
  };
}
