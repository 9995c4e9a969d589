import { greater, greaterOrEqual, less, lessOrEqual } from './functions/comparison.ts';
import type { Call } from './plan-tree.ts';

/** An operand: a variable or a literal, so that naming it twice costs nothing. */
export interface Operand {
  readonly code: string;
  /** False where it is never an error. */
  readonly fails: boolean;
  /** The JavaScript type of a constant. */
  readonly constant?: 'string' | 'bigint' | 'number' | 'boolean' | 'other';
}

const orders: ReadonlyMap<Call, string> = new Map<Call, string>([
  [less as Call, '<'],
  [lessOrEqual as Call, '<='],
  [greater as Call, '>'],
  [greaterOrEqual as Call, '>='],
]);

const textTests: ReadonlySet<string> = new Set(['startsWith', 'endsWith', 'contains']);

/** The call for operands of the types that a constant makes likely; `otherwise` for all others. */
export function shortWay(
  name: string,
  call: Call,
  [left, right]: readonly Operand[],
  otherwise: string,
): string | undefined {
  if (left === undefined || right === undefined) return undefined;
  const [value, constant] = right.constant === undefined ? [right, left] : [left, right];
  if ((name === '==' || name === '!=') && constant.constant === 'string') {
    const same = name === '==';
    return `${value.code} === ${constant.code} ? ${same} : typeof ${value.code} === 'string' ? ${!same} : ${otherwise}`;
  }
  if (left.constant === undefined && right.constant === 'string' && textTests.has(name)) {
    const method = name === 'contains' ? 'includes' : name;
    return `typeof ${left.code} === 'string' ? ${left.code}.${method}(${right.code}) : ${otherwise}`;
  }
  const order = orders.get(call);
  if (order !== undefined && (right.constant === 'bigint' || right.constant === 'number')) {
    return `typeof ${left.code} === '${right.constant}' ? ${left.code} ${order} ${right.code} : ${otherwise}`;
  }
  return undefined;
}
