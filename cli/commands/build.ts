import type { BackendName } from '../../compiler/backends/backend.ts';
import { build } from '../build/build.ts';
import { findInputs } from '../build/inputs.ts';
import { summaryTable } from '../build/table.ts';
import { watch } from '../build/watch.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { countText, formats, isFormat, printDiagnostics } from '../output.ts';
import { readTarget, targetKeys } from '../target.ts';
import type { Terminal } from '../terminal.ts';

export const backendNames: readonly BackendName[] = ['ir', 'seccomp', 'landlock', 'cgroup', 'oci', 'launcher'];

export const command = defineCommand(
  {
    name: 'build',
    summary: 'compile policies and write what enforces them',
    operands: '[PATH]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      out: { type: 'text', value: 'DIR', doc: 'the output folder', default: 'dist', short: 'o', completes: 'folders' },
      target: {
        type: 'pairs',
        value: 'KEY=VALUE',
        doc: `what to build for: ${Object.keys(targetKeys).join(', ')}`,
        short: 't',
      },
      emit: {
        type: 'list',
        value: 'LIST',
        doc: 'the backends to run; default: all that the policy needs',
        choices: backendNames,
      },
      format: { type: 'choice', choices: formats, doc: 'how to print diagnostics', default: 'pretty' },
      'max-ms': {
        type: 'number',
        value: 'N',
        doc: 'the time gate of one policy in milliseconds; 0 turns it off',
        minimum: 0,
      },
      jobs: {
        type: 'number',
        value: 'N',
        doc: 'threads; 0 for one a processor',
        default: 0,
        minimum: 0,
        whole: true,
        short: 'j',
      },
      'no-cache': { type: 'flag', doc: 'compile everything again' },
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
    const target = readTarget(options.target);
    if ('problem' in target) {
      terminal.writeError(`polc build: ${target.problem}\n  = help: ${target.help}\n`);
      return exitCode.usage;
    }
    const format = isFormat(options.format) ? options.format : 'pretty';
    const words = operands.length === 0 ? ['.'] : operands;
    const once = async (): Promise<{ code: number; reads: readonly string[] }> => {
      const inputs = findInputs(words);
      for (const { path, reason } of inputs.problems)
        terminal.writeError(`polc build: cannot read \`${path}\`: ${reason}\n`);
      if (inputs.problems.length > 0) return { code: exitCode.environment, reads: [] };
      if (inputs.files.length === 0) {
        terminal.writeError(
          `polc build: there is no YAML file in ${words.map((word) => `\`${word}\``).join(', ')}\n  = help: name a policy, or let \`polc init\` write one\n`,
        );
        return { code: exitCode.usage, reads: [] };
      }
      if (format === 'pretty') terminal.write(`\npolc build ${words.join(' ')} → ${options.out}\n\n`);
      const outcome = await build({
        inputs: inputs.files,
        out: options.out,
        options: {
          target,
          today: new Date().toISOString().slice(0, 10),
          // The list's choices are the backends' names, so that is what its items are.
          ...(options.emit.length === 0 ? {} : { emit: backendNames.filter((name) => options.emit.includes(name)) }),
          ...(options['max-ms'] === undefined ? {} : { maximumMilliseconds: options['max-ms'] }),
        },
        jobs: options.jobs,
        cache: !options['no-cache'],
        onProgress: (done, all) => terminal.progress(`compiling ${done} of ${all} …`),
      });
      terminal.progress('');
      const diagnostics = [...outcome.results.flatMap((result) => result.diagnostics), ...outcome.diagnostics];
      if (format === 'pretty') printSummary(outcome, terminal);
      if (format !== 'pretty' || diagnostics.length > 0) {
        await printDiagnostics(
          diagnostics,
          inputs.files.map(({ path }) => path),
          format,
          terminal,
        );
      }
      const code = outcome.ok ? exitCode.fine : outcome.environment ? exitCode.environment : exitCode.policy;
      return { code, reads: outcome.results.flatMap(({ reads }) => reads) };
    };
    const first = await once();
    if (!options.watch) return first.code;
    return watch(words, first.reads, async () => (await once()).reads, terminal);
  },
);

function printSummary(outcome: Awaited<ReturnType<typeof build>>, terminal: Terminal): void {
  const { results, cached, ok } = outcome;
  const good = results.filter((result) => result.ok);
  if (good.length > 0 && good.length <= 60) terminal.write(`${summaryTable(good, cached, terminal.width)}\n`);
  const diagnostics = [...results.flatMap((result) => result.diagnostics), ...outcome.diagnostics];
  const counts = countText(diagnostics);
  const policies = `${results.length} ${results.length === 1 ? 'policy' : 'policies'}`;
  const sentence = ok
    ? `${policies} built, every artifact validated against its policy`
    : `nothing was written: ${results.length - good.length} of ${policies} ${results.length - good.length === 1 ? 'is' : 'are'} wrong`;
  terminal.write(`${sentence}${counts === '' ? '' : ` · ${counts}`}\n${diagnostics.length > 0 ? '\n' : ''}`);
}
