import { parentPort, threadId } from 'node:worker_threads';
import { Memory } from '../../compiler/memory/remembered.ts';
import { noCache, openCache } from '../cache.ts';
import { type OutputFolder, type StagedFolder, type Staging, stager } from '../staging.ts';
import { compileOne } from './compile-one.ts';
import type { InputFile } from './inputs.ts';
import type { BuildRequest } from './policy-cache.ts';
import type { BuiltPolicy } from './result.ts';

/** What every thread of a build is told. */
export interface ThreadSettings {
  readonly request: BuildRequest;
  /** Undefined for no cache. */
  readonly cacheFolder: string | undefined;
  /** False where the files are only to be validated: they are not sent. */
  readonly wantsFiles: boolean;
  /** Where the files go; undefined where there is no such place, and they are sent. */
  readonly staging: Staging | undefined;
}

/** What bin/thread.js passes on as the thread's data. */
export interface WorkerRequest extends ThreadSettings {
  readonly inputs: readonly InputFile[];
}

export interface WorkerMessage {
  readonly built: readonly BuiltPolicy[];
}

/** One thread of a build: compiles batches until it is sent an empty one. */
export function serve({ inputs, request, cacheFolder, wantsFiles, staging }: WorkerRequest): void {
  const cache = cacheFolder === undefined ? noCache : openCache(cacheFolder);
  const memory = new Memory();
  let stage = staging === undefined ? undefined : stager(staging, threadId);
  const build = (input: InputFile): BuiltPolicy => {
    const { result, files } = compileOne(input, request, cache, memory);
    if (!result.ok || !wantsFiles) return { result, files: [] };
    const staged = stage === undefined ? undefined : tryStage(stage, { name: result.name, files });
    if (staged !== undefined) return { result, files: [], staged };
    stage = undefined;
    return { result, files };
  };
  const work = (batch: readonly InputFile[]) => {
    const message: WorkerMessage = { built: batch.map(build) };
    parentPort?.postMessage(message);
  };
  parentPort?.on('message', (batch: readonly InputFile[]) => {
    if (batch.length > 0) work(batch);
    else parentPort?.close();
  });
  work(inputs);
}

function tryStage(stage: (folder: OutputFolder) => StagedFolder, folder: OutputFolder): StagedFolder | undefined {
  try {
    return stage(folder);
  } catch {
    // The main thread tries again, and says why it cannot.
    return undefined;
  }
}
