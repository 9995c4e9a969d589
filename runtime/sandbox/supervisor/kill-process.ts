import { closeSync, readFileSync } from 'node:fs';
import { openProcess, signalProcess } from '../../kernel/process-handle.ts';
import { KernelRefusal, type SystemCalls } from '../../kernel/system-calls.ts';
import type { Notification, Notifications } from './notifications.ts';

/**
 * Ends the process of a thread that waits, which sees no more of its program.
 *
 * @throws where the thread still waits and its process cannot be ended
 */
export function killWaiting(
  calls: SystemCalls,
  { id, thread }: Pick<Notification, 'id' | 'thread'>,
  notifications: Pick<Notifications, 'isValid'>,
): void {
  let process: number | undefined;
  let problem = `thread ${thread} is in no process that /proc tells of`;
  try {
    const leader = leaderOf(thread);
    if (leader !== undefined) {
      process = openProcess(calls, leader);
      // While it waits the numbers that were read are its own.
      if (notifications.isValid(id)) signalProcess(calls, process, 9);
      return;
    }
  } catch (error) {
    if (!(error instanceof KernelRefusal)) throw error;
    problem = error.message;
  } finally {
    if (process !== undefined) closeSync(process);
  }
  // Who has ended meanwhile needs no killing.
  if (notifications.isValid(id)) throw new Error(`a process that is to be killed cannot be: ${problem}`);
}

function leaderOf(thread: number): number | undefined {
  try {
    const leader = /^Tgid:\s*(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, 'utf8'))?.[1];
    return leader === undefined ? undefined : Number(leader);
  } catch {
    return undefined;
  }
}
