// Seed 002's example from YAML to a validated bundle: the first compilation of a fresh process, whose code is neither
// compiled nor cached, and one of many. The gate counts from the text to the bundle, never the start of a process.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeHost } from '../cli/host.ts';
import { compile } from '../compiler/compile.ts';
import { gateFor } from '../compiler/gate.ts';
import { root, scratchFolder } from './support/native.ts';
import { interleaved, median, timePerCall, warmUp } from './support/rounds.ts';
import { seedPolicy } from './support/seed-policy.ts';
import { printTable, type Row } from './support/table.ts';

const { path, text, accept } = seedPolicy();
const gate = { name: 'the gate', value: gateFor(text.split('\n').length) };
const options = { accept, maximumMilliseconds: 0 };

const once = () => compile(path, text, nodeHost, options);
const made = once();
if (!made.ok) throw new Error(made.diagnostics.find(({ severity }) => severity === 'error')?.message);

/** Compiles once in a process of its own and prints the milliseconds. */
const script = join(scratchFolder(), 'first.mjs');
writeFileSync(
  script,
  `import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compile } from '${pathToFileURL(join(root, 'build/compiler.js'))}';
const read = (path) => { try { return readFileSync(path); } catch { return undefined; } };
const host = { read, now: () => performance.now(), sha256: (content) => createHash('sha256').update(content).digest('hex') };
const [, , path, options] = process.argv;
const text = read(path);
const start = performance.now();
const { ok } = compile(path, text, host, JSON.parse(options));
const end = performance.now();
if (!ok) process.exit(1);
console.log(end - start);
`,
);
const first = () =>
  Number(execFileSync(process.execPath, [script, path, JSON.stringify(options)], { encoding: 'utf8' }));
const [cold = 0] = interleaved(15, [first]);
warmUp(2000, once);
const [warm = 0] = interleaved(9, [() => timePerCall(150, once)]);

const rows: Row[] = [
  { what: 'first compilation of a process', ours: cold, peer: gate, target: gate.value },
  { what: 'warm', ours: warm, peer: gate, target: 1.5 },
];
const runs = Array.from({ length: 100 }, () => once().phases);
for (const { phase } of made.phases) {
  const times = runs.map((phases) => phases.find((each) => each.phase === phase)?.milliseconds ?? 0);
  rows.push({ what: `  of it ${phase}`, ours: median(times) });
}
printTable('seed 002 in process', 'ms', rows);
