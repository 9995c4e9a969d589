// From rules in memory to a program's bytes: ours with the proof that the program means the rules, libseccomp without.

import { nodeHost } from '../cli/host.ts';
import { compileSyscallDecision } from '../compiler/backends/seccomp/compile.ts';
import { encodeInstructions } from '../compiler/backends/seccomp/instruction.ts';
import { compile } from '../compiler/compile.ts';
import { importOciSeccomp } from '../compiler/import/oci-seccomp.ts';
import type { Architecture } from '../compiler/tables/architectures.ts';
import { defaultTarget } from '../compiler/target.ts';
import { validateProgram } from '../compiler/verify/seccomp/validate-program.ts';
import { dockerCapabilities } from '../test/support/moby.ts';
import { libseccompOn, mobyProfileText, mobyRules } from './support/moby-profile.ts';
import { interleaved, median, timePerCall, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const rounds = 9;
const budget = 150;

const families: readonly (readonly Architecture[])[] = [['x86_64'], ['x86_64', 'x86', 'x32']];
const rows: Row[] = [];
for (const architectures of families) {
  const decision = mobyRules(architectures);
  if (decision === undefined) continue;
  const bytes = () =>
    encodeInstructions(compileSyscallDecision(decision, architectures, { weights: 'frequency' }).instructions);
  const program = bytes();
  const validated = () => {
    const made = bytes();
    const { status, counterexample } = validateProgram(made, decision, architectures, architectures, {});
    if (status !== 'proven') throw new Error(`the program of ${architectures} is ${status}: ${counterexample}`);
  };
  warmUp(1500, validated);
  const peer = libseccompOn(decision, architectures);
  const competitors = [
    () => timePerCall(budget, validated),
    () => timePerCall(budget, bytes),
    () => timePerCall(budget, () => validateProgram(program, decision, architectures, architectures, {})),
    ...(peer === undefined ? [] : (['linear', 'tree'] as const).map((form) => () => median(peer(form, 100).times))),
  ];
  const [whole = 0, alone = 0, proof = 0, linear, tree] = interleaved(rounds, competitors);
  const against = (name: string, value: number | undefined) => (value === undefined ? {} : { peer: { name, value } });
  const name = architectures.join(' + ');
  rows.push(
    {
      what: `${name}: program and proof`,
      ours: whole,
      ...against('libseccomp', linear),
      ...(linear === undefined ? {} : { target: linear }),
    },
    { what: `${name}: program and proof`, ours: whole, ...against('libseccomp tree', tree) },
    { what: `${name}: program alone`, ours: alone, ...against('libseccomp', linear) },
    { what: `${name}: proof alone`, ours: proof },
  );
}

const profile = mobyProfileText();
if (profile !== undefined) {
  const capabilities = dockerCapabilities.map((name) => name.slice('CAP_'.length).toLowerCase());
  const imported = importOciSeccomp('moby.json', profile, {
    name: 'moby',
    architecture: 'x86_64',
    capabilities,
    kernel: defaultTarget.kernel,
  });
  const text = imported.text ?? '';
  const target = { ...defaultTarget, architectures: ['x86_64'] as const };
  const work = () => compile('moby.yaml', text, nodeHost, { target, emit: ['seccomp'], maximumMilliseconds: 0 });
  const wrong = work().diagnostics.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) console.log(`the imported profile does not compile: ${wrong.message}`);
  else {
    warmUp(2000, work);
    rows.push({
      what: 'x86_64: from YAML to validated files',
      ours: interleaved(rounds, [() => timePerCall(budget, work)])[0]!,
      target: 6,
    });
  }
}
printTable("moby's default profile, warm: from rules to a program's bytes", 'ms', rows);
