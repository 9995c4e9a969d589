import { closeSync, readFileSync } from 'node:fs';
import { KernelRefusal, type SystemCalls } from '../../kernel/system-calls.ts';

const socketLevel = 1;
const peerCredentials = 17;
/** SO_PEERPIDFD, Linux 6.5. */
const peerProcess = 77;

/**
 * Which process listens at the other end of a connection, when that is one of this user and outside of every sandbox: what
 * a sandbox starts has no_new_privs and never loses it. A program in a sandbox that put a socket of its own where a server
 * had one would otherwise be given the descriptors and the environment of the next command.
 *
 * @returns why it is not to be trusted
 */
export function listenerOf(
  calls: SystemCalls,
  connection: number,
): { readonly pid: number } | { readonly problem: string } {
  const option = (name: number, bytes: number) => {
    const value = Buffer.alloc(bytes);
    const length = Buffer.from(Uint32Array.of(bytes).buffer);
    calls.call('getsockopt', connection, socketLevel, name, value, length);
    return value;
  };
  let handle: number;
  let pid: number;
  try {
    pid = option(peerCredentials, 12).readInt32LE(0);
    handle = option(peerProcess, 4).readInt32LE(0);
  } catch (error) {
    if (!(error instanceof KernelRefusal)) throw error;
    return error.code === 'ENOPROTOOPT'
      ? { problem: 'this kernel does not tell for sure who listens at a socket (Linux 6.5 does)' }
      : { problem: `who listens has ended (${error.code})` };
  }
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    // While the process lives its number is no other's.
    if (!lives(calls, handle)) return { problem: 'who listens has ended' };
    const user = /^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1];
    if (Number(user) !== process.geteuid?.()) return { problem: 'another user listens' };
    return /^NoNewPrivs:\s*0$/m.test(status) ? { pid } : { problem: 'a program in a sandbox listens' };
  } catch (error) {
    return { problem: `who listens cannot be told: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    closeSync(handle);
  }
}

function lives(calls: SystemCalls, handle: number): boolean {
  try {
    calls.call('pidfd_send_signal', handle, 0, undefined, 0);
    return true;
  } catch (error) {
    return error instanceof KernelRefusal && error.code === 'EPERM';
  }
}
