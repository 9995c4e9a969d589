import type { ComparisonOperator, TextRange } from '../../grammars/conditions/tree.ts';
import { report } from '../diagnostics/report.ts';
import { accepted, holds, merged } from '../expressions/possible-values.ts';
import {
  always,
  attribute,
  compare,
  literal,
  never,
  type Predicate,
  type Range,
  type Term,
} from '../expressions/predicate.ts';
import { type Context, type FieldOperand, sourceOf } from './operand.ts';

/** `field operator value`; undefined where the number does not fit, which is then reported. */
export function comparedNumber(
  operand: FieldOperand,
  operator: ComparisonOperator,
  value: bigint,
  range: TextRange,
  context: Context,
): Predicate | undefined {
  const ordered = operator !== '==' && operator !== '!=';
  if (!fits(operand, value, ordered, range, context)) return undefined;
  if (isSigned(operand) && ordered) {
    const ranges = signedRanges(operand, lowest(operand, operator, value), highest(operand, operator, value));
    return decided(operand, ranges, range, context) ?? inRanges(operand, ranges);
  }
  const unsigned = BigInt.asUintN(widthOf(operand), value);
  const known = decided(operand, accepted(operator, unsigned), range, context);
  return known ?? compare(termOf(operand), operator, literal(unsigned));
}

/** `field in [low..high, ...]`. */
export function memberNumbers(
  operand: FieldOperand,
  items: readonly { readonly low: bigint; readonly high: bigint; readonly range: TextRange }[],
  range: TextRange,
  context: Context,
): Predicate | undefined {
  const ranges: Range[] = [];
  let whole = true;
  for (const { low, high, range: place } of items) {
    if (low > high) {
      context.diagnostics.push(
        report('POL4009', context.spanOf(place), { low: low.toString(), high: high.toString() }),
      );
      whole = false;
    } else if (
      !fits(operand, low, low !== high, place, context) ||
      !fits(operand, high, low !== high, place, context)
    ) {
      whole = false;
    } else if (isSigned(operand)) ranges.push(...signedRanges(operand, low, high));
    else ranges.push({ low, high });
  }
  if (!whole) return undefined;
  return decided(operand, merged(ranges), range, context) ?? inRanges(operand, merged(ranges));
}

function inRanges(operand: FieldOperand, ranges: readonly Range[]): Predicate {
  const [only] = ranges;
  if (ranges.length === 1 && only!.low === only!.high) return compare(termOf(operand), '==', literal(only!.low));
  return { kind: 'in-ranges', term: termOf(operand), ranges };
}

/** What is known without asking, which is reported: no rule means to ask it. */
function decided(
  operand: FieldOperand,
  ranges: readonly Range[],
  range: TextRange,
  context: Context,
): Predicate | undefined {
  const all = (1n << BigInt(widthOf(operand))) - 1n;
  const answer = holds(operand.mask === undefined ? all : operand.mask & all, ranges);
  if (answer === 'sometimes') return undefined;
  const text = sourceOf(range, context);
  context.diagnostics.push(report(answer === 'never' ? 'POL4020' : 'POL4021', context.spanOf(range), { text }));
  return answer === 'never' ? never : always;
}

/**
 * A number that no value of the field can be is a mistake, not a condition that never holds. Of a signed field its bit
 * pattern can be meant as well, except where numbers are ordered.
 */
function fits(operand: FieldOperand, value: bigint, ordered: boolean, range: TextRange, context: Context): boolean {
  const bits = BigInt(widthOf(operand));
  const signed = isSigned(operand);
  const least = signed ? -(1n << (bits - 1n)) : 0n;
  const most = signed && ordered ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  if (value >= least && value <= most) return true;
  context.diagnostics.push(
    report('POL4164', context.spanOf(range), {
      number: value.toString(),
      field: operand.field.name,
      least: least.toString(),
      most: most.toString(),
    }),
  );
  return false;
}

/** The unsigned numbers that are the signed ones from `low` to `high`. */
function signedRanges(operand: FieldOperand, low: bigint, high: bigint): readonly Range[] {
  const all = 1n << BigInt(widthOf(operand));
  const half = all / 2n;
  // A bit pattern that was written as such is above every signed number.
  if (low >= half) return [{ low, high }];
  const ranges: Range[] = [];
  if (high >= 0n && low <= high) ranges.push({ low: low > 0n ? low : 0n, high });
  if (low < 0n && low <= high) ranges.push({ low: all + low, high: all + (high < 0n ? high : -1n) });
  return merged(ranges);
}

function lowest(operand: FieldOperand, operator: ComparisonOperator, value: bigint): bigint {
  if (operator === '>') return value + 1n;
  return operator === '>=' ? value : -(1n << BigInt(widthOf(operand) - 1));
}

function highest(operand: FieldOperand, operator: ComparisonOperator, value: bigint): bigint {
  if (operator === '<') return value - 1n;
  return operator === '<=' ? value : (1n << BigInt(widthOf(operand) - 1)) - 1n;
}

/** Under a mask a number is a set of bits. */
function isSigned({ field, mask }: FieldOperand): boolean {
  return field.signed === true && mask === undefined;
}

function widthOf({ field }: FieldOperand): number {
  return field.bits ?? 64;
}

function termOf(operand: FieldOperand): Term {
  const term = attribute(operand.attribute);
  if (operand.mask === undefined) return term;
  return { kind: 'mask', term, mask: BigInt.asUintN(widthOf(operand), operand.mask) };
}
