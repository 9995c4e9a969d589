/**
 * What is to be compiled, one document at a turn, the one that was touched last first. Between two documents the messages
 * that have arrived are read, so that an edit that came meanwhile counts: however fast somebody types, no edit waits
 * behind more than the one compilation that is under way, and none is waited for.
 */
export class Schedule {
  /** In the order of urgency, the most urgent last. */
  readonly #waiting = new Set<string>();
  readonly #soon: (run: () => void) => void;
  readonly #run: (path: string) => void;
  readonly #idle: (() => void)[] = [];
  readonly #done = new Map<string, (() => void)[]>();
  #isRunning = false;

  /** @param run compiles a document; it must not throw */
  constructor(soon: (run: () => void) => void, run: (path: string) => void) {
    this.#soon = soon;
    this.#run = run;
  }

  /** Somebody edits this document: it is the next. */
  urgent(path: string): void {
    this.#waiting.delete(path);
    this.#waiting.add(path);
    this.#start();
  }

  /** It depends on something that changed: it comes after all others. */
  later(path: string): void {
    if (this.#waiting.has(path)) return;
    const before = [...this.#waiting];
    this.#waiting.clear();
    this.#waiting.add(path);
    for (const each of before) this.#waiting.add(each);
    this.#start();
  }

  /** It need not be compiled any more. */
  drop(path: string): void {
    this.#waiting.delete(path);
    this.#finish(path);
  }

  isWaiting(path: string): boolean {
    return this.#waiting.has(path);
  }

  /** When a document is as compiled as it is going to be; at once where it waits for nothing. */
  whenDone(path: string): Promise<void> {
    if (!this.#waiting.has(path)) return Promise.resolve();
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

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#soon(() => this.#turn());
  }

  #turn(): void {
    let next: string | undefined;
    for (const path of this.#waiting) next = path;
    if (next !== undefined) {
      this.#waiting.delete(next);
      this.#run(next);
      this.#finish(next);
    }
    if (this.#waiting.size > 0) {
      this.#soon(() => this.#turn());
      return;
    }
    this.#isRunning = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #finish(path: string): void {
    const waiting = this.#done.get(path) ?? [];
    this.#done.delete(path);
    for (const resolve of waiting) resolve();
  }
}
