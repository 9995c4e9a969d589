import { realpathSync } from 'node:fs';
import { grouped } from '../../../compiler/diagnostics/grouped.ts';
import { replaceFile } from '../../../runtime/replace-file.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { formats, isFormat, printDiagnostics } from '../../output.ts';
import { findProject } from '../../project.ts';
import { report } from '../../report.ts';
import { wasmSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'wasm harden',
    summary: wasmSummaries.harden,
    operands: 'GUEST',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      policy: { type: 'text', value: 'POLICY', doc: 'the sandbox policy to compile into it', completes: 'files' },
      out: { type: 'text', value: 'FILE', doc: 'where to write the hardened guest', short: 'o', completes: 'files' },
      fuel: { type: 'text', value: 'UNITS', doc: 'what the whole run may use, in calls and turns of loops' },
      format: { type: 'choice', choices: formats, doc: 'how to print diagnostics', default: 'pretty' },
      quiet: { type: 'flag', doc: 'print no warnings and hints', short: 'q' },
    },
    details:
      'GUEST is a module for WASI preview 1. The hardened one runs on any engine, which need not be trusted with paths, memory and time: give it the folders that the policy names, under their own names. `polc docs webassembly` says what holds and what is assumed.',
    examples: ['polc wasm harden tool.wasm --policy tool.yaml -o tool.hardened.wasm'],
  },
  async ({ options, operands: [guest = ''] }, terminal) => {
    const wrong = (problem: string, help: string) => {
      terminal.writeError(`polc wasm harden: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    if (options.policy === undefined) return wrong('there is no policy', 'name one with `--policy POLICY`');
    if (options.out === undefined) return wrong('there is no file to write', 'name one with `--out FILE`');
    const { fuel } = options;
    if (fuel !== undefined && !/^[1-9]\d{0,17}$/.test(fuel)) {
      return wrong(`\`--fuel ${fuel}\` is no number of units`, 'write a whole number, such as `1000000000`');
    }
    if (isSameFile(options.out, guest) || isSameFile(options.out, options.policy)) {
      return wrong(`\`${options.out}\` would be replaced by what is made of it`, 'name another file with `--out`');
    }
    const format = isFormat(options.format) ? options.format : 'pretty';
    const project = await findProject();
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], format, terminal);
      return exitCode.policy;
    }
    const { hardenFile } = await import('../../wasm/harden-file.ts');
    const result = hardenFile(options.policy, guest, project, fuel === undefined ? undefined : BigInt(fuel));
    if ('problem' in result) {
      if (result.help !== undefined) return wrong(result.problem, result.help);
      terminal.writeError(
        `polc wasm harden: ${result.problem}\n  = help: name a module and a policy that can be read\n`,
      );
      return exitCode.environment;
    }
    const found = 'diagnostics' in result ? result.diagnostics : result.compilation.diagnostics;
    const shown = found.filter(({ severity }) => severity === 'error' || !options.quiet);
    if (shown.length > 0) await printDiagnostics(shown, [], format, terminal);
    if ('diagnostics' in result) return exitCode.policy;
    try {
      replaceFile(options.out, result.bytes);
    } catch (error) {
      const span = { file: options.out, start: 0, end: 0 };
      const values = { path: options.out, reason: failureText(error) };
      const failed = report('POL8003', span, values, { help: 'choose another file with `--out`' });
      await printDiagnostics([failed], [], format, terminal);
      return exitCode.environment;
    }
    if (!options.quiet) {
      const size = grouped(result.bytes.length);
      terminal.writeError(`${options.out}: ${guest} with ${options.policy} in it, ${size} B\n`);
    }
    return exitCode.fine;
  },
);

/** Also over links; what is not there is no file. */
function isSameFile(left: string, right: string): boolean {
  try {
    return realpathSync(left) === realpathSync(right);
  } catch {
    return false;
  }
}
