import type { CompareOperator, Range } from '../../expressions/predicate.ts';

/**
 * A set of argument vectors: argument `i` lies in it when `arguments[i] & mask == value`. A mask of 0 asks nothing.
 * This is what one libseccomp rule of SCMP_CMP_MASKED_EQ comparisons says, so a union of cubes is one rule each.
 *
 * Four signed 32-bit words an argument, since bigint is several times slower: the high and the low word of the mask,
 * then those of the value, which lies within the mask.
 *
 * ```
 * 4 * i     4 * i + 1  4 * i + 2   4 * i + 3
 * mask hi   mask lo    value hi    value lo
 * ```
 */
export type Cube = readonly number[];

/** Every argument vector. */
export const everything: Cube = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** The vectors in which `argument & mask == value`, in signed words; `value` lies within `mask`. */
function cubeOf(argument: number, maskHigh: number, maskLow: number, valueHigh: number, valueLow: number): Cube {
  const cube = everything.slice();
  cube[4 * argument] = maskHigh;
  cube[4 * argument + 1] = maskLow;
  cube[4 * argument + 2] = valueHigh;
  cube[4 * argument + 3] = valueLow;
  return cube;
}

/** The mask or, two words later, the value of an argument as one unsigned number of 64 bits. */
export function longAt(cube: Cube, word: number): bigint {
  return (BigInt(cube[word]! >>> 0) << 32n) | BigInt(cube[word + 1]! >>> 0);
}

function highWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

function lowWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

function isDisjoint(left: Cube, right: Cube): boolean {
  for (let at = 0; at < 24; at += 4) {
    const high = left[at]! & right[at]! & (left[at + 2]! ^ right[at + 2]!);
    const low = left[at + 1]! & right[at + 1]! & (left[at + 3]! ^ right[at + 3]!);
    if ((high | low) !== 0) return true;
  }
  return false;
}

/** The common part, undefined where there is none. */
function intersect(left: Cube, right: Cube): Cube | undefined {
  if (left === everything) return right;
  if (right === everything) return left;
  if (isDisjoint(left, right)) return undefined;
  const common = left.slice();
  for (let at = 0; at < 24; at += 1) common[at]! |= right[at]!;
  return common;
}

/** Adds `from` without `taken`, as disjoint cubes: bit by bit, those that agree so far and differ in this one. */
function subtract(from: Cube, taken: Cube, pieces: Cube[]): void {
  if (isDisjoint(from, taken)) {
    pieces.push(from);
    return;
  }
  const rest = from.slice();
  for (let word = 0; word < 24; word += (word & 1) === 0 ? 1 : 3) {
    let open = taken[word]! & ~rest[word]!;
    while (open !== 0) {
      const bit = ((1 << 31) >>> Math.clz32(open)) | 0;
      open &= ~bit;
      const agreeing = taken[word + 2]! & bit;
      rest[word]! |= bit;
      const piece = rest.slice();
      piece[word + 2]! |= agreeing ^ bit;
      pieces.push(piece);
      rest[word + 2]! |= agreeing;
    }
  }
}

/** The vectors for which `(argument & mask) operator constant` holds, as disjoint cubes. */
export function comparisonCubes(
  argument: number,
  mask: bigint,
  operator: CompareOperator,
  constant: bigint,
): readonly Cube[] {
  const masks = [highWord(mask), lowWord(mask)] as const;
  const constants = [highWord(constant), lowWord(constant)] as const;
  const wantsLess = operator === '<' || operator === '<=' || operator === '!=';
  const wantsGreater = operator === '>' || operator === '>=' || operator === '!=';
  const cubes: Cube[] = [];
  const greater: Cube[] = [];
  const prefix = [0, 0, 0, 0];
  let canEqual = true;
  for (let at = 0; at < 64 && canEqual; at += 1) {
    const word = at >>> 5;
    const bit = ((1 << 31) >>> (at & 31)) | 0;
    const one = (constants[word]! & bit) !== 0;
    if ((masks[word]! & bit) === 0) {
      // The masked number has 0 here: with a 1 in the constant, whatever agreed so far is less.
      if (one) canEqual = false;
      if (one && wantsLess) cubes.push(cubeOf(argument, prefix[0]!, prefix[1]!, prefix[2]!, prefix[3]!));
      continue;
    }
    prefix[word]! |= bit;
    if (one ? wantsLess : wantsGreater) {
      if (!one) prefix[2 + word]! |= bit;
      (one ? cubes : greater).push(cubeOf(argument, prefix[0]!, prefix[1]!, prefix[2]!, prefix[3]!));
      if (!one) prefix[2 + word]! &= ~bit;
    }
    if (one) prefix[2 + word]! |= bit;
  }
  const wantsEqual = operator === '==' || operator === '<=' || operator === '>=';
  if (canEqual && wantsEqual) cubes.push(cubeOf(argument, prefix[0]!, prefix[1]!, prefix[2]!, prefix[3]!));
  cubes.push(...greater);
  return cubes;
}

/** The vectors whose argument lies in the range: aligned blocks of powers of two, the fewest there are. */
export function rangeCubes(argument: number, { low, high }: Range): readonly Cube[] {
  const cubes: Cube[] = [];
  for (let at = low; at <= high; ) {
    let size = at === 0n ? 1n << 64n : at & -at;
    while (at + size - 1n > high) size >>= 1n;
    const mask = -size;
    cubes.push(cubeOf(argument, highWord(mask), lowWord(mask), highWord(at), lowWord(at)));
    at += size;
  }
  return cubes;
}

/** Beyond this many cubes a condition is not expanded: the fragment would be larger than any filter. */
const mostCubes = 512;

/** The parts of `left` that lie in `right`; undefined when there are too many. */
export function intersectAll(left: readonly Cube[], right: readonly Cube[]): readonly Cube[] | undefined {
  if (isEverything(left)) return right.length > mostCubes ? undefined : right;
  if (isEverything(right)) return left.length > mostCubes ? undefined : left;
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
    const pieces: Cube[] = [];
    for (const piece of rest) subtract(piece, cube, pieces);
    if (pieces.length > mostCubes) return undefined;
    rest = pieces;
  }
  return rest;
}

export function isEverything(cubes: readonly Cube[]): boolean {
  return cubes.length === 1 && cubes[0] === everything;
}
