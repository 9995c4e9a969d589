import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { applyPlan } from '../../runtime/guardrail/apply.ts';
import type { Plan } from '../../runtime/guardrail/plan.ts';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import { sealKeyName } from '../../runtime/guardrail/state/record-seal.ts';
import { FakeAws, type Fault } from '../support/fake-aws.ts';
import { arbitraryPlan, boundary, minutes, principals, recordKey, start, trainer } from '../support/guardrail-plans.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail crash');

/** What was done before the response that is looked at: other responses in force, of the same policy and of another. */
interface Situation {
  readonly earlier: readonly Plan[];
  readonly plan: Plan;
}

const situations: fc.Arbitrary<Situation> = fc
  .record({
    own: fc.option(arbitraryPlan('own'), { nil: undefined }),
    other: fc.option(arbitraryPlan('other'), { nil: undefined }),
    plan: arbitraryPlan('own'),
    isOwnFirst: fc.boolean(),
  })
  .map(({ own, other, plan, isOwnFirst }) => {
    const earlier = [own, other].filter((each) => each !== undefined);
    return { earlier: isOwnFirst ? earlier : earlier.reverse(), plan };
  });

const later = start + minutes(30);
const muchLater = start + minutes(60 * 24);

async function prepared({ earlier }: Situation): Promise<FakeAws> {
  const aws = new FakeAws(principals);
  aws.principals.set(trainer, { boundary: boundary('there-before') });
  aws.parameters.set(sealKeyName, { value: recordKey, secret: true });
  for (const plan of earlier) assert.is((await applyPlan(plan, aws, { now: start })).result, 'applied');
  aws.calls.length = 0;
  return aws;
}

const down = new AwsFailure('any:Call', 'Unreachable', 'the process is gone', true);
const denied = new AwsFailure('any:Call', 'AccessDenied', 'not you', false);

/** The process ends at a call, before or after its effect: nothing that it asks for after that happens. */
function crashAt(index: number, when: 'before' | 'after'): Fault {
  return (_call, at) => (at < index ? undefined : { when: at === index ? when : 'before', error: down });
}

function failOnceAt(index: number, when: 'before' | 'after', error: Error): Fault {
  return (_call, at) => (at === index ? { when, error } : undefined);
}

/** Each call that is made without a fault, before and after its effect. */
async function eachFault(
  situation: Situation,
  act: (aws: FakeAws) => Promise<unknown>,
  check: (aws: FakeAws, index: number, when: 'before' | 'after') => Promise<void>,
): Promise<void> {
  const counted = await prepared(situation);
  await act(counted);
  for (let index = 0; index < counted.calls.length; index++) {
    for (const when of ['before', 'after'] as const) {
      const aws = await prepared(situation);
      await check(aws, index, when);
    }
  }
}

function repaired(aws: FakeAws): FakeAws {
  aws.fault = () => undefined;
  aws.calls.length = 0;
  return aws;
}

/** Without the memory of breaches that were acted on, which is all that a rollback leaves. */
function leftOf(aws: FakeAws): unknown {
  for (const [name, { value }] of aws.parameters) {
    if (name.startsWith('/polc/guardrail/response/') && JSON.parse(value).phase === 'ended')
      aws.parameters.delete(name);
  }
  return aws.snapshot();
}

async function withoutOwn(situation: Situation): Promise<unknown> {
  const { earlier } = situation;
  return leftOf(await prepared({ ...situation, earlier: earlier.filter(({ policy }) => policy !== 'own') }));
}

const runs = { numRuns: 40 };
const apply = (plan: Plan) => (aws: FakeAws) => applyPlan(plan, aws, { now: later });

test('after a crash at any call, the same event again ends where it would have ended', async () => {
  await fc.assert(
    fc.asyncProperty(situations, async (situation) => {
      const whole = await prepared(situation);
      await apply(situation.plan)(whole);
      await eachFault(situation, apply(situation.plan), async (aws, index, when) => {
        aws.fault = crashAt(index, when);
        await apply(situation.plan)(aws);
        const again = await apply(situation.plan)(repaired(aws));
        assert.is.not(again.result, 'failed', `${index} ${when}`);
        assert.equal(aws.snapshot(), whole.snapshot(), `crash ${when} call ${index}`);
      });
    }),
    runs,
  );
});

test('after a crash at any call, a rollback takes everything back that the policy did', async () => {
  await fc.assert(
    fc.asyncProperty(situations, async (situation) => {
      const expected = await withoutOwn(situation);
      await eachFault(situation, apply(situation.plan), async (aws, index, when) => {
        aws.fault = crashAt(index, when);
        await apply(situation.plan)(aws);
        const { ended } = await rollback({ policy: 'own' }, repaired(aws), { now: later });
        assert.ok(ended.every(({ complete }) => complete));
        if (situation.earlier.length === 0 || situation.earlier[0]!.policy === 'other') {
          assert.equal(leftOf(aws), expected, `crash ${when} call ${index}`);
        } else {
          assert.not.ok([...aws.policies.values()].some(({ tags }) => tags['polc:policy'] === 'own'));
          assert.not.ok([...aws.parameters.keys()].some((name) => name.startsWith('/polc/guardrail/boundary/own/')));
        }
      });
    }),
    runs,
  );
});

test('after a crash at any call of a response that expires, the scheduled rollback takes everything back', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPlan('own'), async (random) => {
      const plan = { ...random, ttlMinutes: 60 };
      const situation = { earlier: [], plan };
      const expected = await withoutOwn(situation);
      await eachFault(situation, apply(plan), async (aws, index, when) => {
        aws.fault = crashAt(index, when);
        await apply(plan)(aws);
        await rollback({ expired: true }, repaired(aws), { now: muchLater });
        assert.equal(leftOf(aws), expected, `crash ${when} call ${index}`);
      });
    }),
    runs,
  );
});

test('a call that fails, once, leaves a response that is in force or an account as it was before', async () => {
  await fc.assert(
    fc.asyncProperty(situations, fc.constantFrom(denied, down), async (situation, error) => {
      const before = (await prepared(situation)).snapshot();
      const whole = await prepared(situation);
      await apply(situation.plan)(whole);
      await eachFault(situation, apply(situation.plan), async (aws, index, when) => {
        aws.fault = failOnceAt(index, when, error);
        const { result, diagnostics } = await apply(situation.plan)(aws);
        if (result === 'failed') {
          assert.is(diagnostics.filter(({ severity }) => severity === 'error').length, 1);
          assert.equal(aws.snapshot(), before, `failed ${when} call ${index}`);
        } else if (diagnostics.length === 0) {
          // The record may still name a policy that is gone, until the next run.
          await apply(situation.plan)(repaired(aws));
          assert.equal(aws.snapshot(), whole.snapshot(), `went on ${when} call ${index}`);
        } else {
          // What an earlier version of the policy had done could not be taken away yet.
          assert.ok(diagnostics.every(({ code }) => code === 'POL8030'));
        }
      });
    }),
    runs,
  );
});

test('after a crash at any call of a rollback, another one ends where it would have ended', async () => {
  await fc.assert(
    fc.asyncProperty(situations, fc.boolean(), async (situation, isCrash) => {
      const all = { ...situation, earlier: [...situation.earlier, situation.plan] };
      const applied = async () => {
        const aws = await prepared(situation);
        await apply(situation.plan)(aws);
        return repaired(aws);
      };
      const whole = await applied();
      await rollback({ policy: 'own' }, whole, { now: later });
      const count = whole.calls.length;
      for (let index = 0; index < count; index++) {
        for (const when of ['before', 'after'] as const) {
          const aws = await applied();
          aws.fault = isCrash ? crashAt(index, when) : failOnceAt(index, when, denied);
          await rollback({ policy: 'own' }, aws, { now: later });
          const { ended } = await rollback({ policy: 'own' }, repaired(aws), { now: later });
          assert.ok(ended.every(({ complete }) => complete));
          assert.equal(leftOf(aws), leftOf(whole), `${all.earlier.length} ${when} call ${index}`);
        }
      }
    }),
    runs,
  );
});

test('an undo that fails too is said, and the next scheduled rollback finishes it', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPlan('own'), fc.nat(20), async (plan, at) => {
      const aws = await prepared({ earlier: [], plan });
      const before = aws.snapshot();
      const fault = crashAt(at, 'after');
      // The record can be written, everything else fails from the call on.
      aws.fault = (call, index) => (call.method === 'putParameter' ? undefined : fault(call, index));
      const { result, diagnostics } = await apply(plan)(aws);
      if (result !== 'failed') return;
      if (aws.parameters.has('/polc/guardrail/response/own')) {
        assert.ok(diagnostics.some(({ code }) => code === 'POL8021'));
      }
      await rollback({ expired: true }, repaired(aws), { now: later });
      assert.equal(aws.snapshot(), before);
    }),
    { numRuns: 300 },
  );
});

test('a dry run lists the calls that are then made, and makes none', async () => {
  await fc.assert(
    fc.asyncProperty(situations, async (situation) => {
      const aws = await prepared(situation);
      const dry = await applyPlan(situation.plan, aws, { now: later, dryRun: true });
      assert.equal(aws.changing, []);
      const real = await apply(situation.plan)(aws);
      assert.equal(dry.calls, real.calls);
      assert.is(dry.result, real.result);
      aws.calls.length = 0;
      const dryEnd = await rollback({ all: true }, aws, { now: later, dryRun: true });
      assert.equal(aws.changing, []);
      const realEnd = await rollback({ all: true }, aws, { now: later });
      assert.equal(dryEnd.ended, realEnd.ended);
    }),
    { numRuns: 200 },
  );
});

run();
