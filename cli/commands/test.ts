import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { findInputs } from '../build/inputs.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { printDiagnostics } from '../output.ts';
import { type TestedFile, testFile } from '../policy-tests/test-file.ts';
import { testsJson, testsJunit, testsText } from '../policy-tests/test-report.ts';
import { findProject, targetOf } from '../project.ts';
import { summaries } from '../summaries.ts';
import { readTarget } from '../target.ts';

export const command = defineCommand(
  {
    name: 'test',
    summary: summaries.test,
    operands: '[PATH]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      target: { type: 'pairs', value: 'KEY=VALUE', doc: 'the target, as for build', short: 't' },
      format: {
        type: 'choice',
        choices: ['pretty', 'json', 'junit'],
        doc: 'how to print the answers',
        default: 'pretty',
      },
    },
    examples: [
      'polc test policies',
      'polc test web.yaml --target architectures=aarch64',
      'polc test --format junit > tests.xml',
    ],
  },
  async ({ options, operands }, terminal) => {
    const project = await findProject();
    const target = readTarget(options.target, targetOf(project));
    if ('problem' in target) {
      terminal.writeError(`polc test: ${target.problem}\n  = help: ${target.help}\n`);
      return exitCode.usage;
    }
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
      return exitCode.policy;
    }
    const words = operands.length === 0 ? ['.'] : operands;
    const { files, problems } = findInputs(words, project);
    for (const { path, reason } of problems) terminal.writeError(`polc test: cannot read \`${path}\`: ${reason}\n`);
    if (problems.length > 0) return exitCode.environment;
    const tested: TestedFile[] = [];
    for (const [index, file] of files.entries()) {
      terminal.progress(`testing ${index + 1} of ${files.length} …`);
      const found = testFile(file, project, target);
      if (found === undefined) continue;
      if ('problem' in found) {
        terminal.progress('');
        terminal.writeError(`polc test: ${found.problem}\n`);
        return exitCode.environment;
      }
      tested.push(found);
    }
    terminal.progress('');
    if (tested.length === 0) {
      const where = words.map((word) => `\`${word}\``).join(', ');
      terminal.writeError(
        `polc test: no policy in ${where} has tests\n  = help: write them under \`tests:\`; \`polc docs sandbox\` says how\n`,
      );
      return exitCode.usage;
    }
    const errors: readonly Diagnostic[] = tested.flatMap((file) => file.errors);
    if (options.format === 'json') terminal.write(testsJson(tested));
    else if (options.format === 'junit') terminal.write(testsJunit(tested));
    else {
      if (errors.length > 0) await printDiagnostics(errors, [], 'pretty', terminal);
      terminal.write(testsText(tested));
    }
    const passed = errors.length === 0 && tested.every(({ results }) => results.every((each) => each.passed));
    return passed ? exitCode.fine : exitCode.policy;
  },
);
