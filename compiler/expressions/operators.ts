import type { CompareOperator } from './predicate.ts';

type Operators = Readonly<Record<CompareOperator, CompareOperator>>;

/** The operator with which `b ? a` says what `a ? b` does. */
export const mirroredOperator: Operators = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** The operator that holds of two known values where the other does not. */
export const negatedOperator: Operators = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
