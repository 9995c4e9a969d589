import type { RelocationId } from './code-graph.ts';
import type { WordHalf } from './words.ts';

/** A constant of the program that is one word of a parameter. */
export interface Relocation {
  /** The index of the instruction whose `k` it is. */
  readonly instruction: number;
  readonly parameter: string;
  readonly word: WordHalf;
}

/** The parameters' words by number, from 1, and the placeholders that stand for them until they are patched. */
export class Relocations {
  readonly #placeholders: Readonly<Record<string, bigint>>;
  readonly #words: { readonly parameter: string; readonly word: WordHalf }[] = [];

  constructor(placeholders: Readonly<Record<string, bigint>>) {
    this.#placeholders = placeholders;
  }

  id(parameter: string, word: WordHalf): RelocationId {
    const at = this.#words.findIndex((known) => known.parameter === parameter && known.word === word);
    return at === -1 ? this.#words.push({ parameter, word }) : at + 1;
  }

  placeholder(parameter: string, word: WordHalf): number {
    const value = Object.hasOwn(this.#placeholders, parameter) ? this.#placeholders[parameter]! : 0n;
    return Number(BigInt.asUintN(32, word === 'low' ? value : value >> 32n));
  }

  /** @param ids for each instruction its relocation or 0. */
  list(ids: readonly RelocationId[]): Relocation[] {
    return ids.flatMap((id, instruction) => (id === 0 ? [] : [{ instruction, ...this.#words[id - 1]! }]));
  }
}
