import type { Point } from '../../ir/policy.ts';
import type { FunctionHandle, ModuleBuilder } from './binary/module.ts';
import type { RecordLayout, SlotName } from './layout.ts';

/**
 * Makes functions of attributes that are expressions: `condition:TEXT`, whose value is true or false, and `value:TEXT`, a
 * text. An attribute that it has no function for is a slot which the host fills.
 */
export interface ExpressionLowering {
  /** The same answer for the same attribute at each call. */
  of(attribute: string, point: Point): LoweredExpression | undefined;
}

export interface LoweredExpression {
  /** What it reads of the record, beside what others read. */
  readonly slots: readonly SlotName[];
  /**
   * Adds the function, which takes the record's address. Of a condition the result is an i32: 0 false, 1 true, 2 unknown,
   * which an error of the expression is as well. Of a text it is an i64: the address, and the length in bytes in the high
   * word; -1 is unknown. What it says must not change the module's memory below the address, its own scratch left out.
   */
  emit(module: ModuleBuilder, layout: RecordLayout): FunctionHandle;
}
