import type { Range } from './predicate.ts';

/**
 * A set of values of one term: what a term may be for a predicate to hold. Sets of strings are finite or the complement
 * of a finite set; sets of integers are canonical ranges; a truth set says which of false (bit 0) and true (bit 1) it holds.
 */
export type Domain =
  | { readonly kind: 'strings'; readonly values: readonly string[]; readonly complement: boolean }
  /** `mask` is what the term was masked with; only its submasks are values, and a range ends on them. */
  | { readonly kind: 'integers'; readonly mask: bigint; readonly ranges: readonly Range[] }
  | { readonly kind: 'truth'; readonly bits: 0 | 1 | 2 | 3 };

export const LARGEST_INTEGER = 0xffff_ffff_ffff_ffffn;

export function strings(values: readonly string[], complement = false): Domain {
  return { kind: 'strings', values, complement };
}

/** The submasks of `mask` that lie in the ranges, which may be in any order and overlap. */
export function integers(ranges: readonly Range[], mask: bigint = LARGEST_INTEGER): Domain {
  return { kind: 'integers', mask, ranges: canonicalRanges(ranges, mask) };
}

export function truth(holds: boolean): Domain {
  return { kind: 'truth', bits: holds ? 2 : 1 };
}

export function isEmpty(domain: Domain): boolean {
  switch (domain.kind) {
    case 'strings':
      return !domain.complement && domain.values.length === 0;
    case 'integers':
      return domain.ranges.length === 0;
    case 'truth':
      return domain.bits === 0;
    default: {
      const unreachable: never = domain;
      return unreachable;
    }
  }
}

export function isFull(domain: Domain): boolean {
  switch (domain.kind) {
    case 'strings':
      return domain.complement && domain.values.length === 0;
    case 'integers':
      return domain.ranges.length === 1 && domain.ranges[0]!.low === 0n && domain.ranges[0]!.high === domain.mask;
    case 'truth':
      return domain.bits === 3;
    default: {
      const unreachable: never = domain;
      return unreachable;
    }
  }
}

export function complementOf(domain: Domain): Domain {
  switch (domain.kind) {
    case 'strings':
      return strings(domain.values, !domain.complement);
    case 'integers':
      return { kind: 'integers', mask: domain.mask, ranges: complementRanges(domain.ranges, domain.mask) };
    case 'truth':
      return { kind: 'truth', bits: (3 - domain.bits) as 0 | 1 | 2 | 3 };
    default: {
      const unreachable: never = domain;
      return unreachable;
    }
  }
}

/** INVARIANT: both are sets of the same term, so of the same kind and mask. */
export function intersection(left: Domain, right: Domain): Domain {
  if (left.kind === 'strings' && right.kind === 'strings') {
    if (left.complement && right.complement) return strings(unionOf(left.values, right.values), true);
    if (left.complement) return strings(without(right.values, left.values));
    if (right.complement) return strings(without(left.values, right.values));
    return strings(common(left.values, right.values));
  }
  if (left.kind === 'integers' && right.kind === 'integers') {
    return { kind: 'integers', mask: left.mask, ranges: commonRanges(left.ranges, right.ranges) };
  }
  if (left.kind === 'truth' && right.kind === 'truth') {
    return { kind: 'truth', bits: (left.bits & right.bits) as 0 | 1 | 2 | 3 };
  }
  return left;
}

/** INVARIANT: both are sets of the same term. */
export function union(left: Domain, right: Domain): Domain {
  if (left.kind === 'strings' && right.kind === 'strings' && !left.complement && !right.complement) {
    return strings(unionOf(left.values, right.values));
  }
  if (left.kind === 'integers' && right.kind === 'integers') {
    return integers([...left.ranges, ...right.ranges], left.mask);
  }
  return complementOf(intersection(complementOf(left), complementOf(right)));
}

/** The union of many sets of one term, in time that grows with the sum of their sizes. */
export function unionOfAll(domains: readonly Domain[]): Domain {
  const first = domains[0]!;
  if (domains.length > 2) {
    const finite = domains.filter((domain) => domain.kind === 'strings' && !domain.complement);
    if (finite.length === domains.length) {
      const all = new Set<string>();
      for (const domain of finite) if (domain.kind === 'strings') for (const value of domain.values) all.add(value);
      return strings([...all].sort());
    }
    if (first.kind === 'integers') {
      const ranges = domains.flatMap((domain) => (domain.kind === 'integers' ? domain.ranges : []));
      return integers(ranges, first.mask);
    }
  }
  return domains.reduce(union);
}

export function isSubset(inner: Domain, outer: Domain): boolean {
  if (inner === outer) return true;
  if (inner.kind === 'strings' && outer.kind === 'strings' && !inner.complement && !outer.complement) {
    return inner.values.length <= outer.values.length && isSubsequence(inner.values, outer.values);
  }
  return isEmpty(intersection(inner, complementOf(outer)));
}

/** Where `value` is, or would be, in the sorted list, from `from` on. */
function position(values: readonly string[], value: string, from: number): number {
  let low = from;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSubsequence(inner: readonly string[], outer: readonly string[]): boolean {
  let at = 0;
  for (const value of inner) {
    at = position(outer, value, at);
    if (outer[at] !== value) return false;
    at += 1;
  }
  return true;
}

function common(left: readonly string[], right: readonly string[]): readonly string[] {
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  const found = few.filter(membership(many));
  return found.length === few.length ? few : found;
}

function without(values: readonly string[], removed: readonly string[]): readonly string[] {
  if (removed.length === 0) return values;
  const isRemoved = membership(removed);
  return values.filter((value) => !isRemoved(value));
}

/** To be asked in ascending order only. */
function membership(values: readonly string[]): (value: string) => boolean {
  let at = 0;
  return (value) => {
    at = position(values, value, at);
    return values[at] === value;
  };
}

function unionOf(left: readonly string[], right: readonly string[]): readonly string[] {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const result: string[] = [];
  let at = 0;
  for (const value of left) {
    while (at < right.length && right[at]! < value) result.push(right[at++]!);
    if (right[at] === value) at += 1;
    result.push(value);
  }
  while (at < right.length) result.push(right[at++]!);
  return result;
}

/** Sorted, disjoint, apart, and ending on submasks of `mask`. */
export function canonicalRanges(ranges: readonly Range[], mask: bigint): readonly Range[] {
  const clipped: Range[] = [];
  for (const range of ranges) {
    if (range.high < 0n || range.low > range.high) continue;
    const low = firstWithBits(range.low < 0n ? 0n : range.low, ~mask & LARGEST_INTEGER, 0n);
    if (low === undefined || low > mask || low > range.high) continue;
    clipped.push({ low, high: range.high >= mask ? mask : lastSubmask(range.high, mask) });
  }
  if (clipped.length < 2) return clipped;
  clipped.sort((left, right) => (left.low < right.low ? -1 : left.low > right.low ? 1 : 0));
  const result: Range[] = [clipped[0]!];
  for (let index = 1; index < clipped.length; index += 1) {
    const range = clipped[index]!;
    const last = result[result.length - 1]!;
    if (range.low <= last.high || (last.high < mask && range.low === successor(last.high, mask))) {
      if (range.high > last.high) result[result.length - 1] = { low: last.low, high: range.high };
    } else result.push(range);
  }
  return result;
}

/** The submasks of `mask` outside the canonical ranges. */
export function complementRanges(ranges: readonly Range[], mask: bigint): readonly Range[] {
  const result: Range[] = [];
  let from: bigint | undefined = 0n;
  for (const { low, high } of ranges) {
    if (from !== undefined && low > from) result.push({ low: from, high: (low - 1n) & mask });
    from = high === mask ? undefined : successor(high, mask);
  }
  if (from !== undefined) result.push({ low: from, high: mask });
  return result;
}

function commonRanges(left: readonly Range[], right: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  let other = 0;
  for (const range of left) {
    while (other < right.length && right[other]!.high < range.low) other += 1;
    for (let at = other; at < right.length && right[at]!.low <= range.high; at += 1) {
      let { low, high } = right[at]!;
      if (range.low > low) low = range.low;
      if (range.high < high) high = range.high;
      result.push({ low, high });
    }
  }
  return result;
}

/** The next larger submask; `value` is a submask below `mask`. */
function successor(value: bigint, mask: bigint): bigint {
  return mask === LARGEST_INTEGER ? value + 1n : ((value | (~mask & LARGEST_INTEGER)) + 1n) & mask;
}

function lastSubmask(value: bigint, mask: bigint): bigint {
  const foreign = value & ~mask;
  if (foreign === 0n) return value;
  // Below the highest bit that the mask lacks, every bit of the mask may be set.
  const below = (1n << BigInt(foreign.toString(2).length - 1)) - 1n;
  return (value & ~below & mask) | (mask & below);
}

/**
 * The smallest 64-bit integer from `low` on whose bits under `fixed` are those of `bits`; undefined where there is none.
 */
export function firstWithBits(low: bigint, fixed: bigint, bits: bigint): bigint | undefined {
  const wrong = (low ^ bits) & fixed;
  if (wrong === 0n) return low;
  const bit = 1n << BigInt(wrong.toString(2).length - 1);
  const through = (bit << 1n) - 1n;
  // The highest wrong bit has to become 1: what lies below it is then free to be smallest.
  if ((bits & bit) !== 0n) return (low & ~through) | (bits & fixed & through);
  // It has to become 0: a free bit above it must be raised from 0 to 1, the lowest such one.
  const raisable = ~low & ~fixed & ~through & LARGEST_INTEGER;
  if (raisable === 0n) return undefined;
  const raised = raisable & -raisable;
  const beneath = raised - 1n;
  return (low & ~(beneath | raised)) | raised | (bits & fixed & beneath);
}
