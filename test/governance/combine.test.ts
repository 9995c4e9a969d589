import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type Environment, evaluate } from '../../compiler/expressions/evaluate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { combineLaunches, launchSteps, partOf, stepOf, steps } from '../../compiler/ir/launch.ts';
import { effectiveLimits, limitHolds } from '../../compiler/ir/launch-limits.ts';
import { unlessAmong, whereOver } from '../../compiler/ir/launch-rules.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { suite } from '../support/harness.ts';
import { environmentOf, launch, launchPart } from '../support/launches.ts';

const { test, run } = suite('governance');

const numRuns = 1500;

/** What the reference evaluator says of the decision of a policy. */
function verdictOf(policy: Policy, environment: Environment): 'allow' | 'deny' | 'unknown' {
  const verdict = decide(policy.decisions[0]!, environment);
  if (verdict === undefined) return 'unknown';
  return verdict.effect.kind === 'allow' ? 'allow' : 'deny';
}

test('a combined policy allows what every part allows, denies what one denies, and else cannot tell', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(launchPart(true), { maxLength: 4 }), launch, (parts, said) => {
      const environment = environmentOf(said);
      const verdicts = parts.map(({ policy }) => verdictOf(policy, environment));
      const combined = combineLaunches(parts);
      const verdict = verdictOf(combined, environment);
      const expected = verdicts.includes('deny') ? 'deny' : verdicts.includes('unknown') ? 'unknown' : 'allow';
      // What refuses whatever it cannot tell may say so at once.
      const closed = parts.some(({ policy }) => policy.decisions[0]!.otherwise.effect.kind === 'deny');
      if (closed && expected === 'unknown') assert.is.not(verdict, 'allow');
      else assert.is(verdict, expected);
      assert.equal(verifyPolicy(combined), []);
      seen.add(`${expected} of ${parts.length}`);
    }),
    { numRuns },
  );
  for (const expected of ['allow of 3', 'deny of 3', 'unknown of 3']) assert.ok(seen.has(expected), expected);
});

test('every step is told of in order, and a launch is allowed exactly where all hold', () => {
  fc.assert(
    fc.property(fc.array(launchPart(true), { maxLength: 4 }), launch, (parts, said) => {
      const environment = environmentOf(said);
      const combined = combineLaunches(parts);
      const outcomes = steps(combined, environment);
      assert.is(outcomes.length, combined.decisions[0]!.rules.length);
      const places = outcomes.map(({ step }) => launchSteps.indexOf(step));
      assert.equal(places, [...places].sort());
      const allowed = outcomes.every(({ outcome }) => outcome === 'holds');
      assert.is(allowed, verdictOf(combined, environment) === 'allow');
      if (verdictOf(combined, environment) === 'deny') assert.ok(outcomes.some(({ outcome }) => outcome === 'denied'));
    }),
    { numRuns },
  );
});

test('the limits together hold exactly where the launch is allowed', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.array(launchPart(false), { minLength: 1, maxLength: 4 }), launch, (parts, said) => {
      const environment = environmentOf(said);
      const combined = combineLaunches(parts);
      const limits = effectiveLimits(combined);
      for (const { kind } of limits) kinds.add(kind);
      const hold = limits.every((limit) => evaluate(limitHolds(limit), environment) === true);
      assert.is(hold, verdictOf(combined, environment) === 'allow');
      const sources = new Set(limits.flatMap((limit) => [...limit.sources, ...limit.looser]));
      for (const rule of combined.decisions[0]!.rules) {
        if (rule.when.kind !== 'constant') assert.ok(sources.has(rule), `${rule.id} is the source of no limit`);
      }
    }),
    { numRuns },
  );
  assert.equal([...kinds].sort(), ['at-least', 'at-most', 'condition', 'is', 'none-of', 'one-of', 'tagged']);
});

test('a combined policy is a part like any other, and one that comes twice is there once', () => {
  fc.assert(
    fc.property(fc.array(launchPart(true), { minLength: 1, maxLength: 3 }), (parts) => {
      // Rules that were read from a file have a place of their own in it.
      const placed = parts.map(({ role, policy }, file) => ({ role, policy: inFile(policy, `${file}.yaml`) }));
      const once = combineLaunches(placed);
      const part = { role: 'profile', policy: once } as const;
      const ids = once.decisions[0]!.rules.map(({ id }) => id);
      assert.equal(
        combineLaunches([part]).decisions[0]!.rules.map(({ id }) => id),
        ids,
      );
      assert.equal(
        combineLaunches([part, ...placed]).decisions[0]!.rules.map(({ id }) => id),
        ids,
      );
    }),
    { numRuns: 500 },
  );
});

function inFile(policy: Policy, file: string): Policy {
  const decision = policy.decisions[0]!;
  let start = 0;
  const placed = <T>(node: T) => ({ ...node, origin: { span: { file, start: start++, end: start } } });
  return {
    ...policy,
    decisions: [{ ...decision, rules: decision.rules.map(placed), otherwise: placed(decision.otherwise) }],
  };
}

test('two parts of one place and name that say different things both hold', () => {
  const origin = { span: { file: 'a.yaml', start: 3, end: 4 } };
  const policy = (bound: number): Policy => ({
    name: 'cs101',
    decisions: [
      {
        point: 'launch',
        combine: 'deny-overrides',
        rules: [
          {
            id: 'resources/1',
            topic: 'max_hourly_cost',
            origin,
            when: whereOver('hourly_cost', bound),
            effect: { kind: 'deny' },
          },
        ],
        otherwise: { id: 'launch/otherwise', topic: 'launch', origin, effect: { kind: 'allow' } },
      },
    ],
    limits: [],
    obligations: [],
  });
  const combined = combineLaunches([
    { role: 'profile', policy: policy(0.5) },
    { role: 'profile', policy: policy(0.1) },
    { role: 'profile', policy: policy(0.1) },
  ]);
  assert.equal(
    combined.decisions[0]!.rules.map(({ id }) => id),
    ['profile/cs101/resources/1', 'profile/cs101~2/resources/1'],
  );
  assert.equal(partOf('profile/cs101~2/resources/1'), { role: 'profile', name: 'cs101' });
  assert.is(stepOf('profile/cs101~2/resources/1'), 'resources');
  const [limit] = effectiveLimits(combined);
  assert.is(limit?.kind === 'at-most' && limit.bound, 0.1);
  assert.equal(
    limit?.looser.map(({ id }) => id),
    ['profile/cs101/resources/1'],
  );
});

test('patterns narrow patterns, and what no list can say stays two limits', () => {
  const parts = (lists: readonly (readonly string[])[]) =>
    combineLaunches(
      lists.map((values, at) => ({
        role: 'profile',
        policy: {
          name: `p${at}`,
          decisions: [
            {
              point: 'launch',
              combine: 'deny-overrides',
              rules: [
                {
                  id: 'resources/1',
                  topic: 'types',
                  origin: { span: { file: '', start: 0, end: 0 } },
                  when: unlessAmong(['instance_type'], values),
                  effect: { kind: 'deny' },
                },
              ],
              otherwise: {
                id: 'launch/otherwise',
                topic: 'launch',
                origin: { span: { file: '', start: 0, end: 0 } },
                effect: { kind: 'allow' },
              },
            },
          ],
          limits: [],
          obligations: [],
        },
      })),
    );
  const valuesOf = (lists: readonly (readonly string[])[]) =>
    effectiveLimits(parts(lists)).map((limit) => (limit.kind === 'one-of' ? limit.values : []));
  assert.equal(
    valuesOf([
      ['t3.*', 'm5.*'],
      ['t3.medium', 'c5.large'],
    ]),
    [['t3.medium']],
  );
  assert.equal(valuesOf([['*'], ['t3.*']]), [['t3.*']]);
  assert.equal(valuesOf([['t3.*'], ['*.large']]), [['t3.*'], ['*.large']]);
  assert.equal(valuesOf([['t3.medium'], ['c5.large']]), [[]]);
});

run();
