import { caseGroups, type Ranges } from '../../tables/unicode-classes.ts';

export const lastCodePoint = 0x10ffff;

/** Every code point. */
export const anyCodePoint: Ranges = [0, lastCodePoint];

/** Ranges in any order, joined where they touch. */
export function joined(ranges: Ranges): Ranges {
  const pairs: (readonly [number, number])[] = [];
  for (let index = 0; index < ranges.length; index += 2) pairs.push([ranges[index]!, ranges[index + 1]!]);
  pairs.sort(([left], [right]) => left - right);
  const result: number[] = [];
  for (const [first, last] of pairs) {
    const end = result.length - 1;
    if (end > 0 && first <= result[end]! + 1) result[end] = Math.max(result[end]!, last);
    else result.push(first, last);
  }
  return result;
}

export function complement(ranges: Ranges): Ranges {
  const result: number[] = [];
  let next = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    if (next < ranges[index]!) result.push(next, ranges[index]! - 1);
    next = ranges[index + 1]! + 1;
  }
  if (next <= lastCodePoint) result.push(next, lastCodePoint);
  return result;
}

/** With all code points that differ from one of them only in case, as simple case folding has it. */
export function folded(ranges: Ranges): Ranges {
  const result = [...ranges];
  for (const [point, group] of caseGroups()) {
    if (includes(ranges, point)) for (const each of group) result.push(each, each);
  }
  return joined(result);
}

function includes(ranges: Ranges, point: number): boolean {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (point > ranges[2 * middle + 1]!) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length / 2 && point >= ranges[2 * low]!;
}
