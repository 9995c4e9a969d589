import type { CodeGraph, CodeNode } from './code-graph.ts';
import { opcode } from './instruction.ts';

/** What a 32-bit value in the accumulator leads to: neighbouring ranges from 0 to `highest`. */
export interface Ranges {
  /** The least value of each range; the first is 0. */
  readonly starts: readonly number[];
  readonly targets: readonly CodeNode[];
  /** How often a value lies in each range. */
  readonly weights: readonly number[];
  /** The greatest value that occurs. */
  readonly highest: number;
}

/** What one instruction more is worth, as a part of one instruction executed by everyone. */
const sizePrice = 0.02;

/** Longer stretches are halved by weight first: the search below takes time and room that grow with their square. */
const searchedAtOnce = 160;

/** The most single values that are tested one by one at the end of a path. */
const longestChain = 6;

/** The most ranges that a test of one bit is tried on. */
const longestByBit = 8;

/**
 * The cheapest tree of comparisons over the ranges: `>=` between two ranges; at the end of a path `==` for single values
 * inside a range, or one bit that tells all ranges apart. The cost is the mean number of tests, by weight, plus
 * `sizePrice` for each test.
 *
 * It is the optimal alphabetic tree by dynamic programming over stretches of neighbouring ranges, with Knuth's bound on
 * where a stretch is split (Acta Informatica 1, 1971): the split lies between those of the stretches that are one
 * shorter. The bound is exact for the splits alone and a good guess beside the other tests.
 */
export function decisionTree(graph: CodeGraph, ranges: Ranges): CodeNode {
  return new TreeSearch(graph, ranges).build(0, ranges.starts.length - 1);
}

/** The ranges one after the other, as they would be written by hand: the form without optimisation. */
export function linearChain(graph: CodeGraph, ranges: Ranges): CodeNode {
  const { starts, targets, highest } = ranges;
  let node = targets[targets.length - 1]!;
  for (let at = starts.length - 2; at >= 0; at -= 1) {
    const start = starts[at]!;
    const next = starts[at + 1]!;
    node =
      next === start + 1 && start <= highest
        ? graph.jump(opcode.jumpEqual, start, targets[at]!, node)
        : graph.jump(opcode.jumpGreaterEqual, next, node, targets[at]!);
  }
  return node;
}

const leaf = -1;
const chain = -2;
/** A test of bit `b` is noted as `byBit - b`. */
const byBit = -3;

class TreeSearch {
  readonly #graph: CodeGraph;
  readonly #ranges: Ranges;
  readonly #count: number;
  /** Sum of the weights of the ranges before each, as a share of all. */
  readonly #before: Float64Array;
  readonly #weights: Float64Array;
  /** The last range, from each on, that leads to the same target. */
  readonly #sameUntil: Int32Array;
  readonly #isSingle: Uint8Array;
  /** The weights of a chain's members, largest first. */
  readonly #members = new Float64Array(longestChain);
  #size = 0;
  #offset = 0;
  /** By `from * size + to` of a stretch: its cost, how its tree begins, and its best split. */
  #cost = new Float64Array(0);
  #choice = new Int16Array(0);
  #root = new Int16Array(0);

  constructor(graph: CodeGraph, ranges: Ranges) {
    const { starts, targets, highest } = ranges;
    const count = starts.length;
    this.#graph = graph;
    this.#ranges = ranges;
    this.#count = count;
    let total = 0;
    for (let at = 0; at < count; at += 1) total += ranges.weights[at]!;
    this.#weights = new Float64Array(count);
    this.#before = new Float64Array(count + 1);
    this.#sameUntil = new Int32Array(count);
    this.#isSingle = new Uint8Array(count);
    for (let at = 0; at < count; at += 1) {
      this.#weights[at] = ranges.weights[at]! / (total || 1);
      this.#before[at + 1] = this.#before[at]! + this.#weights[at]!;
      const next = at + 1 < count ? starts[at + 1]! : highest + 1;
      if (next - starts[at]! === 1) this.#isSingle[at] = 1;
    }
    for (let at = count - 1; at >= 0; at -= 1) {
      const same = at + 1 < count && targets[at] === targets[at + 1];
      this.#sameUntil[at] = same ? this.#sameUntil[at + 1]! : at;
    }
  }

  build(first: number, last: number): CodeNode {
    if (this.#sameUntil[first]! >= last) return this.#ranges.targets[first]!;
    if (last - first + 1 > searchedAtOnce) {
      const middle = this.#middle(first, last);
      return this.#split(middle, this.build(first, middle - 1), this.build(middle, last));
    }
    this.#search(first, last);
    return this.#assemble(first, last);
  }

  /** The place at which the weights of both sides differ least, not too near an end. */
  #middle(first: number, last: number): number {
    const quarter = (last - first) >> 2;
    const wanted = (this.#before[first]! + this.#before[last + 1]!) / 2;
    let best = first + 2 * quarter;
    for (let at = first + quarter; at <= last - quarter; at += 1) {
      if (Math.abs(this.#before[at]! - wanted) < Math.abs(this.#before[best]! - wanted)) best = at;
    }
    return best;
  }

  #split(at: number, below: CodeNode, above: CodeNode): CodeNode {
    return this.#graph.jump(opcode.jumpGreaterEqual, this.#ranges.starts[at]!, above, below);
  }

  #search(first: number, last: number): void {
    const size = last - first + 1;
    this.#size = size;
    this.#offset = first;
    this.#cost = new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
    this.#choice = new Int16Array(size * size);
    this.#root = new Int16Array(size * size);
    // From the last range to the first, and from short to long: what a stretch is split into is known then, and lies
    // together in memory.
    for (let from = size - 1; from >= 0; from -= 1) {
      this.#tryChains(first + from, last);
      this.#tryBits(first + from, last);
      this.#trySplits(from);
    }
  }

  /** All stretches from `from` on. Positions are counted from the searched stretch's first range. */
  #trySplits(from: number): void {
    const size = this.#size;
    const offset = this.#offset;
    const cost = this.#cost;
    const choice = this.#choice;
    const root = this.#root;
    const before = this.#before;
    const row = from * size;
    const same = Math.min(this.#sameUntil[offset + from]! - offset, size - 1);
    for (let to = from; to <= same; to += 1) {
      cost[row + to] = 0;
      choice[row + to] = leaf;
    }
    for (let to = same + 1; to < size; to += 1) {
      const index = row + to;
      const high = root[index + size]! || to;
      let split = Math.max(root[index - 1]!, from + 1);
      let best = Number.POSITIVE_INFINITY;
      for (let at = split; at <= high; at += 1) {
        const both = cost[row + at - 1]! + cost[at * size + to]!;
        if (both < best) {
          best = both;
          split = at;
        }
      }
      root[index] = split;
      best += before[offset + to + 1]! - before[offset + from]! + sizePrice;
      if (best < cost[index]!) {
        cost[index] = best;
        choice[index] = split;
      }
    }
  }

  #offer(first: number, last: number, cost: number, choice: number): void {
    const index = (first - this.#offset) * this.#size + last - this.#offset;
    if (cost >= this.#cost[index]!) return;
    this.#cost[index] = cost;
    this.#choice[index] = choice;
  }

  /** Chains over every stretch from `first` on, for each of the two targets that may be the rest. */
  #tryChains(first: number, last: number): void {
    const { targets } = this.#ranges;
    const change = this.#sameUntil[first]! + 1;
    for (const rest of change <= last ? [targets[first]!, targets[change]!] : []) {
      const members = this.#members;
      let count = 0;
      for (let at = first; at <= last; at += 1) {
        if (targets[at] !== rest) {
          if (this.#isSingle[at] === 0 || count === longestChain) break;
          insert(members, count, this.#weights[at]!);
          count += 1;
        }
        if (at < change) continue;
        let remaining = this.#before[at + 1]! - this.#before[first]!;
        let cost = 0;
        for (let member = 0; member < count; member += 1) {
          cost += remaining + sizePrice;
          remaining -= members[member]!;
        }
        this.#offer(first, at, cost, chain);
      }
    }
  }

  /** One bit for stretches from `first` on whose ranges lead to two targets. */
  #tryBits(first: number, last: number): void {
    const { starts, targets, highest } = this.#ranges;
    const own = targets[first]!;
    const start = starts[first]!;
    let other = -1;
    let otherStart = 0;
    /** The bits that are not the same in all that leads to one target, or within one range. */
    let mixed = 0;
    const end = Math.min(last, first + longestByBit - 1);
    for (let at = first; at <= end; at += 1) {
      const target = targets[at]!;
      const from = starts[at]!;
      // Bits below the highest that changes within a range take both values in it.
      mixed |= fillDown(from ^ (at + 1 < this.#count ? starts[at + 1]! - 1 : highest));
      if (target === own) mixed |= from ^ start;
      else if (other === -1) {
        other = target;
        otherStart = from;
      } else if (target === other) mixed |= from ^ otherStart;
      else return;
      // Two ranges are told apart by `>=` as well, on any values.
      if (at < first + 2 || other === -1) continue;
      const telling = (start ^ otherStart) & ~mixed;
      if (telling === 0) continue;
      const bit = 31 - Math.clz32(telling & -telling);
      this.#offer(first, at, this.#before[at + 1]! - this.#before[first]! + sizePrice, byBit - bit);
    }
  }

  #assemble(first: number, last: number): CodeNode {
    const { starts, targets } = this.#ranges;
    const choice = this.#choice[(first - this.#offset) * this.#size + last - this.#offset]!;
    if (choice === leaf) return targets[first]!;
    if (choice === chain) return this.#assembleChain(first, last);
    if (choice <= byBit) {
      const bit = byBit - choice;
      const isSet = (at: number) => (starts[at]! >>> bit) & 1;
      let other = first;
      while (isSet(other) === isSet(first)) other += 1;
      const [set, clear] = isSet(first) ? [first, other] : [other, first];
      return this.#graph.jump(opcode.jumpSet, (1 << bit) >>> 0, targets[set]!, targets[clear]!);
    }
    const at = choice + this.#offset;
    return this.#split(at, this.#assemble(first, at - 1), this.#assemble(at, last));
  }

  #assembleChain(first: number, last: number): CodeNode {
    const { starts, targets } = this.#ranges;
    const rest = this.#restOfChain(first, last);
    const members: number[] = [];
    for (let at = first; at <= last; at += 1) if (targets[at] !== rest) members.push(at);
    members.sort((left, right) => this.#weights[left]! - this.#weights[right]! || right - left);
    let node = rest;
    for (const at of members) node = this.#graph.jump(opcode.jumpEqual, starts[at]!, targets[at]!, node);
    return node;
  }

  /** What the ranges of several values lead to, or else what saves most. */
  #restOfChain(first: number, last: number): CodeNode {
    const { targets } = this.#ranges;
    const own = targets[first]!;
    const change = targets[this.#sameUntil[first]! + 1]!;
    let ownWeight = 0;
    let changeWeight = 0;
    for (let at = first; at <= last; at += 1) {
      if (this.#isSingle[at] === 0) return targets[at]!;
      if (targets[at] === own) ownWeight += this.#weights[at]! + sizePrice;
      else if (targets[at] === change) changeWeight += this.#weights[at]! + sizePrice;
    }
    return changeWeight > ownWeight ? change : own;
  }
}

/** Puts a weight into its place among the first `count`, which descend. */
function insert(weights: Float64Array, count: number, weight: number): void {
  let at = count;
  while (at > 0 && weights[at - 1]! < weight) {
    weights[at] = weights[at - 1]!;
    at -= 1;
  }
  weights[at] = weight;
}

/** The bits up to the highest one that is set. */
function fillDown(bits: number): number {
  const zeros = Math.clz32(bits);
  return zeros === 32 ? 0 : 0xffff_ffff >>> zeros;
}
