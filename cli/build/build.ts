import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { version } from '../../compiler/version.ts';
import { type Cache, cacheFolder, noCache, openCache } from '../cache.ts';
import { report } from '../report.ts';
import { abandonStaging, type OutputFolder, type StagedFolder, type Staging } from '../staging.ts';
import { publish } from '../write.ts';
import { isIntact, type ReportedPolicy, readReport, reportName, reportPolicy, reportText } from './build-report.ts';
import type * as CompileOne from './compile-one.ts';
import { equalNames } from './equal-names.ts';
import type { InputFile } from './inputs.ts';
import { type BuildRequest, buildRequest, type CachedPolicy, lookUp } from './policy-cache.ts';
import type { BuiltPolicy, PolicyResult } from './result.ts';

/** The compiler, which a build of unchanged policies does without. */
const loadCompiler = (): typeof CompileOne => require('./compile-one.ts');

export interface BuildOptions {
  readonly inputs: readonly InputFile[];
  /** The output folder; undefined to check only. */
  readonly out: string | undefined;
  readonly options: BuildRequest['options'];
  readonly jobs: number;
  readonly cache: boolean;
  readonly onProgress: (done: number, all: number) => void;
}

export interface BuildOutcome {
  readonly results: readonly PolicyResult[];
  /** YAML files found in folders that are of no dialect, and so no policies: a warning for each. */
  readonly leftOut: readonly Diagnostic[];
  /** By path: those that came from the cache. */
  readonly cached: ReadonlySet<string>;
  /** What concerns the build rather than one policy: equal names, an output that cannot be written. */
  readonly diagnostics: readonly Diagnostic[];
  /** True where there is a policy, every one is right and everything is in the output folder. */
  readonly ok: boolean;
  /** True where it was the environment that refused. */
  readonly environment: boolean;
}

/**
 * Compiles every policy and publishes the output as a whole: one wrong policy, and nothing is written and the last good
 * output stays.
 */
export async function build({
  inputs,
  out,
  options,
  jobs,
  cache: useCache,
  onProgress,
}: BuildOptions): Promise<BuildOutcome> {
  const request = buildRequest({ ...options, findingsOnly: out === undefined }, compilerId());
  const folder = useCache ? cacheFolder() : undefined;
  const cache: Cache = folder === undefined ? noCache : openCache(folder);
  const found = new Map<string, CachedPolicy>();
  const built = new Map<string, BuiltPolicy>();
  for (const input of inputs) {
    const hit = lookUp(input, request, cache);
    if (hit !== undefined) found.set(input.path, hit);
  }
  const missing = inputs.filter(({ path }) => !found.has(path));
  let staging: Staging | undefined;
  if (missing.length > 0) {
    const { compileAll } = await import('./pool.ts');
    staging = await compileAll(missing, request, cache, {
      jobs,
      workerScript: workerScript(),
      cacheFolder: folder,
      out,
      onDone: (policy) => {
        built.set(policy.result.path, policy);
        onProgress(found.size + built.size, inputs.length);
      },
    });
  }
  const all = inputs.map(({ path }) => found.get(path)?.result ?? built.get(path)!.result);
  const leftOut = strangers(inputs, all);
  const results = leftOut.size === 0 ? all : all.filter(({ path }) => !leftOut.has(path));
  const whole = results.filter(({ ok }) => ok);
  const diagnostics = [...equalNames(whole, textOf), ...takenNames(results)];
  const wrong = diagnostics.length > 0 || results.length === 0 || results.some(({ ok }) => !ok);
  let refused: Diagnostic | undefined;
  if (wrong || out === undefined) {
    if (staging !== undefined) abandonStaging(staging);
  } else {
    const inputOf = new Map(inputs.map((input) => [input.path, input]));
    // An entry that is damaged, or that another process has dropped since its result was read, is compiled again.
    const filesOf = (path: string) =>
      built.get(path) ?? {
        files: found.get(path)?.files() ?? loadCompiler().compileOne(inputOf.get(path)!, request, cache).files,
      };
    refused = write(out, results, filesOf, new Set(found.keys()), staging, request.context);
  }
  cache.close();
  const problems =
    cache.problem === undefined
      ? []
      : [report('POL8005', { file: cache.problem.path, start: 0, end: 0 }, cache.problem)];
  return {
    results,
    leftOut: [...leftOut.values()].flat(),
    cached: new Set(found.keys()),
    diagnostics: [...diagnostics, ...(refused === undefined ? [] : [refused]), ...problems],
    ok: !wrong && refused === undefined,
    environment: refused !== undefined,
  };
}

function write(
  out: string,
  results: readonly PolicyResult[],
  filesOf: (path: string) => Pick<BuiltPolicy, 'files' | 'staged'>,
  cached: ReadonlySet<string>,
  staging: Staging | undefined,
  context: string,
): Diagnostic | undefined {
  const before = new Map((readReport(out)?.policies ?? []).map((policy) => [policy.policy, policy]));
  const folders: OutputFolder[] = [];
  const begun: StagedFolder[] = [];
  const intact = new Map<string, ReportedPolicy>();
  for (const result of results) {
    const last = before.get(result.name);
    if (last !== undefined && cached.has(result.path) && isIntact(out, last, result, context)) {
      intact.set(result.name, last);
      continue;
    }
    const { files, staged } = filesOf(result.path);
    if (staged === undefined) folders.push({ name: result.name, files });
    else begun.push(staged);
  }
  if (folders.length + begun.length === 0 && intact.size === before.size) return undefined;
  return publish(out, folders, {
    ...(staging === undefined ? {} : { begun: { staging, folders: begun } }),
    files: (marks) => {
      const policies = results.map(
        (result) =>
          intact.get(result.name) ??
          reportPolicy(result, context, marks.get(result.name) ?? [], cached.has(result.path)),
      );
      return [{ path: reportName, content: reportText(policies) }];
    },
  });
}

/**
 * Files of other tools that a walk through folders came upon: no dialect knows their keys, and nobody named them. One that
 * a policy pulls in is its part, and no word is lost on it.
 */
function strangers(
  inputs: readonly InputFile[],
  results: readonly PolicyResult[],
): ReadonlyMap<string, readonly Diagnostic[]> {
  const found = new Map<string, readonly Diagnostic[]>();
  const named = new Set(inputs.filter((input) => input.named).map(({ path }) => path));
  const candidates = results.filter(({ path, ok }) => !ok && !named.has(path));
  for (const { path, diagnostics, dialect } of candidates) {
    const stranger = dialect === '' ? diagnostics.find(({ code }) => code === 'POL2010') : undefined;
    // Tiers or teams that a policy includes are no policy by themselves: they say not where they hold.
    const isPart = diagnostics.some(({ code }) => code === 'POL2100');
    if (stranger === undefined && !isPart) continue;
    const pulledIn = results.some(({ reads }) => reads.includes(path, 1));
    if (pulledIn) found.set(path, []);
    else if (stranger !== undefined) found.set(path, [{ ...stranger, severity: 'warning' }]);
  }
  return found;
}

/** The report of the build lies beside the folders of the policies. */
function takenNames(results: readonly PolicyResult[]): readonly Diagnostic[] {
  return results
    .filter(({ name, ok }) => ok && name === reportName)
    .map(({ path, name }) => report('POL5024', { file: path, start: 0, end: 0 }, { name }));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It was there when it was compiled; without it the place of its name is not known.
    return undefined;
  }
}

/** The bundle's own digest, taken when it was built; the sources' version where nothing was bundled. */
function compilerId(): string {
  try {
    return readFileSync(join(import.meta.dirname, 'compiler-id'), 'utf8');
  } catch {
    return version;
  }
}

function workerScript(): string | undefined {
  const script = join(import.meta.dirname, '..', 'bin', 'thread.js');
  return existsSync(script) ? script : undefined;
}
