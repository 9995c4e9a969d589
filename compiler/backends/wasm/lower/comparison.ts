import type { CompareOperator, Range, Term } from '../../../expressions/predicate.ts';
import type { PlainOperation } from '../binary/operations.ts';
import { type SlotType, typeOf } from '../layout.ts';
import { equalTexts, orderTexts } from '../library/texts.ts';
import { decideBy, goTo, type Outcome } from './jumps.ts';
import { nameOf, type Operands } from './operands.ts';
import { testMembership } from './texts.ts';

const flipped: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

type Comparisons = Readonly<Record<CompareOperator, PlainOperation>>;

const integers: Comparisons = {
  '==': 'i64.eq',
  '!=': 'i64.ne',
  '<': 'i64.lt_u',
  '<=': 'i64.le_u',
  '>': 'i64.gt_u',
  '>=': 'i64.ge_u',
};

const numbers: Comparisons = {
  '==': 'f64.eq',
  '!=': 'f64.ne',
  '<': 'f64.lt',
  '<=': 'f64.le',
  '>': 'f64.gt',
  '>=': 'f64.ge',
};

const signs: Comparisons = {
  '==': 'i32.eq',
  '!=': 'i32.ne',
  '<': 'i32.lt_s',
  '<=': 'i32.le_s',
  '>': 'i32.gt_s',
  '>=': 'i32.ge_s',
};

/** Two terms, of which one at least is no constant, compared as what they are. */
export function testComparison(
  left: Term,
  operator: CompareOperator,
  right: Term,
  operands: Operands,
  outcome: Outcome,
): void {
  const { code, context } = operands;
  if (left.kind === 'literal' && right.kind !== 'literal') {
    testComparison(right, flipped[operator], left, operands, outcome);
    return;
  }
  const type = typeOf(left, context.point, right);
  if (type !== 'text') {
    pushScalar(left, type, operands);
    pushScalar(right, type, operands);
    code.op((type === 'integer' ? integers : type === 'number' ? numbers : signs)[operator]);
    decideBy(code, outcome);
    return;
  }
  const constant = right.kind === 'literal' ? String(right.value) : undefined;
  if (constant !== undefined && (operator === '==' || operator === '!=')) {
    if (operator === '==') testMembership(operands, nameOf(left), [constant], outcome);
    else testMembership(operands, nameOf(left), [constant], negated(outcome));
    return;
  }
  pushText(left, operands);
  pushText(right, operands);
  if (operator === '==' || operator === '!=') {
    code.call(equalTexts(context.module).index);
    if (operator === '!=') code.op('i32.eqz');
  } else {
    code.call(orderTexts(context.module).index);
    code.i32(0);
    code.op(signs[operator]);
  }
  decideBy(code, outcome);
}

function negated({ whenTrue, whenFalse, next }: Outcome): Outcome {
  return {
    whenTrue: whenFalse,
    whenFalse: whenTrue,
    next: next === undefined ? undefined : next === 'true' ? 'false' : 'true',
  };
}

function pushText(term: Term, operands: Operands): void {
  const { code, context } = operands;
  if (term.kind === 'literal') {
    const { address, length } = context.module.data.text(String(term.value));
    code.i32(address);
    code.i32(length);
    return;
  }
  operands.pushAddress(nameOf(term));
  operands.pushLength(nameOf(term));
}

function pushScalar(term: Term, type: SlotType, operands: Operands): void {
  const { code } = operands;
  switch (term.kind) {
    case 'literal':
      if (typeof term.value === 'bigint') code.i64(term.value);
      else if (typeof term.value === 'number') code.f64(term.value);
      else code.i32(term.value === true ? 1 : 0);
      return;
    case 'mask':
      pushScalar(term.term, 'integer', operands);
      code.i64(term.mask);
      code.op('i64.and');
      return;
    case 'attribute':
    case 'parameter':
      operands.push(nameOf(term), type === 'integer' || type === 'number' ? type : 'boolean');
      return;
    default:
      term satisfies never;
  }
}

/** Bisects the ranges, so that of many few are compared. */
export function testRanges(term: Term, ranges: readonly Range[], operands: Operands, outcome: Outcome): void {
  const { code } = operands;
  if (ranges.length === 0) {
    goTo(code, outcome, false);
    return;
  }
  const value = code.local('i64');
  pushScalar(term, 'integer', operands);
  code.set(value);
  const search = (from: number, to: number): void => {
    const isLast = to === ranges.length;
    if (to - from === 1) {
      const { low, high } = ranges[from]!;
      code.get(value);
      if (low !== 0n) {
        code.i64(low);
        code.op('i64.sub');
      }
      code.i64(high - low);
      code.op('i64.le_u');
      if (isLast) decideBy(code, outcome);
      else {
        code.branchIf(outcome.whenTrue);
        code.branch(outcome.whenFalse);
      }
      return;
    }
    const middle = (from + to) >> 1;
    const upper = code.block();
    code.get(value);
    code.i64(ranges[middle]!.low);
    code.op('i64.ge_u');
    code.branchIf(upper);
    search(from, middle);
    code.end();
    search(middle, to);
  };
  search(0, ranges.length);
}
