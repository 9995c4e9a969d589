import assert from 'node:assert/strict';
import fc from 'fast-check';
import { attribute, compare, inSet, literal, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect, Policy } from '../../compiler/ir/policy.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { decisionAt } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('verify-ir');

const span = { file: 'policy.yaml', start: 0, end: 1 };
const arg0 = attribute('arg0');

function policy(when: Predicate, effect: Effect = { kind: 'allow' }, change: Partial<Decision> = {}): Policy {
  const node = { topic: 'security', origin: { span } };
  return {
    name: 'web',
    decisions: [
      {
        point: 'syscall',
        combine: 'first-match',
        rules: [{ ...node, id: 'syscall/0', when, effect }],
        otherwise: { ...node, id: 'syscall/otherwise', effect: { kind: 'kill-process' } },
        ...change,
      },
    ],
    limits: [],
    obligations: [],
  };
}

test('random decisions of the right types are sound', () => {
  fc.assert(
    fc.property(decisionAt('syscall', 'first-match'), (decision) => {
      assert.deepEqual(verifyPolicy({ name: 'random', decisions: [decision], limits: [], obligations: [] }), []);
    }),
  );
});

test('each kind of damage is named', () => {
  const beneath = { kind: 'beneath', term: attribute('path'), pattern: '/usr/../x' } as const;
  const ranges = (...pairs: readonly (readonly [bigint, bigint])[]): Predicate => ({
    kind: 'in-ranges',
    term: arg0,
    ranges: pairs.map(([low, high]) => ({ low, high })),
  });
  const damaged: readonly (readonly [Policy, RegExp])[] = [
    [policy(inSet(attribute('host'), ['x'])), /the point syscall has no attribute host/],
    [policy(inSet(attribute('toString'), ['x'])), /no attribute toString/],
    [policy(inSet(arg0, ['x'])), /arg0 is of type integer where string or path is needed/],
    [policy({ kind: 'in-set', term: attribute('syscall'), values: ['b', 'a'] }), /not sorted/],
    [policy({ kind: 'in-set', term: attribute('syscall'), values: ['a', 'a'] }), /not sorted/],
    [policy(ranges([1n, 2n], [3n, 4n])), /disjoint and apart/],
    [policy(ranges([4n, 2n])), /not a range/],
    [policy(ranges([0n, 1n << 64n])), /not a range/],
    [policy(compare({ kind: 'mask', term: arg0, mask: 1n << 64n }, '==', literal(0n))), /wider than 64 bits/],
    [policy(compare(arg0, '==', literal('x'))), /compares integer with string/],
    [policy(compare(arg0, '==', literal(-1n))), /not an unsigned 64-bit integer/],
    [policy(compare(attribute('newer'), '<', literal(true))), /orders truth values/],
    [policy(compare(arg0, '==', { kind: 'parameter', name: '' })), /parameter without a name/],
    [policy(inSet(attribute('syscall'), ['x']), { kind: 'errno', errno: 70_000 }), /16-bit/],
    [policy(inSet(attribute('syscall'), ['x']), { kind: 'deny' }), /deny at the point syscall/],
    [policy(inSet(attribute('path'), ['/x']), { kind: 'notify' }, { point: 'path' }), /notify at the point path/],
    [policy(beneath, { kind: 'allow' }, { point: 'path' }), /not canonical/],
    [
      policy(inSet(attribute('syscall'), ['x']), { kind: 'log' }, { combine: 'union-of-allows' }),
      /in a union of allows/,
    ],
    [{ ...policy(inSet(attribute('syscall'), ['x'])), name: 'a/b' }, /cannot name a folder/],
  ];
  for (const [input, expected] of damaged) {
    const problems = verifyPolicy(input);
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      `${expected} is not among ${problems.join('; ')}`,
    );
  }
});

test('ids are unique, also those of what was merged', () => {
  const sound = policy(inSet(attribute('syscall'), ['x']));
  const [decision] = sound.decisions;
  const twice = { ...decision!.rules[0]!, merged: [{ id: 'syscall/otherwise', topic: 't', origin: { span } }] };
  assert.deepEqual(verifyPolicy(sound), []);
  assert.match(verifyPolicy({ ...sound, decisions: [{ ...decision!, rules: [twice] }] }).join(), /used twice/);
});

run();
