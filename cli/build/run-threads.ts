import { Worker } from 'node:worker_threads';
import { abandonStaging, openStaging, type Staging } from '../staging.ts';
import type { InputFile } from './inputs.ts';
import type { BuiltPolicy } from './result.ts';
import type { ThreadSettings, WorkerMessage, WorkerRequest } from './worker.ts';

/** Policies that a thread is sent at once. */
const batch = 8;

export interface ThreadsRequest {
  readonly script: string;
  readonly threads: number;
  /** Taken off as the threads ask for more. */
  readonly queue: InputFile[];
  readonly settings: Omit<ThreadSettings, 'staging'>;
  /** The output folder, in which they are staged; undefined where no files are wanted. */
  readonly out: string | undefined;
  readonly onDone: (built: BuiltPolicy) => void;
}

/**
 * Compiles the queue on threads, calls `onDone` for each policy and gives the staging folder. A user who interrupts it
 * finds no such folder afterwards; nor does anybody after an error.
 */
export async function runThreads(request: ThreadsRequest): Promise<Staging | undefined> {
  const { script, threads, queue, settings, out, onDone } = request;
  const workers: Worker[] = [];
  let staging: Staging | undefined;
  let interruption: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interruption = signal;
    for (const worker of workers) void worker.terminate();
  };
  // Where somebody else listens (`--watch`), the build is waited for.
  const signals = (['SIGINT', 'SIGTERM'] as const).filter((signal) => process.listenerCount(signal) === 0);
  for (const signal of signals) process.once(signal, interrupt);
  try {
    staging = out === undefined ? undefined : tryStaging(out);
    for (let index = 0; index < threads; index++) {
      const first: WorkerRequest = { ...settings, staging, inputs: queue.splice(0, batch) };
      workers.push(new Worker(script, { workerData: first }));
    }
    await Promise.all(workers.map((worker) => feed(worker, queue, onDone)));
    // A thread that is ended while it starts ends with code 0.
    if (interruption === undefined) return staging;
    throw new Error('interrupted');
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    if (staging !== undefined) abandonStaging(staging);
    if (interruption === undefined) throw error;
    // The listener is off by now, so that this ends the process as it would have without one.
    process.kill(process.pid, interruption);
    return await new Promise<never>(() => {});
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function tryStaging(out: string): Staging | undefined {
  try {
    return openStaging(out);
  } catch {
    // Publishing says why, if no policy is wrong.
    return undefined;
  }
}

/** Sends a thread what it takes off the queue; ends when the queue is empty. */
function feed(worker: Worker, queue: InputFile[], onDone: (built: BuiltPolicy) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      for (const built of message.built) onDone(built);
      worker.postMessage(queue.splice(0, batch));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a build thread ended with code ${code}`))));
  });
}
