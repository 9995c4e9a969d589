import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { oci } from '../../compiler/backends/oci/index.ts';
import { seccompFragment } from '../../compiler/backends/oci/seccomp.ts';
import {
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
} from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallNumber } from '../../compiler/tables/syscalls.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { libseccompProgram, returnValue, runClassicBpf } from '../support/libseccomp-oracle.ts';
import { decisionOf, policyOf } from '../support/policies.ts';

const { test, skip, run } = suite('oci-seccomp');
const helper = compileHelper('libseccomp-export.c', ['seccomp']);

const interesting = [0n, 1n, 2n, 3n, 5n, 7n, 8n, 0xffff_ffffn, 1n << 32n, (1n << 32n) + 2n, (1n << 64n) - 1n];
const value = fc.constantFrom(...interesting);
const argument = fc.constantFrom('arg0', 'arg1', 'arg2').map(attribute);
const term = fc.oneof(
  argument,
  fc.record({ term: argument, mask: value }).map((of) => ({ kind: 'mask' as const, ...of })),
);
const comparison = fc
  .tuple(term, fc.constantFrom('==', '!=', '<', '<=', '>', '>=') as fc.Arbitrary<'=='>, value)
  .map(([left, operator, right]) => compare(left, operator, literal(right)));
const range: fc.Arbitrary<Predicate> = fc
  .tuple(argument, value, value)
  .map(([on, a, b]) => ({ kind: 'in-ranges', term: on, ranges: [a < b ? { low: a, high: b } : { low: b, high: a }] }));
const names = fc.subarray(['read', 'socket', 'clone'], { minLength: 1 }).map((of) => inSet(attribute('syscall'), of));
const condition = fc.oneof(
  comparison,
  range,
  fc.tuple(comparison, comparison).map(([a, b]) => and(a, b)),
  fc.tuple(comparison, comparison).map(([a, b]) => or(a, b)),
  comparison.map(not),
);
const effect: fc.Arbitrary<Effect> = fc.constantFrom<Effect>(
  { kind: 'allow' },
  { kind: 'log' },
  { kind: 'errno', errno: 13 },
  { kind: 'kill-process' },
  { kind: 'trace', data: 7 },
);
const rule = fc
  .tuple(names, fc.option(condition), effect)
  .map(([on, when, how]) => [when === null ? on : and(on, when), how] as const);
const decisions = fc
  .tuple(fc.array(rule, { minLength: 1, maxLength: 4 }), effect)
  .map(([rules, otherwise]) => decisionOf('syscall', 'first-match', rules, otherwise));

function wanted(decision: Decision, arch: Architecture, syscall: string, args: readonly bigint[]): number {
  const verdict = decide(decision, {
    attribute: (name) =>
      name === 'arch' ? arch : name === 'syscall' ? syscall : name === 'newer' ? false : args[Number(name.slice(3))],
    parameter: () => undefined,
  })!.effect;
  switch (verdict.kind) {
    case 'allow':
      return returnValue('SCMP_ACT_ALLOW');
    case 'log':
      return returnValue('SCMP_ACT_LOG');
    case 'errno':
      return returnValue('SCMP_ACT_ERRNO', verdict.errno);
    case 'trace':
      return returnValue('SCMP_ACT_TRACE', verdict.data);
    default:
      return returnValue('SCMP_ACT_KILL_PROCESS');
  }
}

if (helper.path === undefined) skip('libseccomp agrees', helper.reason ?? '');
else {
  const path = helper.path;
  test("libseccomp's program for random rules decides as the policy does", () => {
    let exact = 0;
    fc.assert(
      fc.property(
        decisions,
        fc.array(fc.tuple(value, value, value), { minLength: 40, maxLength: 40 }),
        (decision, vectors) => {
          for (const arch of ['x86_64', 'aarch64'] as const) {
            const { seccomp, additions, stricter } = seccompFragment(decision, [arch]);
            const program = libseccompProgram(path, seccomp);
            const free = new Set([...additions.map(({ call }) => call), ...stricter]);
            for (const syscall of ['read', 'socket', 'clone', 'bind']) {
              if (free.has(syscall)) continue;
              exact += 1;
              for (const vector of vectors) {
                const args = [...vector, 0n, 0n, 0n];
                const found = runClassicBpf(program, syscallNumber(arch, syscall)!, auditArchitecture[arch], args);
                assert.is(found, wanted(decision, arch, syscall, args), `${syscall}(${vector.join(', ')}) on ${arch}`);
              }
            }
          }
        },
      ),
      { numRuns: 30 },
    );
    assert.ok(exact > 120, `only ${exact} calls were compared`);
  });
}

test('every random policy passes its own validation', () => {
  const machine: Target = { ...defaultTarget, architectures: ['x86_64', 'x86', 'x32'] };
  fc.assert(
    fc.property(decisions, fc.constantFrom(defaultTarget, machine), (decision, target) => {
      const policy = policyOf({ decisions: [decision] });
      const { artifacts } = oci.emit(policy, target);
      assert.is(oci.validate(policy, target, artifacts).counterexample, undefined);
    }),
    { numRuns: 25 },
  );
});

test('a filter is refused for a policy that decides otherwise somewhere', () => {
  const target: Target = { ...defaultTarget, architectures: ['x86_64'] };
  let refused = 0;
  fc.assert(
    fc.property(
      decisions,
      decisions,
      fc.array(fc.tuple(value, value, value), { minLength: 30, maxLength: 30 }),
      (one, other, vectors) => {
        const { artifacts } = oci.emit(policyOf({ decisions: [one] }), target);
        const { additions, stricter } = seccompFragment(one, ['x86_64']);
        const free = new Set([...additions.map(({ call }) => call), ...stricter]);
        const compared = ['read', 'socket', 'clone', 'bind'].filter((syscall) => !free.has(syscall));
        const differs = compared.some((syscall) =>
          vectors.some((vector) => {
            const args = [...vector, 0n, 0n, 0n];
            return wanted(one, 'x86_64', syscall, args) !== wanted(other, 'x86_64', syscall, args);
          }),
        );
        const { status } = oci.validate(policyOf({ decisions: [other] }), target, artifacts);
        if (differs) assert.is(status, 'refused');
        if (status === 'refused') refused += 1;
      },
    ),
    { numRuns: 50 },
  );
  assert.ok(refused > 20, `${refused}`);
});

run();
