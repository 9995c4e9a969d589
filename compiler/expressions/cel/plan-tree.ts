import type { Range } from '../../../grammars/cel/syntax-tree.ts';
import type { LoopForm } from './macros.ts';
import type { CelError, Result, Value } from './value.ts';

export type Call = (...values: readonly Value[]) => Result;

/**
 * An expression with its names resolved and its macros recognised: what both evaluators work from. `slot` numbers the
 * variables that macros declare.
 */
export type Plan =
  | { readonly op: 'constant'; readonly value: Value }
  | { readonly op: 'fail'; readonly error: CelError }
  | { readonly op: 'variable'; readonly name: string; readonly range: Range }
  | { readonly op: 'local'; readonly slot: number }
  | FieldPlan<'select'>
  | FieldPlan<'optional-select'>
  | FieldPlan<'has'>
  | {
      readonly op: 'call';
      /** The operator or function, for evaluators that know a shorter way. */
      readonly name: string;
      readonly call: Call;
      readonly operands: readonly Plan[];
      readonly range: Range;
      /** The operand that `call` has in it already: of `matches constant` the pattern, of `in constant` the list. */
      readonly constant?: Value;
    }
  /** `decisive` is false for `&&` and true for `||`: one such operand decides, whatever the errors of the others. */
  | {
      readonly op: 'junction';
      readonly decisive: boolean;
      readonly operands: readonly Plan[];
      readonly ranges: readonly Range[];
    }
  | {
      readonly op: 'conditional';
      readonly condition: Plan;
      readonly positive: Plan;
      readonly negative: Plan;
      readonly range: Range;
    }
  | { readonly op: 'list'; readonly elements: readonly PlannedElement[] }
  | { readonly op: 'map'; readonly entries: readonly PlannedEntry[] }
  | {
      readonly op: 'loop';
      readonly form: LoopForm;
      readonly over: Plan;
      readonly slots: readonly [number] | readonly [number, number];
      readonly filter: Plan | undefined;
      readonly body: Plan;
      readonly overRange: Range;
      readonly filterRange: Range;
      readonly bodyRange: Range;
    }
  | { readonly op: 'bind'; readonly slot: number; readonly value: Plan; readonly body: Plan }
  | {
      readonly op: 'optional-map';
      readonly flat: boolean;
      readonly operand: Plan;
      readonly slot: number;
      readonly body: Plan;
      readonly range: Range;
    }
  /** `operand.or(alternative)`; `unwrap`: `operand.orValue(alternative)`. */
  | {
      readonly op: 'optional-or';
      readonly unwrap: boolean;
      readonly operand: Plan;
      readonly alternative: Plan;
      readonly range: Range;
    };

interface FieldPlan<Op extends string> {
  readonly op: Op;
  readonly operand: Plan;
  readonly field: string;
  readonly range: Range;
}

export interface PlannedElement {
  readonly value: Plan;
  readonly optional: boolean;
  readonly range: Range;
}

export interface PlannedEntry {
  readonly key: Plan;
  readonly value: Plan;
  readonly optional: boolean;
  readonly range: Range;
}
