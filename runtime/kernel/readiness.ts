import { closeSync, writeSync } from 'node:fs';
import type { SystemCalls } from './system-calls.ts';

const readable = 1;

/**
 * Waits until descriptors have something to be read, in a thread of its own: what libuv cannot wait for, such as ring
 * buffers of programs, notifications of seccomp, and pidfds. At most four threads wait at once in a process (libuv).
 */
export class Readiness {
  readonly #calls: SystemCalls;
  readonly #descriptors: readonly number[];
  /** `struct pollfd` of each, and of the descriptor that wakes the thread. */
  readonly #polled: DataView;
  readonly #waking: number;
  #waiting: Promise<unknown> | undefined;
  #closed = false;

  /** @param descriptors stay the caller's, who closes them after this is closed */
  constructor(calls: SystemCalls, descriptors: readonly number[]) {
    this.#calls = calls;
    this.#descriptors = descriptors;
    this.#waking = calls.call('eventfd2', 0, 0o2000000);
    this.#polled = new DataView(new ArrayBuffer((descriptors.length + 1) * 8));
    for (const [index, each] of [...descriptors, this.#waking].entries()) {
      this.#polled.setInt32(index * 8, each, true);
      this.#polled.setInt16(index * 8 + 4, readable, true);
    }
  }

  /**
   * @returns those that have something to be read, or whose other end is gone (`hungUp`); nothing when `close` was
   *   called. One call at a time.
   */
  async next(): Promise<readonly { readonly descriptor: number; readonly hungUp: boolean }[]> {
    while (!this.#closed) {
      this.#waiting = this.#calls.wait('ppoll', this.#polled, this.#descriptors.length + 1, 0, 0, 0);
      const count = await this.#waiting;
      this.#waiting = undefined;
      // A signal may end the call early.
      if (this.#closed || count === -1) continue;
      return this.#descriptors.flatMap((descriptor, index) => {
        const events = this.#polled.getInt16(index * 8 + 6, true);
        return events === 0 ? [] : [{ descriptor, hungUp: (events & readable) === 0 }];
      });
    }
    return [];
  }

  /** Ends a `next` that waits. Resolves when the thread has left. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const one = new Uint8Array(8);
    one[0] = 1;
    if (this.#waiting !== undefined) {
      writeSync(this.#waking, one);
      await this.#waiting;
    }
    closeSync(this.#waking);
  }
}
