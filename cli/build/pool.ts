import { availableParallelism } from 'node:os';
import { Memory } from '../../compiler/memory/remembered.ts';
import type { Cache } from '../cache.ts';
import type { Staging } from '../staging.ts';
import { compileOne } from './compile-one.ts';
import type { InputFile } from './inputs.ts';
import type { BuildRequest } from './policy-cache.ts';
import type { BuiltPolicy } from './result.ts';

/** Below this many policies a thread costs more than it brings: it loads and warms up a compiler of its own. */
const worthAThread = 24;

/** For the policies of a folder, and for the next builds where files are watched; to build one policy once needs none. */
const memory = new Memory();
let hasBuilt = false;

export interface PoolOptions {
  /** Threads; 0 for as many as the machine has processors. */
  readonly jobs: number;
  /** The script that a thread runs; undefined where there is none to run, and everything is done here. */
  readonly workerScript: string | undefined;
  readonly cacheFolder: string | undefined;
  /** The output folder; undefined where no files are wanted. Threads stage what they compile. */
  readonly out: string | undefined;
  readonly onDone: (built: BuiltPolicy) => void;
}

/**
 * Compiles policies, on several threads where that is faster. Calls `onDone` for each, in no particular order. Gives the
 * staging folder that the threads have written to, if any: whoever calls publishes or abandons it.
 */
export async function compileAll(
  inputs: readonly InputFile[],
  request: BuildRequest,
  cache: Cache,
  options: PoolOptions,
): Promise<Staging | undefined> {
  const wanted = options.jobs === 0 ? availableParallelism() : options.jobs;
  const threads = Math.min(wanted, Math.floor(inputs.length / worthAThread));
  if (threads < 2 || options.workerScript === undefined) {
    const kept = hasBuilt || inputs.length > 1 ? memory : undefined;
    hasBuilt = true;
    for (const input of inputs) options.onDone(compileOne(input, request, cache, kept));
    return undefined;
  }
  // node:worker_threads takes some 2 ms to load.
  const { runThreads } = await import('./run-threads.ts');
  const { workerScript, cacheFolder, out, onDone } = options;
  return runThreads({
    script: workerScript,
    threads,
    queue: [...inputs],
    settings: { request, cacheFolder, wantsFiles: out !== undefined },
    out,
    onDone,
  });
}
