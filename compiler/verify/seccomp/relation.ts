import { levelCount } from './bit-order.ts';
import type { Diagrams, Long } from './diagram.ts';

export type RelationTest = 'equal' | 'greater' | 'any-bit';

/** A masked word or pair of words of the input; the slot is that of the high word of a pair. */
export interface Operand {
  readonly slot: number;
  readonly mask: Long;
}

/**
 * One comparison of two masked numbers of the input, laid over their bits from the most significant; `width` is 32
 * (the masks' high words count) or 64.
 */
export class Relation {
  private readonly memo = new Map<number, number>();
  private readonly diagrams: Diagrams;
  private readonly test: RelationTest;
  private readonly operands: readonly [Operand, Operand];
  private readonly width: number;

  constructor(diagrams: Diagrams, test: RelationTest, left: Operand, right: Operand, width: 32 | 64) {
    this.diagrams = diagrams;
    this.test = test;
    this.operands = [left, right];
    this.width = width;
  }

  /** `whenTrue` where left compares with right, `whenFalse` elsewhere. */
  build(whenTrue: number, whenFalse: number): number {
    return this.from(0, whenTrue, whenFalse);
  }

  /** The rest of the comparison once all bits above `bit` have left it open. */
  private from(bit: number, whenTrue: number, whenFalse: number): number {
    if (whenTrue === whenFalse) return whenTrue;
    if (bit === this.width) return this.test === 'equal' ? whenTrue : whenFalse;
    return this.read(bit, 0, 0, whenTrue, whenFalse);
  }

  /** The levels of the two bits, -1 for one that its mask clears. */
  private levels(bit: number): readonly [number, number] {
    const level = ({ slot, mask }: Operand) => {
      const word = bit < 32 ? mask.high : mask.low;
      return ((word >>> (31 - (bit & 31))) & 1) === 1 ? this.diagrams.levelAt(slot + (bit >>> 5), bit & 31) : -1;
    };
    return [level(this.operands[0]), level(this.operands[1])];
  }

  /**
   * Goes down to the uppermost bit that is still to be looked at, whether the comparison reads it or only the outcomes
   * do. `done` and `values` have bit 0 for the left operand's bit and bit 1 for the right one's.
   */
  private read(bit: number, done: number, values: number, whenTrue: number, whenFalse: number): number {
    const { diagrams } = this;
    if (!diagrams.step()) return whenFalse;
    const [left, right] = this.levels(bit);
    const leftOpen = left >= 0 && (done & 1) === 0;
    const rightOpen = right >= 0 && (done & 2) === 0;
    if (!leftOpen && !rightOpen) return this.decide(bit, values, whenTrue, whenFalse);
    const key = (whenTrue * 2 ** 20 + whenFalse) * 1024 + bit * 16 + done * 4 + values;
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    const next = Math.min(leftOpen ? left : levelCount, rightOpen ? right : levelCount);
    const level = Math.min(diagrams.levelOf(whenTrue), diagrams.levelOf(whenFalse), next);
    const reads = (leftOpen && left === level ? 1 : 0) | (rightOpen && right === level ? 2 : 0);
    const trueHalves = [diagrams.whenClear(whenTrue, level), diagrams.whenSet(whenTrue, level)] as const;
    const falseHalves = [diagrams.whenClear(whenFalse, level), diagrams.whenSet(whenFalse, level)] as const;
    const clear = this.read(bit, done | reads, values, trueHalves[0], falseHalves[0]);
    const set = this.read(bit, done | reads, values | reads, trueHalves[1], falseHalves[1]);
    const node = diagrams.make(level, clear, set);
    this.memo.set(key, node);
    return node;
  }

  private decide(bit: number, values: number, whenTrue: number, whenFalse: number): number {
    if (this.test === 'any-bit') return values === 3 ? whenTrue : this.from(bit + 1, whenTrue, whenFalse);
    if (values === 0 || values === 3) return this.from(bit + 1, whenTrue, whenFalse);
    return this.test === 'greater' && values === 1 ? whenTrue : whenFalse;
  }
}
