import { stackBytes } from '../instruction.ts';

/** The stack of a program: pieces of it are taken one below the other. */
export class Frame {
  #used = 0;
  #most = 0;

  /** @returns the offset from the frame pointer, a multiple of 8 */
  take(bytes: number): number {
    this.#used += Math.ceil(bytes / 8) * 8;
    this.#most = Math.max(this.#most, this.#used);
    return -this.#used;
  }

  /** What is taken now; `release` gives back what has been taken since. */
  get taken(): number {
    return this.#used;
  }

  release(taken: number): void {
    this.#used = taken;
  }

  /** Whether more was taken than there is. */
  get isFull(): boolean {
    return this.#most > stackBytes;
  }
}
