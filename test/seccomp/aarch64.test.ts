import fc from 'fast-check';
import { equal, ok } from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions, instructionLimit } from '../../compiler/backends/seccomp/instruction.ts';
import { noStaticHelper, staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { noVirtualMachine } from '../support/machine-files.ts';
import { decision, served } from '../support/seccomp-decisions.ts';
import {
  assertAnswers,
  callableDecision,
  harmlessCalls,
  lengthPrefixed,
  verdictsInput,
} from '../support/seccomp-verdicts.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('seccomp on aarch64');

const title = 'a kernel for aarch64 answers calls as the decision does, and accepts every program';

async function compare(): Promise<void> {
  const asked = fc.sample(fc.tuple(callableDecision, harmlessCalls), 40);
  const programs = fc
    .sample(fc.tuple(decision, served, fc.boolean()), 80)
    .map(([of, architectures, optimise]) =>
      compileSyscallDecision(of, architectures, { weights: 'frequency', optimise, parameters: { c0: 7n } }),
    )
    .filter(({ instructions }) => instructions.length <= instructionLimit);
  const output = await runInMachine({
    kernel: 'aarch64-6.1',
    content: {
      '/bin/verdicts': staticHelper('seccomp-verdicts.c', 'aarch64'),
      '/bin/attach': staticHelper('seccomp-attach.c', 'aarch64'),
      '/programs': Buffer.concat(programs.map(({ instructions }) => lengthPrefixed(encodeInstructions(instructions)))),
      ...Object.fromEntries(asked.map(([of, calls], at) => [`/calls/${at}`, verdictsInput(of, 'aarch64', calls)])),
    },
    script: `
for n in $(seq 0 ${asked.length - 1}); do verdicts < /calls/$n; done
attach < /programs`,
  });
  const lines = output.trimEnd().split('\n');
  let next = 0;
  for (const [of, calls] of asked) {
    assertAnswers(of, 'aarch64', calls, lines.slice(next, next + calls.length));
    next += calls.length;
  }
  equal(
    lines.slice(next),
    programs.map(() => '0'),
  );
  // All ways to answer are seen, so that silence is none.
  for (const kind of ['returned -', 'trapped', 'signal 31']) ok(lines.some((line) => line.startsWith(kind)));
}

const missing = noVirtualMachine('aarch64-6.1') ?? noStaticHelper('aarch64');
if (missing !== undefined) skip(title, missing);
else test(title, compare);

run();
