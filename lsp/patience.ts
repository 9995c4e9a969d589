/** Waits for answers, and not for ever. */
export class Patience {
  readonly milliseconds: number;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }

  /** Undefined where the answer takes too long; it must not fail. */
  wait<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const settle = (result: Answer | undefined) => {
        clearTimeout(timer);
        this.#timers.delete(timer);
        resolve(result);
      };
      const timer = setTimeout(() => settle(undefined), this.milliseconds);
      this.#timers.add(timer);
      void answer.then(settle);
    });
  }

  /** Nobody waits any more: a process may end. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
