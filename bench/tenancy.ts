// Ten thousand teams in four tiers, from YAML to validated policies for Kuadrant: the time of the first compilation in a
// process and of a warm one, and the size of what is written, against one limit for each team.
import { parseDocument } from 'yaml';
import { nodeHost } from '../cli/host.ts';
import { type Compilation, type CompileOptions, compile } from '../compiler/compile.ts';
import { median } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';
import { tenancyText } from './support/tenancy-text.ts';

const text = tenancyText(10_000);

function compiling(options: CompileOptions = {}, source = text): { milliseconds: number; result: Compilation } {
  const start = performance.now();
  const result = compile('platform.yaml', source, nodeHost, { maximumMilliseconds: 0, ...options });
  return { milliseconds: performance.now() - start, result };
}

const first = compiling();
const parsing = (() => {
  const start = performance.now();
  parseDocument(text);
  return performance.now() - start;
})();
const wrong = first.result.diagnostics.find(({ severity }) => severity === 'error');
if (wrong !== undefined) throw new Error(wrong.message);
const warm = median(Array.from({ length: 7 }, () => compiling().milliseconds));
const rows: Row[] = [
  {
    what: 'the first in the process',
    ours: first.milliseconds,
    peer: { name: 'yaml, parsing alone', value: parsing },
    target: 700,
  },
  { what: 'warm', ours: warm, target: 700 },
  { what: 'warm, 40,000 teams', ours: median([1, 2, 3].map(() => compiling({}, tenancyText(40_000)).milliseconds)) },
];
for (const { phase, milliseconds } of first.result.phases) {
  rows.push({ what: `  of the first ${phase}`, ours: milliseconds });
}
printTable('10,000 teams in four tiers: from YAML to validated policies for Kuadrant', 'ms', rows);

const { quotas: joined = [] } = first.result.policy ?? {};
const { quotas: apart = [] } = first.result.lowered ?? {};
const policies = first.result.files.find(({ path }) => path.endsWith('/policies.yaml'))?.content.toString();
if (policies === undefined) throw new Error('no policies for Kuadrant were written');
/** The bytes of the limits of each policy that has any. */
const limits = policies.split('\n---\n').map((policy) => /^ +limits:\n[\s\S]*/m.exec(policy)?.[0].length ?? 0);
printTable('what is written', '', [
  { what: 'limits, against one for each team', ours: joined.length, peer: { name: 'apart', value: apart.length } },
  { what: 'bytes of them, at most of one policy', ours: Math.max(...limits), target: 2000 },
  { what: 'bytes of all policies', ours: policies.length },
]);
