/**
 * What the compilations that share one need not work out again: a build of a folder has one for each thread, an editor
 * one for as long as it runs. It holds nothing itself; each analysis keeps its results by it (`Remembered`).
 */
export class Memory {
  /** A class without members would be the type of any object. */
  readonly kind = 'memory';
}

/** How many characters the inputs of an analysis may have whose results are kept, by default. */
const usualMost = 1 << 22;

/**
 * The results of a pure analysis by a text that holds its whole input: equal texts must mean equal results. The inputs
 * that were asked for last are kept, as far as they have `most` characters together.
 */
export class Remembered<Result> {
  readonly #shelves = new WeakMap<Memory, Shelf<Result>>();
  readonly #most: number;

  constructor(most: number = usualMost) {
    this.#most = most;
  }

  /** The result for an input: what is known of it, or what `make` gives. Without a memory nothing is kept. */
  recall(memory: Memory | undefined, input: string, make: () => Result): Result {
    if (memory === undefined) return make();
    let shelf = this.#shelves.get(memory);
    if (shelf === undefined) {
      shelf = { results: new Map(), characters: 0 };
      this.#shelves.set(memory, shelf);
    }
    const { results } = shelf;
    const known = results.get(input);
    if (known !== undefined) {
      // A map is in the order of insertion: what was asked for last goes to its end.
      results.delete(input);
      results.set(input, known);
      return known.result;
    }
    const result = make();
    results.set(input, { result });
    shelf.characters += input.length;
    for (const oldest of results.keys()) {
      if (shelf.characters <= this.#most || oldest === input) break;
      results.delete(oldest);
      shelf.characters -= oldest.length;
    }
    return result;
  }
}

interface Shelf<Result> {
  readonly results: Map<string, { readonly result: Result }>;
  /** Of all inputs together. */
  characters: number;
}
