// Seed 002's example from YAML to a validated bundle: the first compilation of a fresh process, whose code is neither
// compiled nor cached, and one of many. The gate counts from the text to the bundle, never the start of a process.
//
// Of many, three ways: with nothing kept from one to the next; and, as an editor or a build of a folder has it, with a
// memory (compiler/memory), where each has another ceiling on memory than all before, or allows other calls.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeHost } from '../cli/host.ts';
import { compile } from '../compiler/compile.ts';
import { gateFor } from '../compiler/gate.ts';
import { Memory } from '../compiler/memory/remembered.ts';
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

/** Calls that some of the policies allow besides. */
const more = ['dup', 'flock', 'futex', 'getcpu', 'madvise', 'mincore', 'mremap', 'pipe2', 'sysinfo', 'uname', 'umask'];
const lastCall = '      - exit_group\n';
const ceiling = 'memory: 512MB';
if (!text.includes(lastCall) || !text.includes(ceiling)) throw new Error('the example has changed');

/** A compilation of another policy each time, with a memory. */
function remembering(variant: (count: number) => string): () => void {
  const memory = new Memory();
  let count = 0;
  return () => {
    count += 1;
    if (!compile(path, variant(count), nodeHost, { ...options, memory }).ok) throw new Error('a variant is refused');
  };
}
const otherCeiling = remembering((count) => text.replace(ceiling, `memory: ${512 + count}MB`));
const otherCalls = remembering((count) => {
  const calls = more.filter((_, index) => (count >> index) & 1).map((call) => `      - ${call}\n`);
  return text.replace(lastCall, lastCall + calls.join(''));
});
const ways = [once, otherCeiling, otherCalls];
for (const way of ways) warmUp(2000, way);
const [warm = 0, ceilings = 0, calls = 0] = interleaved(
  9,
  ways.map((way) => () => timePerCall(150, way)),
);

const rows: Row[] = [
  { what: 'first compilation of a process', ours: cold, peer: gate, target: gate.value },
  { what: 'warm, nothing kept', ours: warm, peer: gate, target: 1.5 },
  { what: 'warm, another ceiling than before', ours: ceilings, peer: gate, target: 1.5 },
  { what: 'warm, other calls than before', ours: calls, peer: gate, target: 1.5 },
];
const runs = Array.from({ length: 100 }, () => once().phases);
for (const { phase } of made.phases) {
  const times = runs.map((phases) => phases.find((each) => each.phase === phase)?.milliseconds ?? 0);
  rows.push({ what: `  with nothing kept, ${phase}`, ours: median(times) });
}
printTable('seed 002 in process', 'ms', rows);
