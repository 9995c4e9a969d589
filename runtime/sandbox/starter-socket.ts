import { closeSync } from 'node:fs';
import { KernelRefusal, type NoSystemCalls, systemCalls } from '../kernel/system-calls.ts';
import { sendDescriptors } from './zygote/connection.ts';

/**
 * A pair of sockets between this process and a launcher. The launcher sees by its end whether this process still lives. What
 * was sent to it and never received, descriptors of links, the kernel holds until nobody has that end any more.
 */
export interface StarterSocket {
  /** The launcher's end. */
  readonly handed: number;
  /** Gives up both ends, once. */
  end(): void;
}

const unix = 1;
/** SOCK_STREAM | SOCK_CLOEXEC: a child has the end that it is handed, and never the other. */
const stream = 0x8_0001;
/** One message holds 253 descriptors at most (SCM_MAX_FD, net/scm.h). */
const most = 253;

/** @param kept descriptors of what is to live as long as the launcher does; this process may close its own */
export async function starterSocket(kept: readonly number[]): Promise<StarterSocket | NoSystemCalls> {
  const calls = await systemCalls();
  if ('problem' in calls) return calls;
  const ends = new Int32Array(2);
  const end = () => {
    for (const descriptor of ends) if (descriptor > 0) closeSync(descriptor);
  };
  try {
    calls.call('socketpair', unix, stream, 0, ends);
    for (let at = 0; at < kept.length; at += most) {
      sendDescriptors(calls, ends[0]!, Uint8Array.of(0), kept.slice(at, at + most));
    }
    return { handed: ends[1]!, end };
  } catch (error) {
    end();
    if (!(error instanceof KernelRefusal)) throw error;
    return { problem: error.message, help: 'start polc as root' };
  }
}
