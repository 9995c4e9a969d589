import type { FoundLate } from './compile-job.ts';
import type { Result } from './compiler.ts';
import type { Documents } from './documents.ts';

/** So many open documents keep what they were compiled to; the others keep their findings. */
const mostCompiled = 24;

/** What is kept of a compilation besides the document itself. */
interface Compiled extends Pick<Result, 'asked' | 'listed'> {
  readonly version: number;
  /** False where compiling failed, or there was nothing to compile. */
  readonly hasCompilation: boolean;
  readonly late: FoundLate | undefined;
}

/** What the last compilation of each open document depends on. */
export class CompiledDocuments {
  readonly #documents: Documents;
  /** The one that was compiled last at the end. */
  readonly #results = new Map<string, Compiled>();

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  get(path: string): Compiled | undefined {
    return this.#results.get(path);
  }

  /** @param late as `compileJob` gives it */
  keep({ document, asked, listed }: Result, late: FoundLate | undefined): void {
    const { path, version, current } = document;
    this.#documents.update(document);
    this.#results.delete(path);
    this.#results.set(path, { version, asked, listed, hasCompilation: current !== undefined, late });
    this.#forgetOldest();
  }

  forget(path: string): void {
    this.#results.delete(path);
  }

  forgetAll(): void {
    this.#results.clear();
  }

  /** Every path that was asked for. */
  asked(): readonly string[] {
    return [...this.#results.values()].flatMap(({ asked }) => [...asked]);
  }

  /** The others that were compiled with a file. */
  dependingOn(path: string): readonly string[] {
    return [...this.#results].flatMap(([other, { asked, listed }]) =>
      other !== path && (listed || asked.has(path)) ? [other] : [],
    );
  }

  #forgetOldest(): void {
    let left = this.#results.size - mostCompiled;
    for (const path of this.#results.keys()) {
      if (left <= 0) break;
      left -= 1;
      const document = this.#documents.document(path);
      if (document !== undefined) this.#documents.update({ ...document, current: undefined, lastGood: undefined });
    }
  }
}
