import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { grouped } from '../../../compiler/diagnostics/grouped.ts';
import { nearest } from '../../../compiler/diagnostics/suggest.ts';
import { points } from '../../../compiler/ir/points.ts';
import type { Point } from '../../../compiler/ir/policy.ts';
import { replaceFile } from '../../../runtime/replace-file.ts';
import { findInputs } from '../../build/inputs.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { formats, isFormat, noPolicy, printDiagnostics } from '../../output.ts';
import { findProject } from '../../project.ts';
import { report } from '../../report.ts';
import { wasmSummaries } from '../../summaries.ts';
import { countsByPoint, notesOf, policiesText, readPolicies } from '../../wasm/join-policies.ts';

const everyPoint = Object.keys(points) as Point[];

export const command = defineCommand(
  {
    name: 'wasm join',
    summary: wasmSummaries.join,
    operands: 'PATH...',
    operandCount: { least: 1, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      out: { type: 'text', value: 'DIR', doc: 'the folder to write to', short: 'o', completes: 'folders' },
      point: {
        type: 'text',
        value: 'POINT',
        doc: `what is decided: ${everyPoint.join(', ')}; default: what the policies decide, where that is one thing`,
      },
      format: { type: 'choice', choices: formats, doc: 'how to print diagnostics', default: 'pretty' },
      quiet: { type: 'flag', doc: 'print no warnings and hints', short: 'q' },
    },
    details:
      'PATH is a policy, or a folder of policies. One question is asked of all of them at once, and each gives its own answer; those that speak of other accounts, teams or services than the question cost next to nothing. `polc docs webassembly` has the ABI.',
    examples: [
      'polc wasm join guardrails/ --point cost-event -o dist/guardrails',
      'polc wasm join a.yaml b.yaml --point launch -o dist/ab',
    ],
  },
  async ({ options, operands }, terminal) => {
    const wrong = (problem: string, help: string) => {
      terminal.writeError(`polc wasm join: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const { out } = options;
    if (out === undefined) return wrong('there is no folder to write to', 'name one with `--out DIR`');
    const point = everyPoint.find((each) => each === options.point);
    if (options.point !== undefined && point === undefined) {
      const near = nearest(options.point, everyPoint);
      const list = everyPoint.join(', ');
      return wrong(
        `\`${options.point}\` is no point`,
        near === undefined ? `choose one of ${list}` : `did you mean \`${near}\`? It is one of ${list}`,
      );
    }
    const format = isFormat(options.format) ? options.format : 'pretty';
    const project = await findProject();
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], format, terminal);
      return exitCode.policy;
    }
    const { files, problems } = findInputs(operands, project);
    for (const { path, reason } of problems) {
      terminal.writeError(`polc wasm join: cannot read \`${path}\`: ${reason}\n`);
    }
    if (problems.length > 0) {
      terminal.writeError('  = help: name policies, or folders of policies\n');
      return exitCode.environment;
    }
    if (files.length === 0) {
      terminal.writeError(`polc wasm join: ${noPolicy(operands)}\n`);
      return exitCode.usage;
    }
    const read = readPolicies(files, project);
    if ('problem' in read) {
      terminal.writeError(`polc wasm join: ${read.problem}\n  = help: make the file readable, or leave it out\n`);
      return exitCode.environment;
    }
    const { policies, diagnostics, ok } = read;
    const paths = files.map(({ path }) => path);
    const shown = diagnostics.filter(({ severity }) => severity === 'error' || !options.quiet);
    if (!ok) {
      await printDiagnostics(shown, paths, format, terminal);
      return exitCode.policy;
    }
    const counts = countsByPoint(policies);
    const [only, ...others] = point === undefined ? counts.keys() : [point];
    const places = [...counts].map(([each, count]) => `${each} (${policiesText(count)})`).join(', ');
    if (only === undefined) return wrong('no policy decides anything', 'name policies that have rules');
    if (others.length > 0) {
      return wrong('the policies decide at several points', `choose one of them with \`--point\`: ${places}`);
    }
    const deciding = policies.filter(({ policy }) => policy.decisions.some((each) => each.point === only));
    if (deciding.length === 0) {
      const help = places === '' ? 'name policies that have rules' : `choose with \`--point\` where some do: ${places}`;
      return wrong(`no policy decides at the point ${only}`, help);
    }
    if (shown.length > 0) await printDiagnostics(shown, paths, format, terminal);
    if (!options.quiet) {
      for (const note of notesOf(read, deciding, only)) terminal.writeError(`polc wasm join: ${note}\n`);
    }
    const joined = deciding.map(({ policy }) => policy);
    const { joinedArtifacts } = await import('../../../compiler/backends/wasm/join.ts');
    const { validateJoined } = await import('../../../compiler/verify/wasm/joined.ts');
    const artifacts = joinedArtifacts(joined, only);
    const { status, counterexample = '' } = validateJoined(joined, only, artifacts);
    if (status === 'refused') {
      const span = { file: deciding[0]!.path, start: 0, end: 0 };
      const failed = report('POL9002', span, { backend: 'wasm', counterexample });
      await printDiagnostics([failed], paths, format, terminal);
      return exitCode.policy;
    }
    try {
      mkdirSync(out, { recursive: true });
      for (const { path, content } of artifacts) replaceFile(join(out, path), content);
    } catch (error) {
      const span = { file: out, start: 0, end: 0 };
      const values = { path: out, reason: failureText(error) };
      const failed = report('POL8003', span, values, { help: 'choose another folder with `--out`' });
      await printDiagnostics([failed], paths, format, terminal);
      return exitCode.environment;
    }
    if (!options.quiet) {
      const size = grouped(artifacts[0]!.content.length);
      const what = `${policiesText(deciding.length)} at the point ${only}`;
      terminal.writeError(`${out}: ${what} in one module of ${size} B, validated against each\n`);
    }
    return exitCode.fine;
  },
);
