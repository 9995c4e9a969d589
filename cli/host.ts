import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Host } from '../compiler/host.ts';

/** Reads files as they are on the disk; a path that cannot be read is a file that is not there. */
export const nodeHost: Host = {
  read(path) {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
  now: processorTime,
  sha256: (content) => hash('sha256', content, 'hex'),
};

/**
 * The processor time of this process, which other processes cannot lengthen: a policy is not too slow because a machine
 * is busy. Node 20 counts all threads together, so a thread of a parallel build takes the time of the wall instead.
 */
function processorTime(): number {
  if (!isMainThread) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
