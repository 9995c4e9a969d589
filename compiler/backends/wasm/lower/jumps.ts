import type { Code, Label } from '../binary/code.ts';

/** Where a test goes on; at one of the three it falls through to what is written next. */
export interface Exits {
  readonly whenTrue: Label | undefined;
  readonly whenFalse: Label | undefined;
  readonly whenUnknown: Label | undefined;
}

/** The exits of a test of which it is known whether it holds: both have a label, and one may be what is written next. */
export interface Outcome {
  readonly whenTrue: Label;
  readonly whenFalse: Label;
  readonly next: 'true' | 'false' | undefined;
}

/** Goes on by the truth value on the stack. */
export function decideBy(code: Code, { whenTrue, whenFalse, next }: Outcome): void {
  if (next === 'true') {
    code.op('i32.eqz');
    code.branchIf(whenFalse);
    return;
  }
  code.branchIf(whenTrue);
  if (next !== 'false') code.branch(whenFalse);
}

export function goTo(code: Code, { whenTrue, whenFalse, next }: Outcome, value: boolean): void {
  if (next !== String(value)) code.branch(value ? whenTrue : whenFalse);
}
