import { Worker } from 'node:worker_threads';
import type { InputFile } from './inputs.ts';
import type { BuildRequest } from './policy-cache.ts';
import type { BuiltPolicy } from './result.ts';
import type { WorkerMessage, WorkerRequest } from './worker.ts';

/** Policies that a thread is sent at once. */
const batch = 8;

/** Compiles on one thread what it takes off the queue, and calls `onDone` for each; ends when the queue is empty. */
export function runThread(
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
