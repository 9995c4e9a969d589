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
/** How much of them is kept, inputs included, in bytes or UTF-16 code units: an editor may have policies of megabytes open. */
const mostSize = 8 * 1024 * 1024;

interface Kept<Result> {
  readonly result: Result;
  readonly size: number;
}

interface Shelf<Result> {
  readonly results: Map<string, Kept<Result>>;
  size: number;
}

/**
 * The results of a pure analysis by a text that holds its whole input: equal texts must mean equal results. Those that
 * were asked for last are kept, the last one however large it is.
 */
export class Remembered<Result> {
  readonly #shelves = new WeakMap<Memory, Shelf<Result>>();
  readonly #most: number;
  readonly #sizeOf: (result: Result) => number;

  /** @param sizeOf about how large a result is, in bytes or code units */
  constructor(most: number = usualMost, sizeOf: (result: Result) => number = () => 0) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  /** The result for an input: what is known of it, or what `make` gives. Without a memory nothing is kept. */
  recall(memory: Memory | undefined, input: string, make: () => Result): Result {
    if (memory === undefined) return make();
    let shelf = this.#shelves.get(memory);
    if (shelf === undefined) {
      shelf = { results: new Map(), size: 0 };
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
    const size = input.length + this.#sizeOf(result);
    results.set(input, { result, size });
    shelf.size += size;
    for (const [oldest, its] of results) {
      if (results.size <= this.#most && (shelf.size <= mostSize || results.size === 1)) break;
      results.delete(oldest);
      shelf.size -= its.size;
    }
    return result;
  }
}
