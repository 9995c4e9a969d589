import { precedenceOf } from './operators.ts';
import type { BinaryOperator, Expression, Range } from './syntax-tree.ts';

/** An operand with its parentheses, which its own range leaves out. */
export interface Operand extends Range {
  readonly expression: Expression;
}

export interface Operator {
  /** Undefined where two operands have nothing between them. */
  readonly operator: BinaryOperator | undefined;
  readonly range: Range;
}

const tightest = 6;

/**
 * The tree of a chain of operations.
 *
 * @param operands one more than there are operators
 */
export function operatorsToTree(operands: readonly Operand[], operators: readonly Operator[]): Expression {
  const values = [operands[0]!];
  const waiting: Operator[] = [];
  const reduce = (least: number) => {
    for (let top = waiting.at(-1); top !== undefined && binding(top) >= least; top = waiting.at(-1)) {
      waiting.pop();
      const right = values.pop()!;
      values.push(joined(values.pop()!, top, right));
    }
  };
  operators.forEach((operator, at) => {
    reduce(binding(operator));
    waiting.push(operator);
    values.push(operands[at + 1]!);
  });
  reduce(0);
  return values[0]!.expression;
}

function binding({ operator }: Operator): number {
  return operator === undefined ? tightest : precedenceOf(operator);
}

function joined(left: Operand, { operator, range: operatorRange }: Operator, right: Operand): Operand {
  const range = { start: left.start, end: right.end };
  const expression: Expression =
    operator === undefined
      ? { kind: 'hole', range, parts: [left.expression, right.expression] }
      : { kind: 'binary', range, operator, operatorRange, left: left.expression, right: right.expression };
  return { expression, ...range };
}
