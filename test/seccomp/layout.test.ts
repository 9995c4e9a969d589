import fc from 'fast-check';
import { equal, ok } from 'uvu/assert';
import { actionOf } from '../../compiler/backends/seccomp/action.ts';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { seccomp } from '../../compiler/backends/seccomp/index.ts';
import { type Instruction, instructionLimit, opcode } from '../../compiler/backends/seccomp/instruction.ts';
import { interpret } from '../../compiler/backends/seccomp/interpret.ts';
import { and, attribute, compare, inSet, literal, type Predicate } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallNumbers } from '../../compiler/tables/syscalls.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';
import { decisionOf } from '../support/seccomp-decisions.ts';
import { seccompEnvironment } from '../support/seccomp-environment.ts';

const { test, run } = suite('seccomp-layout');

const names = [...syscallNumbers('x86_64').keys()];

/** As many rules as asked for, each with conditions of its own, so that programs are far longer than a jump reaches. */
function largeDecision(rules: number, seed: number): Decision {
  const [numbers] = fc.sample(fc.array(fc.nat(0xffff_ffff), { minLength: rules * 2, maxLength: rules * 2 }), {
    numRuns: 1,
    seed,
  });
  const made = Array.from({ length: rules }, (_, at): [Predicate, Effect] => {
    const called = inSet(attribute('syscall'), [names[numbers![at]! % names.length]!]);
    const condition = compare(
      attribute(`arg${at % 6}`),
      at % 3 === 0 ? '<' : '==',
      literal(BigInt(numbers![at + rules]!) << 8n),
    );
    return [and(called, condition), at % 4 === 0 ? { kind: 'allow' } : { kind: 'errno', errno: at % 7 }];
  });
  return decisionOf(made, { kind: 'kill-process' });
}

function checkJumps(instructions: readonly Instruction[]): void {
  instructions.forEach(({ code, jt, jf, k }, at) => {
    const last = instructions.length - 1;
    if (code === opcode.return) return;
    if (code === opcode.jump) ok(at + 1 + k <= last, `instruction ${at} jumps out`);
    else if ((code & 7) === 5) {
      ok(jt >= 0 && jt <= 255 && at + 1 + jt <= last, `instruction ${at} jumps to ${at + 1 + jt}`);
      ok(jf >= 0 && jf <= 255 && at + 1 + jf <= last, `instruction ${at} jumps to ${at + 1 + jf}`);
    } else ok(at < last, `instruction ${at} runs off the end`);
  });
}

function checkMeaning(of: Decision, instructions: readonly Instruction[], seed: number): void {
  const values = of.rules.map(({ when }) => {
    const condition = when.kind === 'and' ? when.of[1]! : when;
    return condition.kind === 'compare' && condition.right.kind === 'literal' ? (condition.right.value as bigint) : 0n;
  });
  const input = fc.record({
    number: fc.constantFrom(...syscallNumbers('x86_64').values()),
    architecture: fc.constant(auditArchitecture.x86_64),
    arguments: fc.array(fc.constantFrom(...values, 0n), { minLength: 6, maxLength: 6 }),
  });
  for (const data of fc.sample(input, { numRuns: 300, seed })) {
    const wanted = decide(of, seccompEnvironment(data, ['x86_64']))!;
    equal(interpret(instructions, data)?.action, actionOf(wanted.effect));
  }
}

test('jumps of long programs reach their targets', () => {
  let longest = 0;
  let trampolines = 0;
  for (let seed = 1; seed <= 6; seed += 1) {
    const of = largeDecision(100 * seed, seed);
    for (const optimise of [true, false]) {
      const { instructions } = compileSyscallDecision(of, ['x86_64'], { weights: 'uniform', optimise });
      longest = Math.max(longest, instructions.length);
      trampolines += instructions.filter(({ code }) => code === opcode.jump).length;
      checkJumps(instructions);
      checkMeaning(of, instructions, seed);
    }
  }
  ok(longest > 1000 && trampolines > 0, `only ${longest} instructions and ${trampolines} trampolines were tried`);
});

test('a program too long for the kernel is an error that names the dearest rules', () => {
  const of = largeDecision(3000, 7);
  const policy = { name: 'large', decisions: [of], limits: [], obligations: [] };
  const target = { ...defaultTarget, architectures: ['x86_64'] as const };
  const { artifacts, diagnostics } = seccomp.emit(policy, target);
  equal(artifacts, []);
  equal(
    diagnostics.map(({ code }) => code),
    ['POL7001'],
  );
  equal(diagnostics[0]!.related.length, 2);
  ok(diagnostics[0]!.message.includes(String(instructionLimit)));
  const { instructions } = compileSyscallDecision(of, ['x86_64'], { weights: 'uniform' });
  checkJumps(instructions);
});

test('conditions too tangled for a diagram are compiled as they are written', () => {
  // Each rule needs all six arguments, each at a place of its own: the diagram's nodes are sets of rules still alive.
  const rules = Array.from({ length: 24 }, (_, at): [Predicate, Effect] => {
    const conditions = Array.from({ length: 6 }, (_, argument) =>
      compare(
        { kind: 'mask', term: attribute(`arg${argument}`), mask: BigInt(1 << ((at * 7 + argument * 5) % 24)) },
        (at * 3 + argument) % 2 === 0 ? '==' : '!=',
        literal(0n),
      ),
    );
    return [
      and(
        inSet(attribute('syscall'), ['read']),
        { kind: 'or', of: conditions.slice(0, 3) },
        { kind: 'or', of: conditions.slice(3) },
      ),
      { kind: 'errno', errno: at + 1 },
    ];
  });
  const of = decisionOf(rules, { kind: 'allow' });
  const { instructions } = compileSyscallDecision(of, ['x86_64'], { weights: 'uniform' });
  ok(instructions.length <= instructionLimit, `${instructions.length} instructions`);
  const input = fc.record({
    number: fc.constant(0),
    architecture: fc.constant(auditArchitecture.x86_64),
    arguments: fc.array(fc.bigInt({ min: 0n, max: 0xff_ffffn }), { minLength: 6, maxLength: 6 }),
  });
  for (const data of fc.sample(input, 300)) {
    const wanted = decide(of, seccompEnvironment(data, ['x86_64']))!;
    equal(interpret(instructions, data)?.action, actionOf(wanted.effect));
  }
});

run();
