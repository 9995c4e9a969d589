import { readFileSync } from 'node:fs';
import { type Compilation, compile } from '../../compiler/compile.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { Host } from '../../compiler/host.ts';
import type { Memory } from '../../compiler/memory/remembered.ts';
import type { Cache } from '../cache.ts';
import { failureText } from '../failure.ts';
import { workspaceHost } from '../workspace-host.ts';
import type { InputFile } from './inputs.ts';
import { type BuildRequest, store } from './policy-cache.ts';
import { type BuiltPolicy, resultOf } from './result.ts';

/** One view of the workspace for each build: what is worked out of all files of it is worked out once. */
const hosts = new WeakMap<BuildRequest, Host>();

function hostOf(request: BuildRequest): Host {
  const host = hosts.get(request) ?? workspaceHost();
  hosts.set(request, host);
  return host;
}

/**
 * How often a policy that seemed too slow is timed again, until it is not. V8 runs code slowly the first times, and
 * compiles it beside: the gate is about policies, not about the start of a process.
 */
const repetitions = 20;

/**
 * Reads, compiles and stores one policy.
 *
 * @param memory what the compilations of this thread leave to each other; absent, nothing
 */
export function compileOne(input: InputFile, request: BuildRequest, cache: Cache, memory?: Memory): BuiltPolicy {
  const content = readInput(input);
  if (!(content instanceof Uint8Array)) return content;
  const host = hostOf(request);
  const once = (known?: Memory) =>
    compile(input.path, content, host, {
      ...request.options,
      ...(known === undefined ? {} : { memory: known }),
      ...(input.dialect === undefined ? {} : { dialect: input.dialect }),
      workspace: input.workspace,
    });
  let compilation = once(memory);
  // Without the memory: what is known from the time before takes no time.
  for (let again = 0; again < repetitions && isTooSlow(compilation); again++) compilation = once();
  const built: BuiltPolicy = { result: resultOf(input.path, compilation), files: compilation.files };
  // An exception of ours should be seen again; a policy that is too slow here may not be so on another day.
  if (isTooSlow(compilation) || built.result.diagnostics.some(({ code }) => code === 'POL9000')) return built;
  // A file that was looked for and not found is a dependency too, but such a policy is wrong and cheap to compile again.
  // What lies around it is read anew in each build: any file may be added to it.
  if (built.result.ok && !compilation.listed) store(input, compilation.contents, request, built, cache);
  return built;
}

function isTooSlow({ diagnostics }: Compilation): boolean {
  return diagnostics.some(({ code }) => code === 'POL8100');
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
