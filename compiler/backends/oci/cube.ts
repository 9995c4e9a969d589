import type { CompareOperator, Range } from '../../expressions/predicate.ts';

/**
 * A set of argument vectors: argument `i` lies in it when `arguments[i] & mask[i] == value[i]`. A mask of 0 asks
 * nothing. This is what one libseccomp rule of SCMP_CMP_MASKED_EQ comparisons says, so a union of cubes is one rule each.
 */
export interface Cube {
  readonly mask: readonly bigint[];
  readonly value: readonly bigint[];
}

const none: readonly bigint[] = [0n, 0n, 0n, 0n, 0n, 0n];
const highBit = 1n << 63n;
const allBits = (1n << 64n) - 1n;

/** Every argument vector. */
export const everything: Cube = { mask: none, value: none };

/** The vectors in which `argument & mask == value`; `value` lies within `mask`. */
export function cubeOf(argument: number, mask: bigint, value: bigint): Cube {
  return { mask: none.with(argument, mask), value: none.with(argument, value) };
}

/** The common part, undefined where there is none. */
export function intersect(left: Cube, right: Cube): Cube | undefined {
  for (let at = 0; at < 6; at += 1) {
    if ((left.mask[at]! & right.mask[at]! & (left.value[at]! ^ right.value[at]!)) !== 0n) return undefined;
  }
  return {
    mask: left.mask.map((mask, at) => mask | right.mask[at]!),
    value: left.value.map((value, at) => value | right.value[at]!),
  };
}

/** `from` without `taken`, as disjoint cubes: bit by bit, those that agree so far and differ in this one. */
export function subtract(from: Cube, taken: Cube): readonly Cube[] {
  if (intersect(from, taken) === undefined) return [from];
  const pieces: Cube[] = [];
  let rest = from;
  for (let at = 0; at < 6; at += 1) {
    let open = taken.mask[at]! & ~from.mask[at]!;
    for (let bit = highBit; open !== 0n; bit >>= 1n) {
      if ((open & bit) === 0n) continue;
      open &= ~bit;
      pieces.push(withBit(rest, at, bit, (taken.value[at]! & bit) ^ bit));
      rest = withBit(rest, at, bit, taken.value[at]! & bit);
    }
  }
  return pieces;
}

function withBit(cube: Cube, at: number, bit: bigint, value: bigint): Cube {
  return {
    mask: cube.mask.with(at, cube.mask[at]! | bit),
    value: cube.value.with(at, cube.value[at]! | value),
  };
}

/** The vectors for which `(argument & mask) operator constant` holds, as disjoint cubes. */
export function comparisonCubes(argument: number, mask: bigint, operator: CompareOperator, constant: bigint) {
  const less: Cube[] = [];
  const greater: Cube[] = [];
  let prefixMask = 0n;
  let prefixValue = 0n;
  let canEqual = true;
  for (let bit = highBit; bit !== 0n && canEqual; bit >>= 1n) {
    const one = (constant & bit) !== 0n;
    if ((mask & bit) === 0n) {
      // The masked number has 0 here: with a 1 in the constant, whatever agreed so far is less.
      if (one) {
        less.push(cubeOf(argument, prefixMask, prefixValue));
        canEqual = false;
      }
      continue;
    }
    const other = cubeOf(argument, prefixMask | bit, one ? prefixValue : prefixValue | bit);
    (one ? less : greater).push(other);
    prefixMask |= bit;
    if (one) prefixValue |= bit;
  }
  const equal = canEqual ? [cubeOf(argument, prefixMask, prefixValue)] : [];
  switch (operator) {
    case '==':
      return equal;
    case '!=':
      return [...less, ...greater];
    case '<':
      return less;
    case '<=':
      return [...less, ...equal];
    case '>':
      return greater;
    case '>=':
      return [...equal, ...greater];
    default: {
      const unreachable: never = operator;
      return unreachable;
    }
  }
}

/** The vectors whose argument lies in the range: aligned blocks of powers of two, the fewest there are. */
export function rangeCubes(argument: number, { low, high }: Range): readonly Cube[] {
  const cubes: Cube[] = [];
  for (let at = low; at <= high; ) {
    let size = at === 0n ? 1n << 64n : at & -at;
    while (at + size - 1n > high) size >>= 1n;
    cubes.push(cubeOf(argument, allBits ^ (size - 1n), at));
    at += size;
  }
  return cubes;
}

/** Beyond this many cubes a condition is not expanded: the fragment would be larger than any filter. */
export const mostCubes = 512;

/** The parts of `left` that lie in `right`; undefined when there are too many. */
export function intersectAll(left: readonly Cube[], right: readonly Cube[]): readonly Cube[] | undefined {
  const common: Cube[] = [];
  for (const one of left) {
    for (const other of right) {
      const both = intersect(one, other);
      if (both !== undefined) common.push(both);
      if (common.length > mostCubes) return undefined;
    }
  }
  return common;
}

/** The parts of `from` that do not lie in `taken`; undefined when there are too many. */
export function subtractAll(from: readonly Cube[], taken: readonly Cube[]): readonly Cube[] | undefined {
  let rest = from;
  for (const cube of taken) {
    rest = rest.flatMap((piece) => subtract(piece, cube));
    if (rest.length > mostCubes) return undefined;
  }
  return rest;
}
