import fc from 'fast-check';
import { equal } from 'uvu/assert';
import { actionOf } from '../../compiler/backends/seccomp/action.ts';
import { compileSyscallDecision, type SyscallProgram } from '../../compiler/backends/seccomp/compile.ts';
import type { Instruction } from '../../compiler/backends/seccomp/instruction.ts';
import { interpret, type SeccompData } from '../../compiler/backends/seccomp/interpret.ts';
import {
  and,
  attribute,
  compare,
  inSet,
  literal,
  type Predicate,
  type Term,
} from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { type Architecture, architectures, auditArchitecture, x32Bit } from '../../compiler/tables/architectures.ts';
import { newestNumber, syscallName, syscallNumber } from '../../compiler/tables/syscalls.ts';
import { suite } from '../support/harness.ts';
import { decision, decisionOf, served, word64 } from '../support/seccomp-decisions.ts';
import { seccompEnvironment } from '../support/seccomp-environment.ts';

const { test, run } = suite('seccomp-meaning');

const parameters = { c0: 0x1_0000_0001n, c1: 0xffff_ffff_8000_0000n };

/** Numbers that the decision names, and those beside them, on every architecture. */
function interestingNumbers(predicate: Predicate, into: Set<number>, named: Set<string>): void {
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    for (const operand of predicate.of) interestingNumbers(operand, into, named);
  } else if (predicate.kind === 'not') interestingNumbers(predicate.of, into, named);
  else if (predicate.kind === 'in-set') {
    for (const value of predicate.values) {
      named.add(value);
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

function inputs(of: Decision, architecturesServed: readonly Architecture[]): fc.Arbitrary<SeccompData> {
  const named = new Set<string>();
  const numbers = new Set<number>([0, 1, 600, x32Bit, 0x8000_0000, 0xffff_ffff]);
  for (const architecture of architectures) numbers.add(newestNumber(architecture)).add(newestNumber(architecture) + 1);
  const values = new Set<bigint>(Object.values(parameters));
  for (const rule of of.rules) {
    interestingNumbers(rule.when, numbers, named);
    interestingValues(rule.when, values);
  }
  const around = [...values].flatMap((value) => [
    value - 1n,
    value,
    value + 1n,
    value ^ 0x1_0000_0000n,
    value + 0x100n,
    value + 0x1_0000n,
  ]);
  const argument = fc.oneof(fc.constantFrom(...around.map((value) => BigInt.asUintN(64, value))), word64);
  const anywhere = fc.record({
    architecture: fc.constantFrom(...Object.values(auditArchitecture), 0, 0xdead_beef),
    number: fc.oneof(
      fc.constantFrom(...numbers),
      fc.constantFrom(...numbers).map((number) => (number ^ x32Bit) >>> 0),
      fc.constantFrom(...numbers).map((number) => (number ^ 0x8000_0000) >>> 0),
      fc.nat(520),
    ),
  });
  // The calls that the rules are about, on the architectures that the program serves.
  const meant = architecturesServed.flatMap((architecture) =>
    [...numbers]
      .filter(
        (number) => syscallName(architecture, number) !== undefined && named.has(syscallName(architecture, number)!),
      )
      .map((number) => ({ architecture: auditArchitecture[architecture], number })),
  );
  const call = meant.length === 0 ? anywhere : fc.oneof(anywhere, fc.constantFrom(...meant));
  return fc
    .tuple(call, fc.array(argument, { minLength: 6, maxLength: 6 }))
    .map(([where, six]) => ({ ...where, arguments: six }));
}

/** The program with the parameters' values in place of the placeholders, as a launcher puts them there. */
function patched({ instructions, relocations }: SyscallProgram): readonly Instruction[] {
  const result = [...instructions];
  for (const { instruction, parameter, word } of relocations) {
    const value = parameters[parameter as keyof typeof parameters];
    const k = Number(BigInt.asUintN(32, word === 'low' ? value : value >> 32n));
    equal(result[instruction]!.k, 0, 'a placeholder is 0 unless another is asked for');
    result[instruction] = { ...result[instruction]!, k };
  }
  return result;
}

function agree(of: Decision, architecturesServed: readonly Architecture[], optimise: boolean, seed: number): void {
  const program = compileSyscallDecision(of, architecturesServed, {
    weights: seed % 2 === 0 ? 'uniform' : 'frequency',
    optimise,
  });
  equal(program.inexpressible, []);
  const instructions = patched(program);
  for (const data of fc.sample(inputs(of, architecturesServed), { numRuns: 60, seed })) {
    const expected = decide(of, seccompEnvironment(data, architecturesServed, parameters));
    const actual = interpret(instructions, data);
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

test('a parameter is not taken for the constant that stands for it', () => {
  const equals = (right: Term) => compare(attribute('arg0'), '==', right);
  const of = decisionOf(
    [
      [and(inSet(attribute('syscall'), ['read']), equals({ kind: 'parameter', name: 'c0' })), { kind: 'allow' }],
      [and(inSet(attribute('syscall'), ['write']), equals(literal(0n))), { kind: 'allow' }],
      [and(inSet(attribute('syscall'), ['close']), equals({ kind: 'parameter', name: 'c1' })), { kind: 'allow' }],
    ],
    { kind: 'errno', errno: 1 },
  );
  const program = compileSyscallDecision(of, ['x86_64'], { weights: 'uniform' });
  equal(program.relocations.map(({ parameter, word }) => `${parameter} ${word}`).sort(), [
    'c0 high',
    'c0 low',
    'c1 high',
    'c1 low',
  ]);
  const instructions = patched(program);
  const allowed = (name: string, argument: bigint) =>
    interpret(instructions, {
      number: syscallNumber('x86_64', name)!,
      architecture: auditArchitecture.x86_64,
      arguments: [argument],
    })?.action === actionOf({ kind: 'allow' });
  equal([allowed('read', parameters.c0), allowed('read', 0n), allowed('read', parameters.c1)], [true, false, false]);
  equal([allowed('write', 0n), allowed('write', parameters.c0)], [true, false]);
  equal([allowed('close', parameters.c1), allowed('close', 0n), allowed('close', parameters.c0)], [true, false, false]);
  const { instructions: placed } = compileSyscallDecision(of, ['x86_64'], { weights: 'uniform', parameters });
  equal(placed, instructions);
});

run();
