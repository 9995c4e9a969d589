import type { SeccompData } from '../../../compiler/backends/seccomp/interpret.ts';
import { ioctl } from '../../kernel/process-handle.ts';
import { KernelRefusal, type SystemCalls } from '../../kernel/system-calls.ts';

/** A system call that waits for an answer (seccomp_unotify(2)). */
export interface Notification {
  readonly id: bigint;
  /** The thread that makes it, as this process knows it. */
  readonly thread: number;
  readonly call: SeccompData;
}

/** `continue` lets the call be made as it was asked for; it must not rest on what its pointers lead to. */
export type Answer = { readonly kind: 'continue' } | { readonly kind: 'errno'; readonly errno: number };

/** SECCOMP_IOCTL_NOTIF_* of linux/seccomp.h, the same on every architecture that polc knows. */
const request = { receive: 0xc050_2100, send: 0xc018_2101, isValid: 0x4008_2102 } as const;
const continueFlag = 1;

/** The listener of a filter. */
export class Notifications {
  readonly #calls: SystemCalls;
  readonly #listener: number;
  /** struct seccomp_notif and struct seccomp_notif_resp. */
  readonly #received = new DataView(new ArrayBuffer(80));
  readonly #response = new DataView(new ArrayBuffer(24));
  readonly #polled = new DataView(new ArrayBuffer(8));
  readonly #noTime = new Uint8Array(16);

  /** @param listener stays the caller's */
  constructor(calls: SystemCalls, listener: number) {
    this.#calls = calls;
    this.#listener = listener;
    this.#polled.setInt32(0, listener, true);
    this.#polled.setInt16(4, 1, true); // POLLIN
  }

  /** The next call that waits; undefined where none does, also where the one that did is gone (ENOENT) or a signal came. */
  next(): Notification | undefined {
    const view = this.#received;
    // The kernel asks for zeros.
    new Uint8Array(view.buffer).fill(0);
    try {
      if (this.#calls.call('ppoll', this.#polled, 1, this.#noTime, 0, 0) === 0) return undefined;
      if ((this.#polled.getInt16(6, true) & 1) === 0) return undefined;
      ioctl(this.#calls, this.#listener, request.receive, view);
    } catch (error) {
      if (error instanceof KernelRefusal && (error.code === 'ENOENT' || error.code === 'EINTR')) return undefined;
      throw error;
    }
    return {
      id: view.getBigUint64(0, true),
      thread: view.getUint32(8, true),
      call: {
        number: view.getUint32(16, true),
        architecture: view.getUint32(20, true),
        pointer: view.getBigUint64(24, true),
        arguments: [0, 1, 2, 3, 4, 5].map((index) => view.getBigUint64(32 + index * 8, true)),
      },
    };
  }

  /** @returns false where nobody waits any more: the thread has ended. */
  send(id: bigint, answer: Answer): boolean {
    const view = this.#response;
    view.setBigUint64(0, id, true);
    view.setBigInt64(8, 0n, true);
    view.setInt32(16, answer.kind === 'errno' ? -answer.errno : 0, true);
    view.setUint32(20, answer.kind === 'continue' ? continueFlag : 0, true);
    return this.#asked(request.send, view);
  }

  /** Whether the thread of a notification still waits, so that its number still means it. */
  isValid(id: bigint): boolean {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, id, true);
    return this.#asked(request.isValid, view);
  }

  #asked(what: number, view: DataView): boolean {
    try {
      ioctl(this.#calls, this.#listener, what, view);
      return true;
    } catch (error) {
      if (error instanceof KernelRefusal && error.code === 'ENOENT') return false;
      throw error;
    }
  }
}
