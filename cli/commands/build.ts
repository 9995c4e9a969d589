import type { BackendName } from '../../compiler/backends/backend.ts';
import type { CompileOptions } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { type BuildOutcome, build } from '../build/build.ts';
import { findInputs } from '../build/inputs.ts';
import { compileOptions } from '../build/options.ts';
import { policiesFindings } from '../build/policies-findings.ts';
import { foldRepeatedHints } from '../build/repeated-hints.ts';
import type { PolicyResult } from '../build/result.ts';
import { summaryTable } from '../build/table.ts';
import { watch } from '../build/watch.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { countText, isFormat, leftOutText, noPolicy, printDiagnostics, shownLeftOut } from '../output.ts';
import { compileOptionsOf, findProject, targetOf } from '../project.ts';
import { summaries } from '../summaries.ts';
import { readTarget, targetKeys } from '../target.ts';
import type { Terminal } from '../terminal.ts';

const backendNames: readonly BackendName[] = [
  'ir',
  'seccomp',
  'landlock',
  'cgroup',
  'oci',
  'launcher',
  'bpf-lsm',
  'guardrail',
  'iam',
  'scp',
  'budgets-action',
  'eventbridge',
  'kuadrant',
  'ami',
  'launch-iam',
  'wasm',
  'wasi',
];

/** What is made of a whole workspace, of what `guardrail` makes of each policy. */
const workspaceOutput = 'lambda';

/** Backends whose output enforces nothing by itself. */
const additions: readonly BackendName[] = ['wasm'];

/** The backends of `--emit`; what enforces nothing by itself adds to what is the default, where it is named alone. */
function emitted(list: readonly string[]): { readonly emit?: readonly BackendName[]; also?: readonly BackendName[] } {
  const wantsWorkspace = list.includes(workspaceOutput);
  const also = additions.filter((name) => list.includes(name));
  if (list.length === also.length + (wantsWorkspace ? 1 : 0)) return also.length === 0 ? {} : { also };
  const emit = backendNames.filter((name) => list.includes(name) || (wantsWorkspace && name === 'guardrail'));
  return { emit };
}

export const command = defineCommand(
  {
    name: 'build',
    summary: summaries.build,
    operands: '[PATH]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      out: { type: 'text', value: 'DIR', doc: 'the output folder', default: 'dist', short: 'o', completes: 'folders' },
      emit: {
        type: 'list',
        value: 'LIST',
        doc: 'the backends to run; default: all that the policy needs; wasm, or lambda, the handler of all guardrails: besides',
        choices: [...backendNames, workspaceOutput],
      },
      ...compileOptions,
      'budget-map': {
        type: 'text',
        value: 'FILE',
        doc: 'with --emit lambda: what each budget counts, for the handler',
        completes: 'files',
      },
      history: {
        type: 'text',
        value: 'FILE',
        doc: 'with --emit lambda: what was spent in earlier periods, for the handler',
        completes: 'files',
      },
      'no-merge': { type: 'flag', doc: 'leave limits apart that differ only in the team: one for each team' },
      optimize: {
        type: 'flag',
        doc: 'make WebAssembly modules smaller and quicker, which takes a while: with binaryen',
      },
      watch: { type: 'flag', doc: 'build again whenever a file changes', short: 'w' },
    },
    details: `Targets: ${Object.entries(targetKeys)
      .map(([key, doc]) => `${key} (${doc})`)
      .join('; ')}.`,
    examples: [
      'polc build policies --out dist',
      'polc build web.yaml --target kernel=6.1 --target architectures=x86_64 --emit seccomp,landlock',
    ],
  },
  async ({ options, operands }, terminal) => {
    const format = isFormat(options.format) ? options.format : 'pretty';
    const words = operands.length === 0 ? ['.'] : operands;
    const known = { budgetMap: options['budget-map'], history: options.history };
    if (!options.emit.includes(workspaceOutput) && (known.budgetMap ?? known.history) !== undefined) {
      terminal.writeError(
        'polc build: `--budget-map` and `--history` are for the handler on AWS Lambda\n  = help: add `--emit lambda`\n',
      );
      return exitCode.usage;
    }
    const optimiser = options.optimize ? await loadOptimiser(terminal) : {};
    if (optimiser === undefined) return exitCode.environment;
    const once = async (): Promise<{ code: number; reads: readonly string[] }> => {
      const project = await findProject();
      const target = readTarget(options.target, targetOf(project));
      if ('problem' in target) {
        terminal.writeError(`polc build: ${target.problem}\n  = help: ${target.help}\n`);
        return { code: exitCode.usage, reads: [] };
      }
      const configuration = project.path === undefined ? [] : [project.path];
      if (!project.ok) {
        await printDiagnostics(project.diagnostics, configuration, format, terminal);
        return { code: exitCode.policy, reads: configuration };
      }
      const inputs = findInputs(words, project);
      for (const { path, reason } of inputs.problems)
        terminal.writeError(`polc build: cannot read \`${path}\`: ${reason}\n`);
      if (inputs.problems.length > 0) return { code: exitCode.environment, reads: configuration };
      if (inputs.files.length === 0) {
        terminal.writeError(`polc build: ${noPolicy(words)}\n`);
        return { code: exitCode.usage, reads: configuration };
      }
      if (format === 'pretty') terminal.write(`\npolc build ${words.join(' ')} → ${options.out}\n\n`);
      const outcome = await build({
        inputs: inputs.files,
        out: options.out,
        options: {
          ...compileOptionsOf(project),
          target,
          today: new Date().toISOString().slice(0, 10),
          // The list's choices are the backends' names, so that is what its items are.
          ...emitted(options.emit),
          ...optimiser,
          ...(options['no-merge'] ? { mergeQuotas: false } : {}),
          ...(options['max-ms'] === undefined ? {} : { maximumMilliseconds: options['max-ms'] }),
        },
        // What optimises is a function, which goes to no other thread.
        jobs: options.optimize ? 1 : options.jobs,
        cache: !options['no-cache'],
        onProgress: (done, all) => terminal.progress(`compiling ${done} of ${all} …`),
      });
      terminal.progress('');
      const wantsLambda = outcome.ok && options.emit.includes(workspaceOutput);
      const ofLambda = wantsLambda ? await emitLambda(options.out, outcome.results, known) : [];
      const refused = ofLambda.find(({ severity }) => severity === 'error');
      const diagnostics = [
        ...project.diagnostics,
        ...policiesFindings(outcome.results),
        ...outcome.diagnostics,
        ...ofLambda,
        ...(format === 'pretty' ? outcome.leftOut.slice(0, shownLeftOut) : outcome.leftOut),
      ];
      if (format === 'pretty') printSummary(outcome, diagnostics, terminal);
      if (format !== 'pretty' || diagnostics.length > 0) {
        await printDiagnostics(
          format === 'pretty' ? foldRepeatedHints(diagnostics, outcome.cached) : diagnostics,
          inputs.files.map(({ path }) => path),
          format,
          terminal,
        );
      }
      if (outcome.results.length === 0) {
        terminal.writeError(`polc build: ${noPolicy(words)}\n`);
        return { code: exitCode.usage, reads: [...configuration, ...inputs.files.map(({ path }) => path)] };
      }
      const environment = outcome.environment || refused?.code === 'POL8002' || refused?.code === 'POL8003';
      const ok = outcome.ok && refused === undefined;
      const code = ok ? exitCode.fine : environment ? exitCode.environment : exitCode.policy;
      return { code, reads: [...configuration, ...outcome.results.flatMap(({ reads }) => reads)] };
    };
    const first = await once();
    if (!options.watch || first.code === exitCode.usage) return first.code;
    return watch(words, first.reads, async () => (await once()).reads, terminal);
  },
);

/** The handler, unless what it should know is wrong: then nothing of it is written. */
async function emitLambda(
  out: string,
  results: readonly PolicyResult[],
  known: { readonly budgetMap: string | undefined; readonly history: string | undefined },
): Promise<readonly Diagnostic[]> {
  const { readKnown, writeLambda } = await import('../guardrail/lambda-output.ts');
  const { texts, diagnostics } = readKnown(known);
  if (diagnostics.some(({ severity }) => severity === 'error')) return diagnostics;
  const refused = writeLambda(out, results, texts);
  return refused === undefined ? diagnostics : [...diagnostics, refused];
}

function printSummary(
  { results, leftOut, cached, ok }: BuildOutcome,
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
): void {
  const good = results.filter((result) => result.ok);
  if (good.length > 0 && good.length <= 60) terminal.write(`${summaryTable(good, cached, terminal.width)}\n`);
  const counts = countText(diagnostics);
  if (results.length === 0) return;
  const policies = `${results.length} ${results.length === 1 ? 'policy' : 'policies'}`;
  const wrong = results.length - good.length;
  const sentence = ok
    ? `${policies} built, every artifact validated against its policy`
    : `nothing was written${wrong === 0 ? '' : `: ${wrong} of ${policies} ${wrong === 1 ? 'is' : 'are'} wrong`}`;
  const parts = [sentence, counts, leftOutText(leftOut.length)].filter((part) => part !== '');
  terminal.write(`${parts.join(' · ')}\n${diagnostics.length > 0 ? '\n' : ''}`);
}

/** Binaryen, whose time is none of the policy's; undefined where it cannot be loaded, which is said. */
async function loadOptimiser(terminal: Terminal): Promise<CompileOptions | undefined> {
  try {
    const { moduleOptimiser } = await import('../build/optimise-module.ts');
    return { optimiseModule: await moduleOptimiser(), maximumMilliseconds: 0 };
  } catch (error) {
    terminal.writeError(
      `polc build: \`--optimize\` cannot load binaryen: ${failureText(error)}\n  = help: install the package \`binaryen\` beside polc, or leave the option out: modules are small without it\n`,
    );
    return undefined;
  }
}
