import fc from 'fast-check';
import { equal } from 'uvu/assert';
import { actionOf } from '../../compiler/backends/seccomp/action.ts';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { interpret, type SeccompData } from '../../compiler/backends/seccomp/interpret.ts';
import type { Predicate } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { type Architecture, architectures, auditArchitecture, x32Bit } from '../../compiler/tables/architectures.ts';
import { newestNumber, syscallNumber } from '../../compiler/tables/syscalls.ts';
import { suite } from '../support/harness.ts';
import { decision, served, word64 } from '../support/seccomp-decisions.ts';
import { seccompEnvironment } from '../support/seccomp-environment.ts';

const { test, run } = suite('seccomp-meaning');

const parameters = { c0: 0x1_0000_0001n, c1: 0xffff_ffff_8000_0000n };

/** Numbers that the decision names, and those beside them, on every architecture. */
function interestingNumbers(predicate: Predicate, into: Set<number>): void {
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    for (const operand of predicate.of) interestingNumbers(operand, into);
  } else if (predicate.kind === 'not') interestingNumbers(predicate.of, into);
  else if (predicate.kind === 'in-set') {
    for (const value of predicate.values) {
      if (value.startsWith('#')) into.add(Number(value.slice(1)) >>> 0);
      for (const architecture of architectures) {
        const number = syscallNumber(architecture, value);
        if (number !== undefined)
          into
            .add(number)
            .add(number + 1)
            .add(Math.max(0, number - 1));
      }
    }
  }
}

/** Values that the decision compares with, and those beside them. */
function interestingValues(predicate: Predicate, into: Set<bigint>): void {
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    for (const operand of predicate.of) interestingValues(operand, into);
  } else if (predicate.kind === 'not') interestingValues(predicate.of, into);
  else if (predicate.kind === 'compare') {
    for (const term of [predicate.left, predicate.right]) {
      if (term.kind === 'literal' && typeof term.value === 'bigint') into.add(term.value);
      if (term.kind === 'mask') into.add(term.mask);
    }
  } else if (predicate.kind === 'in-ranges') {
    for (const range of predicate.ranges) into.add(range.low).add(range.high);
  }
}

function inputs(of: Decision): fc.Arbitrary<SeccompData> {
  const numbers = new Set<number>([0, 1, 600, x32Bit, 0x8000_0000, 0xffff_ffff]);
  for (const architecture of architectures) numbers.add(newestNumber(architecture)).add(newestNumber(architecture) + 1);
  const values = new Set<bigint>(Object.values(parameters));
  for (const rule of of.rules) {
    interestingNumbers(rule.when, numbers);
    interestingValues(rule.when, values);
  }
  const around = [...values].flatMap((value) => [value - 1n, value, value + 1n, value ^ 0x1_0000_0000n]);
  const argument = fc.oneof(fc.constantFrom(...around.map((value) => BigInt.asUintN(64, value))), word64);
  return fc.record({
    architecture: fc.constantFrom(...Object.values(auditArchitecture), 0, 0xdead_beef),
    number: fc.oneof(
      fc.constantFrom(...numbers),
      fc.constantFrom(...numbers).map((number) => (number ^ x32Bit) >>> 0),
      fc.constantFrom(...numbers).map((number) => (number ^ 0x8000_0000) >>> 0),
      fc.nat(520),
    ),
    arguments: fc.array(argument, { minLength: 6, maxLength: 6 }),
  });
}

function agree(of: Decision, architecturesServed: readonly Architecture[], optimise: boolean, seed: number): void {
  const program = compileSyscallDecision(of, architecturesServed, {
    weights: seed % 2 === 0 ? 'uniform' : 'frequency',
    parameters,
    optimise,
  });
  equal(program.inexpressible, []);
  for (const data of fc.sample(inputs(of), { numRuns: 60, seed })) {
    const expected = decide(of, seccompEnvironment(data, architecturesServed, parameters));
    const actual = interpret(program.instructions, data);
    equal(
      actual?.action,
      expected && actionOf(expected.effect),
      `${architecturesServed} ${JSON.stringify(data, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v))}`,
    );
  }
}

for (const [title, optimise] of [
  ['optimised programs mean what the decision means', true],
  ['programs as written mean what the decision means', false],
] as const) {
  test(title, () => {
    fc.assert(
      fc.property(decision, served, fc.nat(), (of, architecturesServed, seed) =>
        agree(of, architecturesServed, optimise, seed),
      ),
      { numRuns: Number(process.env.POLC_TEST_RUNS ?? 400) },
    );
  });
}

run();
