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

/** The longest run of single values that is tested one by one at the end of a path. */
const longestChain = 10;

/**
 * The cheapest tree of comparisons over the ranges: `>=` between two ranges, `==` for single values inside a range.
 * The cost is the mean number of tests, by weight, plus `sizePrice` for each test.
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

class TreeSearch {
  readonly #graph: CodeGraph;
  readonly #ranges: Ranges;
  readonly #total: number;
  /** Sum of the weights of the ranges before each. */
  readonly #before: Float64Array;
  /** The last range, from each on, that leads to the same target. */
  readonly #sameUntil: Int32Array;
  /** By `first * size + last` of a stretch: its cost and how its tree begins. */
  #size = 0;
  #offset = 0;
  #cost = new Float64Array(0);
  #choice = new Int16Array(0);

  constructor(graph: CodeGraph, ranges: Ranges) {
    this.#graph = graph;
    this.#ranges = ranges;
    const count = ranges.starts.length;
    this.#before = new Float64Array(count + 1);
    for (let at = 0; at < count; at += 1) this.#before[at + 1] = this.#before[at]! + ranges.weights[at]!;
    this.#total = this.#before[count]! || 1;
    this.#sameUntil = new Int32Array(count);
    for (let at = count - 1; at >= 0; at -= 1) {
      const same = at + 1 < count && ranges.targets[at] === ranges.targets[at + 1];
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

  #weight(first: number, last: number): number {
    return (this.#before[last + 1]! - this.#before[first]!) / this.#total;
  }

  #search(first: number, last: number): void {
    const size = last - first + 1;
    this.#size = size;
    this.#offset = first;
    this.#cost = new Float64Array(size * size);
    this.#choice = new Int16Array(size * size);
    for (let length = 1; length <= size; length += 1) {
      for (let from = 0; from + length <= size; from += 1) this.#searchStretch(from, from + length - 1);
    }
  }

  /** Positions are counted from the searched stretch's first range. */
  #searchStretch(from: number, to: number): void {
    const index = from * this.#size + to;
    if (this.#sameUntil[this.#offset + from]! >= this.#offset + to) {
      this.#choice[index] = leaf;
      return;
    }
    const cost = this.#cost;
    const size = this.#size;
    let best = Number.POSITIVE_INFINITY;
    let choice = leaf;
    for (let at = from + 1; at <= to; at += 1) {
      const both = cost[from * size + at - 1]! + cost[at * size + to]!;
      if (both < best) {
        best = both;
        choice = at;
      }
    }
    best += this.#weight(this.#offset + from, this.#offset + to) + sizePrice;
    if (to - from <= 2 * longestChain) {
      const chained = this.#chainCost(this.#offset + from, this.#offset + to);
      if (chained < best) {
        best = chained;
        choice = chain;
      }
    }
    cost[index] = best;
    this.#choice[index] = choice;
  }

  #isSingle(range: number): boolean {
    const { starts, highest } = this.#ranges;
    const next = range + 1 < starts.length ? starts[range + 1]! : highest + 1;
    return next - starts[range]! === 1;
  }

  /** The target of all ranges that are not single values, where they have only one; undefined where no chain fits. */
  #chainRest(first: number, last: number): CodeNode | undefined {
    const { targets } = this.#ranges;
    let rest: CodeNode | undefined;
    for (let range = first; range <= last; range += 1) {
      if (this.#isSingle(range)) continue;
      if (rest !== undefined && rest !== targets[range]) return undefined;
      rest = targets[range];
    }
    if (rest !== undefined) return rest;
    // All are single values: the rest is what weighs most.
    const weightOf = new Map<CodeNode, number>();
    let heaviest = targets[first]!;
    for (let range = first; range <= last; range += 1) {
      const target = targets[range]!;
      weightOf.set(target, (weightOf.get(target) ?? 0) + this.#weight(range, range) + sizePrice);
      if (weightOf.get(target)! > weightOf.get(heaviest)!) heaviest = target;
    }
    return heaviest;
  }

  /** The single values that a chain tests, in its order. */
  #chainMembers(first: number, last: number, rest: CodeNode): number[] {
    const members: number[] = [];
    for (let range = first; range <= last; range += 1) if (this.#ranges.targets[range] !== rest) members.push(range);
    const { weights } = this.#ranges;
    return members.sort((left, right) => weights[right]! - weights[left]! || left - right);
  }

  #chainCost(first: number, last: number): number {
    const rest = this.#chainRest(first, last);
    if (rest === undefined) return Number.POSITIVE_INFINITY;
    const members = this.#chainMembers(first, last, rest);
    if (members.length > longestChain) return Number.POSITIVE_INFINITY;
    let remaining = this.#weight(first, last);
    let cost = 0;
    for (const member of members) {
      cost += remaining + sizePrice;
      remaining -= this.#weight(member, member);
    }
    return cost;
  }

  #assemble(first: number, last: number): CodeNode {
    const choice = this.#choice[(first - this.#offset) * this.#size + last - this.#offset]!;
    if (choice === leaf) return this.#ranges.targets[first]!;
    if (choice === chain) {
      const rest = this.#chainRest(first, last)!;
      let node = rest;
      for (const member of this.#chainMembers(first, last, rest).reverse()) {
        node = this.#graph.jump(opcode.jumpEqual, this.#ranges.starts[member]!, this.#ranges.targets[member]!, node);
      }
      return node;
    }
    const at = choice + this.#offset;
    return this.#split(at, this.#assemble(first, at - 1), this.#assemble(at, last));
  }
}
