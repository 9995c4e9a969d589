/**
 * What is to be compiled, one document at a time, the one that was touched last first, in slices: between two of them the
 * messages that have arrived are read. So however fast somebody types, no edit and no request waits behind more than
 * one slice; what was begun of a text that is another by now is given up, and so is what is less urgent than an edit.
 */
export class Schedule {
  /** In the order of urgency, the most urgent last. */
  readonly #waiting = new Set<string>();
  readonly #soon: (run: () => void) => void;
  readonly #start: (path: string) => Work;
  readonly #idle: (() => void)[] = [];
  readonly #done = new Map<string, (() => void)[]>();
  #begun: { readonly path: string; readonly work: Work } | undefined;
  #isRunning = false;

  /** @param start begins to compile a document */
  constructor(soon: (run: () => void) => void, start: (path: string) => Work) {
    this.#soon = soon;
    this.#start = start;
  }

  /** Somebody edits this document: it is the next. */
  urgent(path: string): void {
    this.restart();
    this.#waiting.delete(path);
    this.#waiting.add(path);
    this.#run();
  }

  /** What is under way is begun anew: after what is more urgent, or since what it has read is something else by now. */
  restart(): void {
    if (this.#begun === undefined) return;
    this.#waiting.add(this.#begun.path);
    this.#begun = undefined;
  }

  /** It depends on something that changed: it comes after all others. */
  later(path: string): void {
    if (this.#begun?.path === path) this.#begun = undefined;
    if (this.#waiting.has(path)) return;
    const before = [...this.#waiting];
    this.#waiting.clear();
    this.#waiting.add(path);
    for (const each of before) this.#waiting.add(each);
    this.#run();
  }

  /** It need not be compiled any more. */
  drop(path: string): void {
    if (this.#begun?.path === path) this.#begun = undefined;
    this.#waiting.delete(path);
    this.#finish(path);
  }

  /** Nothing is compiled any more. */
  end(): void {
    this.restart();
    for (const path of [...this.#waiting]) this.drop(path);
  }

  /** Whether it is to be compiled, or that is under way. */
  isWaiting(path: string): boolean {
    return this.#waiting.has(path) || this.#begun?.path === path;
  }

  /** When a document is as compiled as it is going to be; at once where it waits for nothing. */
  whenDone(path: string): Promise<void> {
    if (!this.isWaiting(path)) return Promise.resolve();
    return new Promise((resolve) => {
      const others = this.#done.get(path);
      if (others === undefined) this.#done.set(path, [resolve]);
      else others.push(resolve);
    });
  }

  /** When nothing waits. */
  whenIdle(): Promise<void> {
    return this.#waiting.size === 0 && !this.#isRunning
      ? Promise.resolve()
      : new Promise((resolve) => this.#idle.push(resolve));
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#soon(() => this.#turn());
  }

  #turn(): void {
    this.#begun ??= this.#next();
    const begun = this.#begun;
    if (begun?.work() === true) {
      if (this.#begun === begun) this.#begun = undefined;
      this.#finish(begun.path);
    }
    if (this.#begun !== undefined || this.#waiting.size > 0) {
      this.#soon(() => this.#turn());
      return;
    }
    this.#isRunning = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #next(): { readonly path: string; readonly work: Work } | undefined {
    let path: string | undefined;
    for (const each of this.#waiting) path = each;
    if (path === undefined) return undefined;
    this.#waiting.delete(path);
    return { path, work: this.#start(path) };
  }

  #finish(path: string): void {
    const waiting = this.#done.get(path) ?? [];
    this.#done.delete(path);
    for (const resolve of waiting) resolve();
  }
}

/** Does a slice of some work, and gives true where that was the last; it must not throw. */
export type Work = () => boolean;
