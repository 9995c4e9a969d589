// Seed 003's example 4.2 from YAML to validated files: deny policies that are proven over all known actions, the compiled
// guardrail, and with every other backend of the dialect.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../cli/host.ts';
import type { BackendName } from '../compiler/backends/backend.ts';
import { type CompileOptions, compile } from '../compiler/compile.ts';
import { root } from './support/native.ts';
import { interleaved, median, timePerCall, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const name = 'ci-ec2-spike-manual.yaml';
const text = readFileSync(join(root, 'examples', name), 'utf8');
const every: readonly BackendName[] = ['guardrail', 'iam', 'scp', 'eventbridge', 'budgets-action'];
/** The same with patterns, whose actions are looked up and proven one by one. */
const wide = text.replace('"ec2:RunInstances"', '"ec2:Run*"').replace('"ec2:CreateNatGateway"', '"ec2:Create*"');

function compiling(source: string, options: CompileOptions) {
  const once = () => compile(name, source, nodeHost, { ...options, maximumMilliseconds: 0 });
  const wrong = once().diagnostics.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) throw new Error(wrong.message);
  warmUp(1500, once);
  return once;
}

const usual = compiling(text, {});
const all = compiling(text, { emit: every });
const patterns = compiling(wide, {});
const [warm = 0, opted = 0, matched = 0] = interleaved(
  9,
  [usual, all, patterns].map((work) => () => timePerCall(150, work)),
);
const rows: Row[] = [
  { what: 'warm', ours: warm, target: 2 },
  { what: 'warm, every backend', ours: opted },
  { what: 'warm, patterns in place of actions', ours: matched, target: 2 },
];
const runs = Array.from({ length: 100 }, () => usual().phases);
for (const { phase } of usual().phases) {
  const times = runs.map((phases) => phases.find((each) => each.phase === phase)?.milliseconds ?? 0);
  rows.push({ what: `  of the first ${phase}`, ours: median(times) });
}
printTable('seed 003, example 4.2: from YAML to validated files', 'ms', rows);
