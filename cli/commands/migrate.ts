import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { migrateKuadrant } from '../../compiler/dialects/kuadrant/migrate/migrate.ts';
import { formatPolicy } from '../../compiler/format/format.ts';
import { decode } from '../../compiler/source/decode.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { findInputs } from '../build/inputs.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { printDiagnostics } from '../output.ts';
import { summaries } from '../summaries.ts';

export const command = defineCommand(
  {
    name: 'migrate',
    summary: summaries.migrate,
    operands: 'PATH...',
    operandCount: { least: 1, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      check: { type: 'flag', doc: 'write nothing; exit with 4 where a file would change' },
      format: { type: 'flag', doc: 'lay out what is rewritten as `polc fmt` does' },
    },
    examples: ['polc migrate policies', 'polc migrate --check deploy/limits.yaml'],
  },
  async ({ options, operands }, terminal) => {
    const inputs = findInputs(operands);
    for (const { path, reason } of inputs.problems)
      terminal.writeError(`polc migrate: cannot read \`${path}\`: ${reason}\n`);
    if (inputs.problems.length > 0) return exitCode.environment;
    const left: Diagnostic[] = [];
    let changed = 0;
    for (const { path } of inputs.files) {
      const temporary = `${path}.polc-${process.pid}.tmp`;
      try {
        const bytes = readFileSync(path);
        const { source, diagnostic, byteOrderMark } = decode(path, bytes);
        if (diagnostic !== undefined) {
          left.push(diagnostic);
          continue;
        }
        const result = migrateKuadrant(source);
        if (result.applied.length === 0) continue;
        changed += 1;
        const count = `${result.applied.length} ${result.applied.length === 1 ? 'change' : 'changes'}`;
        terminal.write(`${path}  ${count}\n`);
        if (options.check) continue;
        const text = options.format ? formatPolicy(sourceText(path, result.text)).text : result.text;
        // Excerpts are read from the disk, which has the new text by then.
        left.push(...(options.format ? migrateKuadrant(sourceText(path, text)).left : result.left));
        writeFileSync(temporary, `${byteOrderMark ? '\ufeff' : ''}${text}`, { flag: 'wx', mode: statSync(path).mode });
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        terminal.writeError(`polc migrate: cannot write \`${path}\`: ${failureText(error)}\n`);
        return exitCode.environment;
      }
    }
    if (left.length > 0) {
      terminal.writeError('what is left needs a decision:\n');
      await printDiagnostics(
        left,
        inputs.files.map(({ path }) => path),
        'pretty',
        terminal,
      );
      return exitCode.policy;
    }
    return options.check && changed > 0 ? exitCode.refused : exitCode.fine;
  },
);
