import { readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { defaultTarget, describeTarget } from '../../compiler/target.ts';
import { version } from '../../compiler/version.ts';
import { type Cache, cacheKey } from '../cache.ts';
import { failureText } from '../failure.ts';
import { nodeHost } from '../host.ts';
import type { InputFile } from './inputs.ts';
import { type BuiltPolicy, type PolicyResult, resultOf } from './result.ts';

/** What a build asks of each policy; plain data, since it goes to worker threads. */
export interface BuildRequest {
  readonly options: CompileOptions;
  /** A digest of the compiler itself: another build of it shares no cache entry. */
  readonly compilerId: string;
}

/** What the cache knows of a policy. The files are read only where they are wanted. */
export interface CachedPolicy {
  readonly result: PolicyResult;
  files(): BuiltPolicy['files'] | undefined;
}

/** Reads, compiles and stores one policy. */
export function compileOne(input: InputFile, request: BuildRequest, cache: Cache): BuiltPolicy {
  const content = readInput(input);
  if (!(content instanceof Uint8Array)) return content;
  const compilation = compile(input.path, content, nodeHost, {
    ...request.options,
    ...(input.dialect === undefined ? {} : { dialect: input.dialect }),
    workspace: input.workspace,
  });
  const built: BuiltPolicy = { result: resultOf(input.path, compilation), files: compilation.files };
  // A gate that was exceeded once need not be the next time, and an exception of ours should be seen again.
  if (built.result.diagnostics.some(({ code }) => code === 'POL8100' || code === 'POL9000')) return built;
  const dependencies = built.result.reads.slice(1).map((path) => ({ path, digest: digestOf(path) }));
  // A file that was looked for and not found is a dependency too, but such a policy is wrong and cheap to compile again.
  if (!built.result.ok) return built;
  const keys = keysOf(input, content, request);
  cache.put(keys.files, dependencies, serialize(built.files));
  cache.put(keys.result, dependencies, serialize(built.result));
  return built;
}

/** The cached result for a policy as it is now on the disk, or undefined. */
export function lookUp(input: InputFile, request: BuildRequest, cache: Cache): CachedPolicy | undefined {
  const content = readInput(input);
  if (!(content instanceof Uint8Array)) return undefined;
  const keys = keysOf(input, content, request);
  const result = cache.get(keys.result, digestOf);
  if (result === undefined) return undefined;
  return {
    result: deserialize(result),
    files() {
      const files = cache.get(keys.files, digestOf);
      return files === undefined ? undefined : deserialize(files);
    },
  };
}

function keysOf(input: InputFile, content: Uint8Array, { options, compilerId }: BuildRequest) {
  const target = JSON.stringify(describeTarget(options.target ?? defaultTarget));
  const settings = JSON.stringify([
    options.emit,
    options.accept,
    [...(options.severities ?? [])].sort(),
    input.dialect ?? options.dialect,
    options.today,
    input.workspace,
  ]);
  const parts = [version, compilerId, target, settings, input.path, content];
  return { result: cacheKey(['result', ...parts]), files: cacheKey(['files', ...parts]) };
}

function digestOf(path: string): string | null {
  const content = nodeHost.read(path);
  return content === undefined ? null : nodeHost.sha256(content);
}

function readInput(input: InputFile): Uint8Array | BuiltPolicy {
  try {
    return readFileSync(input.path);
  } catch (error) {
    const span = { file: input.path, start: 0, end: 0 };
    return {
      result: {
        path: input.path,
        ok: false,
        name: input.path,
        dialect: '',
        diagnostics: [report('POL8002', span, { path: input.path, reason: failureText(error) })],
        suppressed: 0,
        coverage: { full: 0, partial: 0, accepted: 0, total: 0 },
        emits: [],
        phases: [],
        hash: '',
        reads: [],
      },
      files: [],
    };
  }
}
