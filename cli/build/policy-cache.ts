import { readFileSync } from 'node:fs';
import type { CompileOptions } from '../../compiler/compile.ts';
import { defaultTarget, describeTarget } from '../../compiler/target.ts';
import { version } from '../../compiler/version.ts';
import { type Cache, cacheKey, noCache } from '../cache.ts';
import { nodeHost } from '../host.ts';
import type * as FileBytes from './file-bytes.ts';
import type { InputFile } from './inputs.ts';
import type { BuiltPolicy, PolicyResult } from './result.ts';

/** What a build asks of each policy; plain data, since it goes to worker threads. */
export interface BuildRequest {
  readonly options: CompileOptions;
  /** A digest of what decides about the output of every policy alike: options, target and the compiler itself. */
  readonly context: string;
}

/** @param compilerId a digest of the compiler: another build of it shares no cache entry */
export function buildRequest(options: CompileOptions, compilerId: string): BuildRequest {
  const target = JSON.stringify(describeTarget(options.target ?? defaultTarget));
  const settings = JSON.stringify([
    options.emit,
    options.also,
    options.accept,
    [...(options.severities ?? [])].sort(),
    options.dialect,
    options.today,
    options.mergeQuotas,
    options.optimiseModule !== undefined,
  ]);
  return { options, context: cacheKey([version, compilerId, target, settings]) };
}

/** What the cache knows of a policy. The files are read only where they are wanted. */
export interface CachedPolicy {
  readonly result: PolicyResult;
  files(): BuiltPolicy['files'] | undefined;
}

/** node:v8, which a build that writes nothing does without. */
const fileBytes = (): typeof FileBytes => require('./file-bytes.ts');

/** The cached result for a policy as it is now on the disk, or undefined. */
export function lookUp(input: InputFile, request: BuildRequest, cache: Cache): CachedPolicy | undefined {
  if (cache === noCache) return undefined;
  let content: Uint8Array;
  try {
    content = readFileSync(input.path);
  } catch {
    // Whoever compiles it says why it cannot be read.
    return undefined;
  }
  const keys = keysOf(input, content, request);
  const entry = cache.get(keys.result, digestOf);
  if (entry === undefined) return undefined;
  const result: PolicyResult = JSON.parse(entry.toString());
  // A check has left no files; what a build has left serves a check too.
  if (result.hash === '' && request.options.findingsOnly !== true) return undefined;
  return {
    result,
    files() {
      const files = cache.get(keys.files, digestOf);
      return files === undefined ? undefined : fileBytes().filesFrom(files);
    },
  };
}

/**
 * Stores what was made of a policy, or found in it. `contents` is what it was made from, the policy first: digests of the files as they
 * are by now could belong to an edit that came in between.
 */
export function store(
  input: InputFile,
  contents: ReadonlyMap<string, Uint8Array | string>,
  request: BuildRequest,
  built: BuiltPolicy,
  cache: Cache,
): void {
  if (cache === noCache) return;
  const [[, own = ''] = [], ...pulledIn] = contents;
  const content = typeof own === 'string' ? Buffer.from(own) : own;
  const dependencies = pulledIn.map(([path, bytes]) => ({ path, digest: nodeHost.sha256(bytes) }));
  const keys = keysOf(input, content, request);
  if (request.options.findingsOnly !== true) cache.put(keys.files, dependencies, fileBytes().bytesOf(built.files));
  cache.put(keys.result, dependencies, Buffer.from(JSON.stringify(built.result)));
}

/**
 * The files lie in an entry of their own: they are a hundred times the result's size, and an unchanged build reads none.
 * `options.dialect` is in the request's context; that of the file comes before it.
 */
function keysOf(input: InputFile, content: Uint8Array, { context }: BuildRequest) {
  const result = cacheKey([context, input.dialect ?? '', input.workspace, input.path, nodeHost.sha256(content)]);
  return { result, files: `${result}-files` };
}

function digestOf(path: string): string | null {
  const content = nodeHost.read(path);
  return content === undefined ? null : nodeHost.sha256(content);
}
