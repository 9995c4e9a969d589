import type { CompareOperator, Range } from './predicate.ts';

/** The largest value of an argument. */
export const largest = 0xffff_ffff_ffff_ffffn;

/** The values that a comparison with a constant accepts, as sorted ranges. */
export function accepted(operator: CompareOperator, value: bigint): readonly Range[] {
  switch (operator) {
    case '==':
      return between(value, value);
    case '!=':
      return [...between(0n, value - 1n), ...between(value + 1n, largest)];
    case '<':
      return between(0n, value - 1n);
    case '<=':
      return between(0n, value);
    case '>':
      return between(value + 1n, largest);
    case '>=':
      return between(value, largest);
    default: {
      const unreachable: never = operator;
      return unreachable;
    }
  }
}

function between(low: bigint, high: bigint): readonly Range[] {
  return low <= high ? [{ low, high }] : [];
}

/** Sorted, disjoint and not adjacent: the form of `in-ranges`. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  const result: { low: bigint; high: bigint }[] = [];
  for (const { low, high } of [...ranges].sort((left, right) => (left.low < right.low ? -1 : 1))) {
    const last = result.at(-1);
    if (last !== undefined && low <= last.high + 1n) {
      if (high > last.high) last.high = high;
    } else {
      result.push({ low, high });
    }
  }
  return result;
}

/** Whether `argument & mask` is within the ranges for every argument, for none, or for some of them only. */
export function holds(mask: bigint, ranges: readonly Range[]): 'always' | 'never' | 'sometimes' {
  const inside = merged(ranges);
  if (!meets(mask, inside)) return 'never';
  return meets(mask, outside(inside)) ? 'sometimes' : 'always';
}

function outside(ranges: readonly Range[]): readonly Range[] {
  const gaps: Range[] = [];
  let low = 0n;
  for (const range of ranges) {
    gaps.push(...between(low, range.low - 1n));
    low = range.high + 1n;
  }
  gaps.push(...between(low, largest));
  return gaps;
}

function meets(mask: bigint, ranges: readonly Range[]): boolean {
  return ranges.some(({ low, high }) => {
    const least = leastSubset(mask, low);
    return least !== undefined && least <= high;
  });
}

/** The least value of `mask`'s bits that is at least `low`. */
function leastSubset(mask: bigint, low: bigint): bigint | undefined {
  const foreign = low & ~mask;
  if (foreign === 0n) return low;
  // A bit of `low` cannot be had, so a higher one that `low` has not must be; below it nothing is needed.
  const highest = BigInt(foreign.toString(2).length - 1);
  for (let bit = highest + 1n; bit < 64n; bit += 1n) {
    const one = 1n << bit;
    if ((mask & one) !== 0n && (low & one) === 0n) return ((low >> bit) << bit) | one;
  }
  return undefined;
}
