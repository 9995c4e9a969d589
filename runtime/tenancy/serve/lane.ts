/** One task at a time: what changes policies and what changes keys to go with them. */
export class Lane {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  get isHeld(): boolean {
    return this.#held;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
    try {
      return await task();
    } finally {
      this.#held = false;
      this.#waiting.shift()?.();
    }
  }
}
