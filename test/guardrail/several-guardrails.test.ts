import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { applyPlan } from '../../runtime/guardrail/apply.ts';
import type { Plan } from '../../runtime/guardrail/plan.ts';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { boundary, ciDeployer, documentOf, planOf, principals, start } from '../support/guardrail-plans.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('several guardrails');

const names = ['first', 'second', 'third', 'fourth'];
const boundaries = [boundary('narrow'), boundary('narrower'), boundary('there-before')];

interface Step {
  readonly policy: string;
  readonly isRollback: boolean;
  /** Which boundary it sets on which of two principals; undefined sets none. */
  readonly sets: readonly (string | undefined)[];
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    policy: fc.constantFrom(...names),
    isRollback: fc.boolean(),
    sets: fc.array(fc.option(fc.constantFrom(...boundaries), { nil: undefined }), { minLength: 2, maxLength: 2 }),
  }),
  { maxLength: 14 },
);

const bounded = principals.slice(0, 2);

test('responses with boundaries on the same principals end in any order, and the one that lasts counts', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(undefined, ...boundaries), async (random, initial) => {
      const aws = new FakeAws(principals);
      for (const principal of bounded) aws.principals.set(principal, { boundary: initial });
      // The model: for each principal, who set what, the latest last.
      const piles = bounded.map((): { policy: string; set: string }[] => []);
      const active = new Set<string>();
      for (const [index, { policy, isRollback, sets }] of random.entries()) {
        if (isRollback) {
          active.delete(policy);
          for (const [at, pile] of piles.entries()) piles[at] = pile.filter((each) => each.policy !== policy);
          const { ended } = await rollback({ policy }, aws, { now: start + index });
          assert.ok(ended.every(({ complete, diagnostics }) => complete && diagnostics.length === 0));
        } else {
          active.add(policy);
          for (const [at, set] of sets.entries()) {
            const own = piles[at]!.find((each) => each.policy === policy);
            if (set === undefined) piles[at] = piles[at]!.filter((each) => each !== own);
            else if (own === undefined) piles[at]!.push({ policy, set });
            else own.set = set;
          }
          const plan = planOf({
            policy,
            policyHash: `${policy}${index}`,
            breach: `${policy}/${index}`,
            boundaries: sets.flatMap((set, at) =>
              set === undefined ? [] : { principal: bounded[at]!, boundary: set },
            ),
          });
          const outcome = await applyPlan(plan, aws, { now: start + index });
          assert.equal(outcome.diagnostics, []);
        }
        for (const [at, pile] of piles.entries()) {
          assert.is(aws.principals.get(bounded[at]!)!.boundary, pile.at(-1)?.set ?? initial, `step ${index}`);
        }
        assert.is(aws.policies.size, active.size);
      }
      await rollback({ all: true }, aws, { now: start });
      for (const principal of bounded) assert.is(aws.principals.get(principal)!.boundary, initial);
      assert.not.ok([...aws.parameters.keys()].some((name) => name.startsWith('/polc/guardrail/boundary/')));
      assert.is(aws.policies.size, 0);
    }),
    { numRuns: 1000 },
  );
});

test('two guardrails with equal deny lists on one role have policies of their own', async () => {
  for (const order of [
    ['first', 'second'],
    ['second', 'first'],
  ]) {
    const aws = new FakeAws(principals);
    const plan = (policy: string): Plan =>
      planOf({ policy, denied: [ciDeployer], documents: [documentOf(policy, 'ec2:RunInstances')] });
    for (const policy of ['first', 'second']) await applyPlan(plan(policy), aws, { now: start });
    assert.is(aws.policies.size, 2);
    await rollback({ policy: order[0]! }, aws, { now: start });
    const [left] = aws.policies.values();
    assert.is(left!.tags['polc:policy'], order[1]);
    assert.equal([...left!.attachedTo], [ciDeployer]);
    await rollback({ policy: order[1]! }, aws, { now: start });
    assert.is(aws.policies.size, 0);
  }
});

test('two runs of one plan at once never take the boundary of the other for the one that was there before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const aws = new FakeAws(principals);
      aws.principals.set(ciDeployer, { boundary: boundary('there-before') });
      const plan = planOf({ boundaries: [{ principal: ciDeployer, boundary: boundary('narrow') }] });
      const slowed = new Proxy(aws, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name, target);
          return typeof member === 'function'
            ? scheduler.scheduleFunction(async (...args: unknown[]) => Reflect.apply(member, target, args))
            : member;
        },
      });
      const both = Promise.all([1, 2].map(() => applyPlan(plan, slowed, { now: start })));
      const results = (await scheduler.waitFor(both)).map(({ result }) => result);
      assert.ok(results.every((result) => result === 'applied' || result === 'unchanged'));
      await rollback({ all: true }, aws, { now: start });
      await rollback({ all: true }, aws, { now: start });
      assert.is(aws.principals.get(ciDeployer)!.boundary, boundary('there-before'));
      assert.is(aws.policies.size, 0);
    }),
    { numRuns: 200 },
  );
});

test('a response that crashed before it set its boundary, and lies under another since, is finished where it lies', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf({ policy: 'first', boundaries: [{ principal: ciDeployer, boundary: boundary('narrow') }] });
  let isGone = false;
  aws.fault = ({ method }) => {
    isGone ||= method === 'setBoundary';
    return isGone ? { when: 'before', error: new Error('gone') } : undefined;
  };
  assert.is((await applyPlan(plan, aws, { now: start })).result, 'failed');
  aws.fault = () => undefined;
  const second = planOf({ policy: 'second', boundaries: [{ principal: ciDeployer, boundary: boundary('narrower') }] });
  assert.is((await applyPlan(second, aws, { now: start })).result, 'applied');
  assert.is((await applyPlan(plan, aws, { now: start })).result, 'applied');
  assert.is(aws.principals.get(ciDeployer)!.boundary, boundary('narrower'));
  await rollback({ policy: 'second' }, aws, { now: start });
  assert.is(aws.principals.get(ciDeployer)!.boundary, boundary('narrow'));
  await rollback({ policy: 'first' }, aws, { now: start });
  assert.is(aws.principals.get(ciDeployer)!.boundary, undefined);
});

run();
