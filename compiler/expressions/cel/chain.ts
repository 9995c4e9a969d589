import type { BinaryOperator, Expression } from '../../../grammars/cel/syntax-tree.ts';

/** The operands of a chain of one operator, which parses to the left; the expression itself where it is none. */
export function operandsOf(expression: Expression, operator: BinaryOperator): readonly Expression[] {
  const found: Expression[] = [];
  let at = expression;
  while (at.kind === 'binary' && at.operator === operator) {
    found.push(at.right);
    at = at.left;
  }
  return [at, ...found.reverse()];
}
