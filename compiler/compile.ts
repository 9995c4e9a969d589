import type { BackendName, PlacedBackend, Surroundings } from './backends/backend.ts';
import { backendsOf } from './backends/index.ts';
import { type BackendOutput, type BundleFile, bundle } from './bundle.ts';
import { type BackendAnswer, type JoinedCoverage, joinCoverage } from './coverage.ts';
import type { LeftOut } from './coverage-remedy.ts';
import type { Diagnostic, Severity } from './diagnostics/diagnostic.ts';
import { bugReport, isSame } from './diagnostics/found.ts';
import { report } from './diagnostics/report.ts';
import { hasErrors } from './diagnostics/severities.ts';
import type { Suppressed } from './diagnostics/suppress.ts';
import type { Acceptance } from './dialects/dialect.ts';
import { checkGate, type Phase, type PhaseTime, Stopwatch } from './gate.ts';
import type { Host } from './host.ts';
import type { Policy } from './ir/policy.ts';
import { verifyPolicy } from './ir/verify.ts';
import { type Made, make } from './memory/make.ts';
import type { Memory } from './memory/remembered.ts';
import { finished } from './passes/finished.ts';
import { optimiseInSteps } from './passes/index.ts';
import { type Reading, type ReadingOptions, readPolicy } from './read-policy.ts';
import { targetServed } from './served-architectures.ts';
import { positionAt, type SourceText, sourceText } from './source/text.ts';
import { defaultTarget, type Target } from './target.ts';
import { told, toldSoFar } from './told.ts';

export interface CompileOptions extends ReadingOptions {
  readonly target?: Target;
  /** Which backends to run; default: every one that the policy says something to. */
  readonly emit?: readonly BackendName[];
  /** Backends to run besides, where `emit` chooses none. */
  readonly also?: readonly BackendName[];
  /** The backends there are; default: those of backends/index.ts. For one that knows the place where its output will run. */
  readonly backends?: readonly PlacedBackend[];
  /** Makes WebAssembly modules smaller and quicker; what it makes of them is validated as anything else is. */
  readonly optimiseModule?: (module: Uint8Array) => Uint8Array;
  /** Whether limits that differ only in the team are joined to one for each tier; default: true. */
  readonly mergeQuotas?: boolean;
  /** Whether the files of a bundle and the policy's hash are wanted; default: true. */
  readonly bundled?: boolean;
  /** Whether findings are all that is wanted: nothing is bundled, and no backend runs that has none. Default: false. */
  readonly findingsOnly?: boolean;
  /** The gate in milliseconds; 0 turns it off; default: by the policy's size. */
  readonly maximumMilliseconds?: number;
  /** Losses that the configuration accepts. */
  readonly accept?: readonly Acceptance[];
  /** How serious the configuration makes findings, by code. */
  readonly severities?: ReadonlyMap<string, Severity>;
  /** Today as YYYY-MM-DD, against which suppressions run out; absent, none does. */
  readonly today?: string;
  /**
   * What earlier compilations worked out, and this one adds to: parts of policies that are the same are not emitted and
   * validated again. The contents of files that come out are then shared and must not be changed. Default: none.
   */
  readonly memory?: Memory;
}

export interface Compilation {
  /** True where there is no error; only then are there files. */
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Findings that a comment in the policy allows. */
  readonly suppressed: readonly Suppressed[];
  readonly dialect?: string;
  /** The policy as lowered, and as optimised. */
  readonly lowered?: Policy;
  readonly policy?: Policy;
  readonly coverage: readonly JoinedCoverage[];
  readonly outputs: readonly BackendOutput[];
  readonly files: readonly BundleFile[];
  /** The policy's hash; empty where it could not be read, or nothing was bundled. */
  readonly hash: string;
  readonly phases: readonly PhaseTime[];
  /** The text of every file that diagnostics may point into. */
  readonly sources: ReadonlyMap<string, SourceText>;
  /** Every file that was read, the policy first. */
  readonly contents: ReadonlyMap<string, Uint8Array | string>;
  /** True where the findings depend on what else lies in the workspace. */
  readonly listed: boolean;
}

/**
 * Compiles one policy: parse, resolve, lower, verify, optimise, emit, validate, bundle.
 *
 * Pure but for the host; safe to run concurrently. INVARIANT: it never throws, whatever the input; an exception from
 * within becomes the diagnostic POL9000 and no file comes out.
 *
 * @param path the policy's path as the host knows it, with `/` between components
 * @param content its bytes or text
 */
export function compile(
  path: string,
  content: Uint8Array | string,
  host: Host,
  options: CompileOptions = {},
): Compilation {
  return finished(compileInSteps(path, content, host, options));
}

/** A compilation that is not at its end. */
export interface CompileStep {
  /** The phase that has been done, or a part of it. */
  readonly after: Phase;
  /** What has been found so far. */
  findings(): readonly Diagnostic[];
}

/**
 * `compile` for who has other work to do meanwhile: it stops after each phase, and after each backend. What is not
 * asked to go on is given up.
 */
export function* compileInSteps(
  path: string,
  content: Uint8Array | string,
  host: Host,
  options: CompileOptions = {},
): Generator<CompileStep, Compilation> {
  const run: Run = {
    host,
    options,
    target: options.target ?? defaultTarget,
    watch: new Stopwatch(host),
    diagnostics: [],
    comments: [],
    files: { sources: new Map(), contents: new Map([[path, content]]) },
  };
  let result: Partial<Compilation> = {};
  try {
    result = yield* pipeline(path, content, run);
  } catch (bug) {
    run.diagnostics.push(bugReport(path, run.watch.current, bug));
  }
  return finish(path, run, result);
}

interface Run extends Reading {
  readonly options: CompileOptions;
  readonly target: Target;
}

function* pipeline(path: string, content: Uint8Array | string, run: Run): Generator<CompileStep, Partial<Compilation>> {
  const { watch, target, diagnostics, files, options } = run;
  const after = (phase: Phase): CompileStep => ({ after: phase, findings: () => toldSoFar(diagnostics, run) });
  const { dialect, resolved } = readPolicy(path, content, run);
  if (dialect === undefined) return {};
  if (resolved === undefined) return { dialect: dialect.name };
  yield after('resolve');
  const lowered = watch.measure('lower', () => resolved.lower(target, diagnostics));
  // A policy of which some part could not be read is checked no further: what follows would speak of another policy.
  if (hasErrors(diagnostics)) return { dialect: dialect.name, lowered };
  yield after('lower');
  const without = options.mergeQuotas === false ? ['merge-quotas'] : [];
  const optimising = optimiseInSteps(lowered, diagnostics, { without });
  let optimised = watch.measure('optimise', () => optimising.next());
  for (; optimised.done !== true; optimised = watch.measure('optimise', () => optimising.next()))
    yield after('optimise');
  const policy = optimised.value;
  watch.measure('verify', () => expectWellFormed(policy));
  yield after('optimise');
  const known = options.backends ?? backendsOf(dialect.platforms);
  const wanted = options.findingsOnly === true ? known.filter(({ silent }) => silent !== true) : known;
  const chosen = wanted.filter(
    ({ name, byDefault, wantedBy }) =>
      options.also?.includes(name) === true ||
      ((options.emit ?? dialect.emits)?.includes(name) ?? (byDefault || wantedBy?.(policy, target) === true)),
  );
  const served = targetServed(policy, target);
  const outputs: Emitted[] = [];
  for (const backend of chosen.filter((each) => each.applies(policy, served))) {
    outputs.push(watch.measure('emit', () => emit(policy, backend, served, run)));
    yield after('emit');
  }
  const accepted = [...resolved.accepted, ...(options.accept ?? [])];
  const coverage = joinCoverage(
    policy,
    [...(resolved.enforced?.(policy) ?? []), ...outputs.flatMap(({ answers }) => answers)],
    accepted,
    diagnostics,
    leftOutOf(policy, known, served, run),
    options.backends === undefined,
  );
  const partial = { dialect: dialect.name, lowered, policy, coverage };
  if (hasErrors(diagnostics)) return partial;
  yield after('emit');
  const validated: BackendOutput[] = [];
  for (const each of outputs) {
    validated.push(watch.measure('validate', () => validate(policy, each, run)));
    yield after('validate');
  }
  if (hasErrors(diagnostics)) return { ...partial, outputs: validated };
  if (options.bundled === false || options.findingsOnly === true) return { ...partial, outputs: validated, files: [] };
  const made = watch.measure('bundle', () =>
    bundle(
      {
        name: policy.name,
        dialect: dialect.name,
        platforms: dialect.platforms,
        target: served,
        outputs: validated,
        coverage,
        ...files,
      },
      run.host,
    ),
  );
  return { ...partial, outputs: validated, ...made };
}

interface Emitted {
  readonly made: Made;
  readonly output: Omit<BackendOutput, 'validation'>;
  readonly answers: readonly BackendAnswer[];
}

function emit(policy: Policy, backend: PlacedBackend, target: Target, run: Run): Emitted {
  const made = make(backend, policy, target, surroundingsOf(run));
  const { emission } = made;
  // Two formats that are kept from the same thing by the same limit say it once.
  for (const found of emission.diagnostics) {
    if (!run.diagnostics.some((known) => isSame(known, found))) run.diagnostics.push(found);
  }
  const { name } = backend;
  return {
    made,
    output: { backend: name, artifacts: emission.artifacts, summary: emission.summary },
    answers: emission.coverage.map((answer) => ({ ...answer, backend: name })),
  };
}

/** What the backends say that the caller did not choose, whose findings nobody asked for. */
function leftOutOf(policy: Policy, known: readonly PlacedBackend[], target: Target, run: Run): LeftOut | undefined {
  const chosen = run.options.emit;
  if (chosen === undefined) return undefined;
  // A module that only decides is no advice to who wants something enforced.
  const others = known.filter(
    (backend) => backend.name !== 'wasm' && !chosen.includes(backend.name) && backend.applies(policy, target),
  );
  const aside = { ...run, diagnostics: [] };
  return { chosen, answers: () => others.flatMap((backend) => emit(policy, backend, target, aside).answers) };
}

function validate(policy: Policy, { made, output }: Emitted, run: Run): BackendOutput {
  const validation = made.validate();
  if (validation.status === 'refused') {
    const span = policy.decisions[0]?.otherwise.origin.span ?? policy.limits[0]?.origin.span;
    run.diagnostics.push(
      report('POL9002', span ?? wholeOf(run), {
        backend: output.backend,
        counterexample: validation.counterexample ?? validation.method,
      }),
    );
  }
  return { ...output, validation };
}

function surroundingsOf({ host, files, options: { memory, optimiseModule } }: Run): Surroundings {
  return {
    ...(optimiseModule === undefined ? {} : { optimiseModule }),
    ...(memory === undefined ? {} : { memory }),
    sha256: (content) => host.sha256(content),
    position(span) {
      const source = files.sources.get(span.file);
      if (source === undefined) return undefined;
      const { line, column } = positionAt(source, span.start);
      const text = source.text.slice(source.lineStarts[line]!, source.lineStarts[line + 1]).trim();
      return { line: line + 1, column: column + 1, text };
    },
  };
}

function expectWellFormed(policy: Policy): void {
  const violations = verifyPolicy(policy);
  if (violations.length > 0) throw new Error(violations.join('; '));
}

function finish(path: string, run: Run, result: Partial<Compilation>): Compilation {
  const { watch, files, options } = run;
  const source = files.sources.get(path) ?? sourceText(path, '');
  const lines = [...files.sources.values()].reduce((sum, { lineStarts }) => sum + lineStarts.length, 0);
  const slow = checkGate(watch.times, source, lines, options.maximumMilliseconds);
  const found = slow === undefined ? run.diagnostics : [...run.diagnostics, slow];
  const { diagnostics, suppressed } = told(found, run);
  const ok = !hasErrors(diagnostics) && result.files !== undefined;
  return {
    coverage: [],
    outputs: [],
    hash: '',
    ...result,
    ok,
    files: ok ? (result.files ?? []) : [],
    diagnostics,
    suppressed,
    phases: watch.times,
    sources: files.sources,
    contents: files.contents,
    listed: files.listed === true,
  };
}

function wholeOf({ files }: Run) {
  const [path = ''] = files.sources.keys();
  return { file: path, start: 0, end: 0 };
}
