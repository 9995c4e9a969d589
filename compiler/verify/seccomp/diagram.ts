import { type BitOrder, levelCount, slotCount } from './bit-order.ts';

/**
 * Reduced ordered decision diagrams over the 512 bits of seccomp_data, with one terminal for each return value.
 *
 * A diagram is canonical: two functions of the input are equal over all 2^512 inputs exactly when they are the same
 * node (Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986). That is the whole proof; nothing is
 * sampled and masks need no special case, since a masked bit is a bit that no node tests.
 *
 * The order of the bits (bit-order.ts) is that of most programs, which keeps the diagrams small.
 *
 * Work is bounded by `budget` steps. Once it is used up, `exhausted` is true for good and the nodes mean nothing: the
 * caller must look at it before it draws any conclusion.
 */
export class Diagrams {
  exhausted = false;
  private level = new Int32Array(8192);
  private low = new Int32Array(8192);
  private high = new Int32Array(8192);
  private buckets = new Int32Array(16384).fill(-1);
  private count = 0;
  private steps = 0;
  private readonly terminals = new Map<number, number>();
  readonly budget: number;
  private readonly order: BitOrder;

  constructor(budget: number, order: BitOrder) {
    this.budget = budget;
    this.order = order;
  }

  /** The function that is `value`, an unsigned 32-bit number, everywhere. */
  terminal(value: number): number {
    let node = this.terminals.get(value);
    if (node === undefined) {
      node = this.append(levelCount, value, value);
      this.terminals.set(value, node);
    }
    return node;
  }

  /** `whenSet` where the bit at `level` is set, `whenClear` elsewhere. Both must lie wholly below `level`. */
  make(level: number, whenClear: number, whenSet: number): number {
    if (whenClear === whenSet) return whenClear;
    if (this.count === this.level.length) this.grow();
    const mask = this.buckets.length - 1;
    let bucket = hash(level, whenClear, whenSet) & mask;
    for (let node = this.buckets[bucket]!; node >= 0; node = this.buckets[bucket]!) {
      if (this.level[node] === level && this.low[node] === whenClear && this.high[node] === whenSet) return node;
      bucket = (bucket + 1) & mask;
    }
    // A node out of order would make every later step wrong, and the proof with it: rather prove nothing.
    const inOrder = this.level[whenClear]! > level && this.level[whenSet]! > level;
    if (this.count >= mostNodes || !inOrder) {
      this.exhausted = true;
      return whenClear;
    }
    const node = this.append(level, whenClear, whenSet);
    this.buckets[bucket] = node;
    return node;
  }

  /**
   * `whenTrue` where the masked word at `slot` satisfies the comparison with `constant`, `whenFalse` elsewhere.
   * All numbers are unsigned 32-bit.
   */
  branch(test: Comparison, slot: number, mask: number, constant: number, whenTrue: number, whenFalse: number): number {
    return new Chain(this, test, slot, 32, mask, 0, constant, 0).build(whenTrue, whenFalse);
  }

  /** The same for the 64-bit number whose high word is at `slot` and whose low word is at the next. */
  branchLong(test: Comparison, slot: number, mask: Long, constant: Long, whenTrue: number, whenFalse: number): number {
    const chain = new Chain(this, test, slot, 64, mask.high, mask.low, constant.high, constant.low);
    return chain.build(whenTrue, whenFalse);
  }

  /** The level of a bit of a word, 0 the most significant. */
  levelAt(slot: number, bit: number): number {
    return this.order.first[slot]! + bit * this.order.stride[slot]!;
  }

  /** The level of a node's own bit. */
  levelOf(node: number): number {
    return this.level[node]!;
  }

  /** What the function is where the bit at `level` is clear; `level` must not lie below the node's own. */
  whenClear(node: number, level: number): number {
    return this.level[node] === level ? this.low[node]! : node;
  }

  whenSet(node: number, level: number): number {
    return this.level[node] === level ? this.high[node]! : node;
  }

  /** The function where the word at `slot` is `value`; no node may lie above the slot. */
  restrict(node: number, slot: number, value: number): number {
    let at = node;
    for (let bit = 0; bit < 32; bit += 1) {
      const level = this.levelAt(slot, bit);
      at = ((value >>> (31 - bit)) & 1) === 1 ? this.whenSet(at, level) : this.whenClear(at, level);
    }
    return at;
  }

  /** The value of a terminal. */
  valueOf(node: number): number {
    return this.low[node]! >>> 0;
  }

  /**
   * An input on which two unequal functions differ: its words by slot, with a zero for each bit that does not matter.
   * The greedy descent ends at two terminals because unequal nodes have unequal cofactors on one side at least.
   */
  difference(left: number, right: number): Uint32Array {
    const words = new Uint32Array(slotCount);
    let [one, other] = [left, right];
    while (this.level[one] !== levelCount || this.level[other] !== levelCount) {
      const level = Math.min(this.level[one]!, this.level[other]!);
      const clear = [this.whenClear(one, level), this.whenClear(other, level)] as const;
      if (clear[0] !== clear[1]) {
        [one, other] = clear;
      } else {
        [one, other] = [this.whenSet(one, level), this.whenSet(other, level)];
        words[this.order.slotAt[level]!]! |= 1 << (31 - this.order.bitAt[level]!);
      }
    }
    return words;
  }

  /** The value of the function on the input whose words, by slot, are given. */
  evaluate(node: number, words: Uint32Array): number {
    let at = node;
    for (let level = this.level[at]!; level !== levelCount; level = this.level[at]!) {
      const bit = (words[this.order.slotAt[level]!]! >>> (31 - this.order.bitAt[level]!)) & 1;
      at = bit === 0 ? this.low[at]! : this.high[at]!;
    }
    return this.valueOf(at);
  }

  /** How many cells of inputs the function tells apart: the edges to terminals in its diagram. */
  cells(node: number): number {
    if (this.level[node] === levelCount) return 1;
    const seen = new Uint8Array(this.count);
    const open = [node];
    seen[node] = 1;
    let found = 0;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of [this.low[at]!, this.high[at]!]) {
        if (this.level[next] === levelCount) found += 1;
        else if (seen[next] === 0) {
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    return found;
  }

  /** Counts one step of work; false once the budget is used up. */
  step(): boolean {
    this.steps += 1;
    if (this.steps > this.budget) this.exhausted = true;
    return !this.exhausted;
  }

  /** Allows as much work again; false where so little space is left, or what there is means so little, that it is of no use. */
  renew(): boolean {
    this.steps = 0;
    return !this.exhausted && this.count < mostKept;
  }

  private append(level: number, low: number, high: number): number {
    if (this.count === this.level.length) this.grow();
    const node = this.count;
    this.level[node] = level;
    this.low[node] = low;
    this.high[node] = high;
    this.count += 1;
    return node;
  }

  private grow(): void {
    const size = this.level.length * 2;
    this.level = widened(this.level, size);
    this.low = widened(this.low, size);
    this.high = widened(this.high, size);
    this.buckets = new Int32Array(size * 2).fill(-1);
    const mask = this.buckets.length - 1;
    for (let node = 0; node < this.count; node += 1) {
      if (this.level[node] === levelCount) continue;
      let bucket = hash(this.level[node]!, this.low[node]!, this.high[node]!) & mask;
      while (this.buckets[bucket]! >= 0) bucket = (bucket + 1) & mask;
      this.buckets[bucket] = node;
    }
  }
}

export type Comparison = 'equal' | 'greater';

/** A 64-bit number in two unsigned words. */
export interface Long {
  readonly high: number;
  readonly low: number;
}

/** Two node numbers and a bit's index fit in one exact double: 20 + 20 + 7 bits. */
const mostNodes = 2 ** 20;

/** Beyond this a new set of diagrams is begun for the next program. */
const mostKept = 2 ** 16;

function hash(level: number, low: number, high: number): number {
  const mixed = Math.imul(level, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b) ^ Math.imul(high, 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}

function widened(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(size);
  wide.set(old);
  return wide;
}

/** One comparison of a masked number with a constant, laid as a chain over the bits from the most significant. */
class Chain {
  private memo: Map<number, number> | undefined;
  private readonly diagrams: Diagrams;
  private readonly test: Comparison;
  private readonly slot: number;
  private readonly width: number;
  private readonly maskHigh: number;
  private readonly maskLow: number;
  private readonly constantHigh: number;
  private readonly constantLow: number;

  constructor(
    diagrams: Diagrams,
    test: Comparison,
    slot: number,
    width: number,
    maskHigh: number,
    maskLow: number,
    constantHigh: number,
    constantLow: number,
  ) {
    this.diagrams = diagrams;
    this.test = test;
    this.slot = slot;
    this.width = width;
    this.maskHigh = maskHigh;
    this.maskLow = maskLow;
    this.constantHigh = constantHigh;
    this.constantLow = constantLow;
  }

  build(whenTrue: number, whenFalse: number): number {
    return this.from(0, whenTrue, whenFalse);
  }

  /** The rest of the comparison once all bits above `bit` were found equal to the constant's. */
  private from(bit: number, whenTrue: number, whenFalse: number): number {
    if (whenTrue === whenFalse) return whenTrue;
    if (bit === this.width) return this.test === 'equal' ? whenTrue : whenFalse;
    const { diagrams } = this;
    if (!diagrams.step()) return whenFalse;
    const level = diagrams.levelAt(this.slot + (bit >>> 5), bit & 31);
    const top = Math.min(diagrams.levelOf(whenTrue), diagrams.levelOf(whenFalse));
    // A program may test words in another order than the diagram's: what is above stays above.
    if (top < level) return this.split(top, bit, whenTrue, whenFalse);
    const inMask = (((bit < 32 ? this.maskHigh : this.maskLow) >>> (31 - (bit & 31))) & 1) === 1;
    const set = (((bit < 32 ? this.constantHigh : this.constantLow) >>> (31 - (bit & 31))) & 1) === 1;
    if (!inMask) {
      // A masked bit reads as zero: below a set bit of the constant, so neither equal nor greater.
      if (set) return whenFalse;
      return top === level ? this.split(level, bit + 1, whenTrue, whenFalse) : this.from(bit + 1, whenTrue, whenFalse);
    }
    if (set) {
      const rest = this.from(bit + 1, diagrams.whenSet(whenTrue, level), diagrams.whenSet(whenFalse, level));
      return diagrams.make(level, diagrams.whenClear(whenFalse, level), rest);
    }
    const rest = this.from(bit + 1, diagrams.whenClear(whenTrue, level), diagrams.whenClear(whenFalse, level));
    const above = this.test === 'equal' ? whenFalse : whenTrue;
    return diagrams.make(level, rest, diagrams.whenSet(above, level));
  }

  /** Goes on at `bit` in both halves of the bit at `level`, which the comparison itself does not look at. */
  private split(level: number, bit: number, whenTrue: number, whenFalse: number): number {
    this.memo ??= new Map();
    const key = (whenTrue * mostNodes + whenFalse) * 128 + bit;
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    const { diagrams } = this;
    const clear = this.from(bit, diagrams.whenClear(whenTrue, level), diagrams.whenClear(whenFalse, level));
    const set = this.from(bit, diagrams.whenSet(whenTrue, level), diagrams.whenSet(whenFalse, level));
    const node = diagrams.make(level, clear, set);
    this.memo.set(key, node);
    return node;
  }
}
