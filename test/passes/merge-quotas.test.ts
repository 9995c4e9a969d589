import assert from 'node:assert/strict';
import fc from 'fast-check';
import { and, attribute, compare, inSet, literal, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import { grants } from '../../compiler/ir/grants.ts';
import { contributors, enforceables, type Policy, type Quota } from '../../compiler/ir/policy.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { mergeQuotas } from '../../compiler/passes/merge-quotas.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('merge-quotas');

const names = ['a', 'b', 'c'] as const;
const attributes = ['team', 'user', 'tier'] as const;
type Attribute = (typeof attributes)[number];

const is = (name: Attribute, value: string) => compare(attribute(name), '==', literal(value));
const isNone = (name: Attribute, values: readonly string[]) => not(inSet(attribute(name), values));

const condition: fc.Arbitrary<Predicate> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...attributes), fc.constantFrom(...names)).map(([of, value]) => is(of, value)),
  },
  fc
    .tuple(fc.constantFrom(...attributes), fc.subarray([...names], { minLength: 1 }))
    .map(([of, values]) => isNone(of, values)),
  fc.subarray([...names], { minLength: 1 }).map((values) => inSet(attribute('tier'), values)),
);

const quota: fc.Arbitrary<Omit<Quota, 'id'>> = fc.record({
  topic: fc.constant('teams'),
  origin: fc.constant({ span: { file: 'policy.yaml', start: 0, end: 0 } }),
  resource: fc.constantFrom('requests', 'tokens'),
  amount: fc.integer({ min: 1, max: 2 }),
  windowMilliseconds: fc.constantFrom(10, 20),
  when: fc.array(condition, { maxLength: 3 }).map((of) => and(...of)),
  counters: fc.subarray([...attributes]).map((some) => some.map(attribute)),
});

/** Some quotas as they come, and for one that leaves names out those of each name, which may be joined with it. */
const quotas: fc.Arbitrary<readonly Quota[]> = fc
  .array(fc.tuple(quota, fc.constantFrom(...attributes), fc.subarray([...names]), fc.array(fc.boolean())), {
    minLength: 1,
    maxLength: 4,
  })
  .map((some) =>
    some
      .flatMap(([each, by, apart, less]): readonly Omit<Quota, 'id'>[] => {
        if (apart.length === 0) return [each];
        const others = each.counters.filter((term) => term.kind === 'attribute' && term.name !== by);
        const rest = each.when.kind === 'and' ? each.when.of : [each.when];
        return [
          { ...each, when: and(...rest, isNone(by, apart)), counters: [...others, attribute(by)] },
          ...apart.map((name, at) => ({
            ...each,
            when: and(...rest, is(by, name)),
            counters: others,
            amount: less[at] === true ? 3 : each.amount,
          })),
        ];
      })
      .map((each, index) => ({ ...each, id: `quota/${index}` })),
  );

const policyOf = (some: readonly Quota[]): Policy => ({
  name: 'random',
  decisions: [],
  limits: [],
  obligations: [],
  quotas: some,
});

const request = fc.record(
  { team: fc.constantFrom(...names, 'd'), user: fc.constantFrom(...names), tier: fc.constantFrom(...names) },
  { requiredKeys: [] },
);

const trace = fc
  .array(
    fc.record({
      attributes: request,
      at: fc.integer({ min: 0, max: 40 }),
      tokens: fc.integer({ min: 1, max: 2 }),
      takes: fc.constantFrom(0, 5),
      times: fc.integer({ min: 1, max: 2 }),
    }),
    { maxLength: 40 },
  )
  .map((steps) => steps.sort((one, other) => one.at - other.at));

test('what is admitted stays the same, whatever is joined', () => {
  let joined = 0;
  fc.assert(
    fc.property(quotas, trace, (some, made) => {
      const before = policyOf(some);
      const after = mergeQuotas.run(before).policy;
      if (after === before) return;
      joined += 1;
      assert.deepEqual(verifyPolicy(after), []);
      const admitted = (of: Policy) => grants(of, made).map((grant) => grant.admitted);
      assert.deepEqual(admitted(after), admitted(before), `${printPolicy(before)}\n${printPolicy(after)}`);
      const ids = (of: Policy) =>
        enforceables(of)
          .flatMap(contributors)
          .map(({ id }) => id)
          .sort();
      assert.deepEqual(ids(after), ids(before));
    }),
    { numRuns: 1500 },
  );
  assert.ok(joined > 500, `only ${joined} were joined`);
});

const base: Omit<Quota, 'id' | 'when' | 'counters'> = {
  topic: 'tiers',
  origin: { span: { file: 'policy.yaml', start: 0, end: 0 } },
  resource: 'tokens',
  amount: 10,
  windowMilliseconds: 60_000,
};
const standard = is('tier', 'a');
const others: Quota = {
  ...base,
  id: 'others',
  when: and(standard, isNone('team', ['a', 'b'])),
  counters: [attribute('team')],
};
const ofTeam = (id: string, name: string, changes: Partial<Quota> = {}): Quota => ({
  ...base,
  id,
  when: and(standard, is('team', name)),
  counters: [],
  ...changes,
});
const joinedIds = (...some: readonly Quota[]) =>
  (mergeQuotas.run(policyOf(some)).policy.quotas ?? []).map((each) => contributors(each).map(({ id }) => id));

test('teams that have what the tier has are joined, and nothing is left of them in its condition', () => {
  const { policy } = mergeQuotas.run(policyOf([others, ofTeam('a', 'a'), ofTeam('b', 'b')]));
  assert.deepEqual(
    policy.quotas?.map(({ when, counters }) => ({ when, counters })),
    [{ when: standard, counters: [attribute('team')] }],
  );
  assert.deepEqual(
    policy.quotas?.[0]?.merged?.map(({ id, when }) => ({ id, when })),
    [
      { id: 'a', when: and(standard, is('team', 'a')) },
      { id: 'b', when: and(standard, is('team', 'b')) },
    ],
  );
});

test('a team of which something differs stays apart and stays left out', () => {
  for (const changes of [
    { amount: 11 },
    { windowMilliseconds: 1 },
    { resource: 'requests' },
    { counters: [attribute('user')] },
    { when: and(is('tier', 'b'), is('team', 'b')) },
    { when: and(standard, is('team', 'b'), is('user', 'a')) },
    { when: and(standard, inSet(attribute('team'), ['b'])) },
    { when: and(standard, is('team', 'c')) },
  ] satisfies readonly Partial<Quota>[]) {
    assert.deepEqual(joinedIds(others, ofTeam('a', 'a'), ofTeam('b', 'b', changes)), [['others', 'a'], ['b']]);
  }
  // Twice the same would be counted twice before and once after.
  assert.deepEqual(joinedIds(others, ofTeam('a', 'a'), ofTeam('again', 'a')), [['others'], ['a'], ['again']]);
  assert.deepEqual(joinedIds({ ...others, counters: [] }, ofTeam('a', 'a')), [['others'], ['a']]);
});

test('what one limit can hold with several rates stays together', () => {
  const day = { windowMilliseconds: 1_440_000 };
  const ofDay: Quota = { ...others, ...day, id: 'others of a day' };
  const [a, b] = [ofTeam('a', 'a'), ofTeam('b', 'b')];
  assert.deepEqual(
    joinedIds(others, ofDay, a, ofTeam('a of a day', 'a', day), b, ofTeam('b of a day', 'b', { ...day, amount: 99 })),
    [['others', 'a'], ['others of a day', 'a of a day'], ['b'], ['b of a day']],
  );
  assert.deepEqual(joinedIds(others, a, ofTeam('a of a day', 'a', day)), [['others'], ['a'], ['a of a day']]);
  const requests = ofTeam('requests', 'a', { resource: 'requests' });
  assert.deepEqual(joinedIds(others, a, requests), [['others', 'a'], ['requests']]);
});

run();
