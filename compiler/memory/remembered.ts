/**
 * What the compilations that share one need not work out again: a build of a folder has one for each thread, an editor
 * one for as long as it runs. It holds nothing itself; each analysis keeps its results by it (`Remembered`).
 */
export class Memory {
  #last = 0;

  /** A number that it has given to nothing else. */
  nextNumber(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** How many results of an analysis are kept, by default: the files of one backend for one policy are some 50 kB. */
const usualMost = 128;

/**
 * The results of a pure analysis by a text that holds its whole input: equal texts must mean equal results. Those that
 * were asked for last are kept.
 */
export class Remembered<Result> {
  readonly #shelves = new WeakMap<Memory, Map<string, { readonly result: Result }>>();
  readonly #most: number;

  constructor(most: number = usualMost) {
    this.#most = most;
  }

  /** The result for an input: what is known of it, or what `make` gives. Without a memory nothing is kept. */
  recall(memory: Memory | undefined, input: string, make: () => Result): Result {
    if (memory === undefined) return make();
    let results = this.#shelves.get(memory);
    if (results === undefined) {
      results = new Map();
      this.#shelves.set(memory, results);
    }
    const known = results.get(input);
    // A map is in the order of insertion: what was asked for last goes to its end.
    if (known !== undefined) results.delete(input);
    const kept = known ?? { result: make() };
    results.set(input, kept);
    if (results.size > this.#most) {
      for (const oldest of results.keys()) {
        results.delete(oldest);
        break;
      }
    }
    return kept.result;
  }
}
