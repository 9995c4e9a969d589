import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { attribute, inSet, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import { combineLaunches, type LaunchPart } from '../../compiler/ir/launch.ts';
import { unlessAmong, unlessIs, unlessTagged } from '../../compiler/ir/launch-rules.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { compileLaunch } from '../../runtime/launch/compiled.ts';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import type { LaunchFacts } from '../../runtime/launch/facts.ts';
import { suite } from '../support/harness.ts';
import { anyFacts } from '../support/launch-facts.ts';
import { anyTemplate, templateOf, templates } from '../support/launch-policies.ts';
import { launchPart } from '../support/launches.ts';

const { test, run } = suite('launch-compiled');

const templatePart = fc
  .oneof(anyTemplate, fc.constantFrom(...Object.values(templates)))
  .map((policy): LaunchPart => ({ role: 'template', policy }));

const combined: fc.Arbitrary<Policy> = fc
  .tuple(fc.array(launchPart(true), { maxLength: 3 }), fc.option(templatePart))
  .map(([parts, template]) => combineLaunches(template === null ? parts : [...parts, template]));

const indexes = (policy: Policy, facts: LaunchFacts) =>
  decideLaunch(policy, facts).steps.flatMap(({ outcome }, index) => (outcome === 'holds' ? [] : [index]));

test('the compiled policies decide every launch as the reference evaluator does, and name the same rules', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(combined, fc.array(anyFacts, { minLength: 10, maxLength: 10 }), (policy, launches) => {
      const compiled = compileLaunch(policy);
      for (const facts of launches) {
        const { allowed, steps } = decideLaunch(policy, facts);
        assert.equal(
          compiled.rules,
          steps.map(({ rule }) => rule),
        );
        assert.is(compiled.allows(facts), allowed);
        assert.equal(compiled.refusing(facts), indexes(policy, facts));
        for (const { outcome } of steps) seen.add(outcome);
        seen.add(`allowed: ${allowed} of ${Math.min(steps.length, 2)}`);
      }
    }),
    { numRuns: 1000 },
  );
  for (const each of ['denied', 'unknown', 'allowed: true of 2', 'allowed: false of 2'])
    assert.ok(seen.has(each), each);
});

test('no text of a policy gets out of its quotes', () => {
  const hostile = fc.constantFrom(
    '"); throw new Error("out"); ("',
    '`$' + '{globalThis.out = 1}`',
    "'+(globalThis.out=1)+'",
    '\\"; globalThis.out = 1; //',
    '*/ globalThis.out = 1 /*',
    '\u2028globalThis.out = 1\u2029',
    '</script>\n\r\0',
    '__proto__',
    '\ud800',
  );
  const value = fc.oneof(hostile, fc.string({ unit: 'binary' }), fc.string());
  const denied: fc.Arbitrary<Predicate> = fc.oneof(
    fc.array(value, { maxLength: 7 }).map((values) => not(inSet(attribute('instance_type'), values))),
    fc.array(value, { minLength: 1, maxLength: 7 }).map((values) => unlessAmong(['template', 'launched'], values)),
    value.map((name) => unlessIs('authority', name)),
    value.map(unlessTagged),
    value.map((name) => unlessIs(`framework:${name}`, true)),
    value.map((name) => unlessIs(`data:${name}`, true)),
  );
  fc.assert(
    fc.property(
      fc.array(denied, { minLength: 1, maxLength: 4 }),
      value,
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 4 }),
      (rules, name, pairs) => {
        const template = templateOf(
          'any',
          rules.map((when) => ['resources', 'rule', when]),
          { template: name, frameworks: [name] },
        );
        const policy = combineLaunches([{ role: 'template', policy: template }]);
        const compiled = compileLaunch(policy);
        for (const [one, other] of pairs) {
          const facts = { launched: one, instanceType: other, authority: one, tags: new Map([[one, other]]) };
          assert.equal(compiled.refusing(facts), indexes(policy, facts));
          assert.is(compiled.allows(facts), decideLaunch(policy, facts).allowed);
        }
      },
    ),
    { numRuns: 1000 },
  );
  assert.not.ok('out' in globalThis);
});

test('a policy that says nothing of launches allows none, and a combination of none allows all', () => {
  const facts = { launched: 'a', tags: new Map() };
  const other: Policy = { name: 'other', decisions: [], limits: [], obligations: [] };
  assert.is(compileLaunch(other).allows(facts), false);
  assert.is(decideLaunch(other, facts).allowed, false);
  assert.is(compileLaunch(combineLaunches([])).allows(facts), true);
});

test('where no code may be made, the reference evaluator decides', () => {
  const made = globalThis.Function;
  const policy = combineLaunches([{ role: 'template', policy: templates.everything! }]);
  try {
    globalThis.Function = class {
      constructor() {
        throw new EvalError('Code generation from strings disallowed for this context');
      }
    } as unknown as typeof Function;
    const compiled = compileLaunch(policy);
    const facts = { launched: 'a', instanceType: 't3.medium', tags: new Map() };
    assert.is(compiled.allows(facts), false);
    assert.equal(compiled.refusing(facts), indexes(policy, facts));
  } finally {
    globalThis.Function = made;
  }
});

run();
