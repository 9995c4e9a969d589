import { type Cube, longAt } from './cube.ts';
import type { OciArgument } from './format.ts';

const allBits = (1n << 64n) - 1n;

/**
 * The argument lists that together say a union of disjoint cubes: one list a rule.
 *
 * Only EQ and MASKED_EQ are used, on disjoint sets: libseccomp 2.5.4 builds wrong programs for some rules that mix
 * the ordering operators in one call (found by random differential tests), and none for these two. The exception,
 * `alone`, is a call with one comparison and nothing else.
 */
export function argumentLists(cubes: readonly Cube[], alone: boolean): readonly (readonly OciArgument[])[] {
  const single = alone ? singleComparison(cubes) : undefined;
  if (single !== undefined) return [[single]];
  return cubes.map((cube) => {
    const list: OciArgument[] = [];
    for (let index = 0; index < 6; index += 1) {
      const high = cube[4 * index]!;
      const low = cube[4 * index + 1]!;
      if ((high | low) === 0) continue;
      const value = longAt(cube, 4 * index + 2);
      if ((high & low) === -1) list.push({ index, value, op: 'SCMP_CMP_EQ' });
      else list.push({ index, value: longAt(cube, 4 * index), valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' });
    }
    return list;
  });
}

/** The cubes as `argument <= n`, `>= n` or `!= n`, undefined where they are none of these. */
function singleComparison(cubes: readonly Cube[]): OciArgument | undefined {
  const index = cubes.length === 0 ? -1 : cubes[0]!.findIndex((word) => word !== 0) >> 2;
  if (index < 0) return undefined;
  const ranges: { low: bigint; high: bigint }[] = [];
  for (const cube of cubes) {
    if (cube.some((word, at) => word !== 0 && at >> 2 !== index)) return undefined;
    const free = allBits ^ longAt(cube, 4 * index);
    if ((free & (free + 1n)) !== 0n) return undefined; // the free bits are not the lowest ones: no range
    const low = longAt(cube, 4 * index + 2);
    ranges.push({ low, high: low | free });
  }
  ranges.sort((left, right) => (left.low < right.low ? -1 : 1));
  const merged: { low: bigint; high: bigint }[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && last.high + 1n === range.low) last.high = range.high;
    else merged.push({ ...range });
  }
  const [first, second] = merged as [{ low: bigint; high: bigint }, { low: bigint; high: bigint }?];
  if (merged.length === 2 && first.low === 0n && second!.high === allBits && first.high + 2n === second!.low) {
    return { index, value: first.high + 1n, op: 'SCMP_CMP_NE' };
  }
  if (merged.length !== 1 || first.low === first.high) return undefined;
  if (first.low === 0n) return { index, value: first.high, op: 'SCMP_CMP_LE' };
  if (first.high === allBits) return { index, value: first.low, op: 'SCMP_CMP_GE' };
  return undefined;
}
