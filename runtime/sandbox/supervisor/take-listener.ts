import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import { openProcess, takeDescriptor } from '../../kernel/process-handle.ts';
import { KernelRefusal, type SystemCalls } from '../../kernel/system-calls.ts';

/** The number that a launcher's listener has there: that of the descriptor by which it reports. */
const listenerNumber = 3;
/** A launcher attaches its filter some microseconds after it has reported. */
const patience = 10_000;

export interface TakenListener {
  /** A descriptor of this process. */
  readonly listener: number;
  /** The launcher, which will be the program. */
  readonly process: number;
}

/**
 * The listener of a launcher that has reported (pidfd_getfd(2)).
 *
 * @param launcher the process that was started, the first of those that forked from it
 * @returns why there is none, where there is none
 */
export async function takeListener(calls: SystemCalls, launcher: number): Promise<TakenListener | string> {
  let problem = 'it did not attach its filter';
  for (const end = performance.now() + patience; performance.now() < end; ) {
    const process = lastChild(launcher);
    if (process === undefined) return 'it has ended';
    const handle = openProcess(calls, process);
    try {
      const taken = takeDescriptor(calls, handle, listenerNumber);
      if (readlinkSync(`/proc/self/fd/${taken}`) === 'anon_inode:seccomp notify') return { listener: taken, process };
      closeSync(taken);
    } catch (error) {
      if (!(error instanceof KernelRefusal)) throw error;
      // Between its report and its filter the number is free.
      if (error.code !== 'EBADF') return `${error.message}, for a descriptor of process ${process}`;
      problem = error.message;
    } finally {
      closeSync(handle);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return problem;
}

/** The end of the chain of processes that a launcher forks, each of one child. */
function lastChild(process: number): number | undefined {
  let at = process;
  try {
    for (;;) {
      const children = readFileSync(`/proc/${at}/task/${at}/children`, 'utf8').trim();
      if (children === '') return at;
      at = Number(children.split(' ').at(-1));
    }
  } catch {
    return undefined;
  }
}
