import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { formatPolicy } from '../../compiler/format/format.ts';
import { decode } from '../../compiler/source/decode.ts';
import { findInputs } from '../build/inputs.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { printDiagnostics } from '../output.ts';
import { summaries } from '../summaries.ts';

export const command = defineCommand(
  {
    name: 'fmt',
    summary: summaries.fmt,
    operands: '[PATH]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: { check: { type: 'flag', doc: 'write nothing; exit with 4 where a file would change' } },
    examples: ['polc fmt policies', 'polc fmt --check'],
  },
  async ({ options, operands }, terminal) => {
    const inputs = findInputs(operands.length === 0 ? ['.'] : operands);
    for (const { path, reason } of inputs.problems)
      terminal.writeError(`polc fmt: cannot read \`${path}\`: ${reason}\n`);
    if (inputs.problems.length > 0) return exitCode.environment;
    const diagnostics: Diagnostic[] = [];
    let changed = 0;
    for (const { path } of inputs.files) {
      const temporary = `${path}.polc-${process.pid}.tmp`;
      try {
        const bytes = readFileSync(path);
        const { source, diagnostic } = decode(path, bytes);
        const formatted =
          diagnostic === undefined ? formatPolicy(source) : { text: source.text, diagnostics: [diagnostic] };
        const errors = formatted.diagnostics.filter(({ severity }) => severity === 'error');
        diagnostics.push(...errors);
        if (errors.length > 0 || Buffer.from(formatted.text).equals(bytes)) continue;
        changed += 1;
        terminal.write(`${path}\n`);
        if (options.check) continue;
        writeFileSync(temporary, formatted.text, { flag: 'wx', mode: statSync(path).mode });
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        terminal.writeError(`polc fmt: cannot write \`${path}\`: ${failureText(error)}\n`);
        return exitCode.environment;
      }
    }
    if (diagnostics.length > 0) {
      await printDiagnostics(
        diagnostics,
        inputs.files.map(({ path }) => path),
        'pretty',
        terminal,
      );
      return exitCode.policy;
    }
    return options.check && changed > 0 ? exitCode.refused : exitCode.fine;
  },
);
