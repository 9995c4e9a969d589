import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Cache } from '../cache.ts';
import { compileOne } from './compile-one.ts';
import type { InputFile } from './inputs.ts';
import type { BuildRequest } from './policy-cache.ts';
import type { BuiltPolicy } from './result.ts';
import type { WorkerMessage, WorkerRequest } from './worker.ts';

/** Below this many policies a thread costs more than it brings: it loads and warms up a compiler of its own. */
const worthAThread = 24;
const batch = 8;

export interface PoolOptions {
  /** Threads; 0 for as many as the machine has processors. */
  readonly jobs: number;
  /** The script that a thread runs; undefined where there is none to run, and everything is done here. */
  readonly workerScript: string | undefined;
  readonly cacheFolder: string | undefined;
  readonly onDone: (built: BuiltPolicy) => void;
}

/** Compiles policies, on several threads where that is faster. Calls `onDone` for each, in no particular order. */
export async function compileAll(
  inputs: readonly InputFile[],
  request: BuildRequest,
  cache: Cache,
  options: PoolOptions,
): Promise<void> {
  const wanted = options.jobs === 0 ? availableParallelism() : options.jobs;
  const threads = Math.min(wanted, Math.floor(inputs.length / worthAThread));
  if (threads < 2 || options.workerScript === undefined) {
    for (const input of inputs) options.onDone(compileOne(input, request, cache));
    return;
  }
  const queue = [...inputs];
  const { workerScript, cacheFolder } = options;
  await Promise.all(
    Array.from({ length: threads }, () => runThread(workerScript, queue, request, cacheFolder, options.onDone)),
  );
}

function runThread(
  script: string,
  queue: InputFile[],
  request: BuildRequest,
  cacheFolder: string | undefined,
  onDone: (built: BuiltPolicy) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const first: WorkerRequest = { inputs: queue.splice(0, batch), request, cacheFolder };
    const worker = new Worker(script, { workerData: first });
    worker.on('message', (message: WorkerMessage) => {
      for (const built of message.built) onDone(built);
      const next = queue.splice(0, batch);
      worker.postMessage(next);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a build thread ended with code ${code}`))));
  });
}
