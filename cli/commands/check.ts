import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { decode } from '../../compiler/source/decode.ts';
import { build } from '../build/build.ts';
import { findInputs, type InputFile } from '../build/inputs.ts';
import { compileOptions } from '../build/options.ts';
import { policiesFindings } from '../build/policies-findings.ts';
import type { PolicyResult } from '../build/result.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { countText, diskSources, isFormat, leftOutText, printDiagnostics, shownLeftOut } from '../output.ts';
import { compileOptionsOf, findProject, targetOf } from '../project.ts';
import { summaries } from '../summaries.ts';
import { readTarget } from '../target.ts';
import type { Terminal } from '../terminal.ts';

export const command = defineCommand(
  {
    name: 'check',
    summary: summaries.check,
    operands: '[PATH]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      quiet: { type: 'flag', doc: 'print errors alone', short: 'q' },
      fix: { type: 'flag', doc: 'apply the fixes that keep the meaning beyond doubt' },
      ...compileOptions,
    },
    examples: [
      'polc check policies',
      'polc check --fix web.yaml',
      'polc check gateway routes',
      'polc check --format sarif > polc.sarif',
    ],
  },
  async ({ options, operands }, terminal) => {
    const project = await findProject();
    const target = readTarget(options.target, targetOf(project));
    if ('problem' in target) {
      terminal.writeError(`polc check: ${target.problem}\n  = help: ${target.help}\n`);
      return exitCode.usage;
    }
    const format = isFormat(options.format) ? options.format : 'pretty';
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, project.path === undefined ? [] : [project.path], format, terminal);
      return exitCode.policy;
    }
    const words = operands.length === 0 ? ['.'] : operands;
    const inputs = findInputs(words, project);
    for (const { path, reason } of inputs.problems)
      terminal.writeError(`polc check: cannot read \`${path}\`: ${reason}\n`);
    if (inputs.problems.length > 0) return exitCode.environment;
    if (inputs.files.length === 0) {
      const where = words.map((word) => `\`${word}\``).join(', ');
      terminal.writeError(
        `polc check: there is no YAML file in ${where}\n  = help: name a policy, or let \`polc init\` write one\n`,
      );
      return exitCode.usage;
    }
    const together = togetherOf(operands, inputs.files);
    const check = () =>
      build({
        inputs: inputs.files,
        out: undefined,
        options: {
          ...compileOptionsOf(project),
          target,
          today: new Date().toISOString().slice(0, 10),
          ...(options['max-ms'] === undefined ? {} : { maximumMilliseconds: options['max-ms'] }),
          ...(together === undefined ? {} : { together }),
        },
        jobs: options.jobs,
        cache: !options['no-cache'],
        onProgress: (done, all) => terminal.progress(`checking ${done} of ${all} …`),
      });
    let outcome = await check();
    if (options.fix) {
      const fixed: FixCount = { fixes: 0, files: new Set() };
      // What stands below a misspelt key is read, and can be fixed, only once the key is right.
      for (let round = 0; round < mostRounds; round += 1) {
        const found = outcome.results.flatMap((result) => result.diagnostics);
        const written = writeFixes(found, fixed, terminal);
        if (written === 'refused') return exitCode.environment;
        if (written === 'nothing') break;
        outcome = await check();
      }
      if (fixed.fixes > 0) {
        const where = `${fixed.files.size} ${fixed.files.size === 1 ? 'file' : 'files'}`;
        terminal.writeError(`${fixed.fixes} ${fixed.fixes === 1 ? 'fix' : 'fixes'} applied in ${where}\n`);
      }
    }
    terminal.progress('');
    const found = [
      ...project.diagnostics,
      ...policiesFindings(outcome.results),
      ...outcome.diagnostics,
      ...(format === 'pretty' ? outcome.leftOut.slice(0, shownLeftOut) : outcome.leftOut),
    ];
    const diagnostics = options.quiet ? found.filter(({ severity }) => severity === 'error') : found;
    if (format !== 'pretty' || diagnostics.length > 0) {
      await printDiagnostics(
        diagnostics,
        inputs.files.map(({ path }) => path),
        format,
        terminal,
      );
    }
    if (format === 'pretty' && !options.quiet) {
      const number = outcome.results.length;
      const sentence = `${number} ${number === 1 ? 'policy' : 'policies'} checked`;
      const compared = comparedText(outcome.results, together);
      const parts = [sentence, compared, countText(diagnostics), leftOutText(outcome.leftOut.length)];
      terminal.write(`${parts.filter((part) => part !== '').join(' · ')}\n`);
    }
    return outcome.ok || outcome.results.length === 0 ? exitCode.fine : exitCode.policy;
  },
);

/** More files than this are no folder of policies that are applied together. */
const mostTogether = 2_000;

/** The files that are compared with each other wherever they lie: all, where several paths are named. */
function togetherOf(words: readonly string[], files: readonly InputFile[]): readonly string[] | undefined {
  return words.length < 2 || files.length > mostTogether ? undefined : files.map(({ path }) => path);
}

/** Among which files conflicts were looked for, where there are several that can conflict. */
function comparedText(results: readonly PolicyResult[], together: readonly string[] | undefined): string {
  if (results.filter(({ dialect }) => dialect === 'kuadrant').length < 2) return '';
  return together === undefined ? 'compared within each folder' : `compared across all ${together.length} files`;
}

/** Enough for keys within misspelt keys; a pair of fixes that undo each other ends too. */
const mostRounds = 8;

interface FixCount {
  fixes: number;
  readonly files: Set<string>;
}

/** Writes the fixed files, each as a whole and by a rename, and counts. */
function writeFixes(
  diagnostics: readonly Diagnostic[],
  count: FixCount,
  terminal: Terminal,
): 'written' | 'nothing' | 'refused' {
  const { texts, applied } = applyFixes(diagnostics, diskSources(), 'certain');
  for (const [path, text] of texts) {
    const temporary = `${path}.polc-${process.pid}.tmp`;
    try {
      const mark = decode(path, readFileSync(path)).byteOrderMark ? '\ufeff' : '';
      writeFileSync(temporary, `${mark}${text}`, { flag: 'wx', mode: statSync(path).mode });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      terminal.writeError(`polc check: cannot write \`${path}\`: ${failureText(error)}\n`);
      return 'refused';
    }
    count.files.add(path);
  }
  if (texts.size === 0) return 'nothing';
  count.fixes += applied.length;
  return 'written';
}
