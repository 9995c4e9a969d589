// What the kernel takes to check, convert and attach a program: seccomp(SECCOMP_SET_MODE_FILTER) in a fresh child.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileSyscallDecision } from '../compiler/backends/seccomp/compile.ts';
import { encodeInstructions } from '../compiler/backends/seccomp/instruction.ts';
import type { Architecture } from '../compiler/tables/architectures.ts';
import { libseccompOn, mobyRules } from './support/moby-profile.ts';
import { columns, nativeHelper, scratchFolder } from './support/native.ts';
import { median } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const rounds = 1000;

const helper = process.platform === 'linux' ? nativeHelper('attach') : undefined;
const rows: Row[] = [];
for (const architectures of [['x86_64'], ['x86_64', 'x86', 'x32']] satisfies Architecture[][]) {
  const decision = mobyRules(architectures);
  if (decision === undefined || helper === undefined) continue;
  const file = join(scratchFolder(), 'ours.bpf');
  const { instructions } = compileSyscallDecision(decision, architectures, { weights: 'frequency' });
  writeFileSync(file, encodeInstructions(instructions));
  const peer = libseccompOn(decision, architectures);
  const peers = peer === undefined ? [] : (['linear', 'tree'] as const).map((form) => peer(form, 1));
  const output = execFileSync(helper, [String(rounds), file, ...peers.map((each) => each.file)], { encoding: 'utf8' });
  const [ours = 0, linear, tree] = columns(output).map((times) => median(times) / 1000);
  const name = architectures.join(' + ');
  const target = architectures.length === 1 ? { target: 50 } : {};
  if (linear === undefined || tree === undefined) rows.push({ what: name, ours, ...target });
  else {
    rows.push({ what: name, ours, peer: { name: 'libseccomp linear', value: linear }, ...target });
    rows.push({ what: name, ours, peer: { name: 'libseccomp tree', value: tree } });
  }
}
if (rows.length > 0) printTable("attaching the filter of moby's default profile", 'us', rows);
