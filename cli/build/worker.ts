import { parentPort } from 'node:worker_threads';
import { noCache, openCache } from '../cache.ts';
import { compileOne } from './compile-one.ts';
import type { InputFile } from './inputs.ts';
import type { BuildRequest } from './policy-cache.ts';
import type { BuiltPolicy } from './result.ts';

/** What bin/thread.js passes on as the thread's data. */
export interface WorkerRequest {
  readonly inputs: readonly InputFile[];
  readonly request: BuildRequest;
  /** Undefined for no cache. */
  readonly cacheFolder: string | undefined;
}

export interface WorkerMessage {
  readonly built: readonly BuiltPolicy[];
}

/** One thread of a build: compiles batches until it is sent an empty one. */
export function serve({ inputs, request, cacheFolder }: WorkerRequest): void {
  const cache = cacheFolder === undefined ? noCache : openCache(cacheFolder);
  const work = (batch: readonly InputFile[]) => {
    const message: WorkerMessage = { built: batch.map((input) => compileOne(input, request, cache)) };
    parentPort?.postMessage(message);
  };
  parentPort?.on('message', (batch: readonly InputFile[]) => {
    if (batch.length > 0) work(batch);
    else parentPort?.close();
  });
  work(inputs);
}
