import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { AwsPort } from '../../runtime/guardrail/aws/port.ts';
import { lockFolder, lockLease, withLock } from '../../runtime/guardrail/lock.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail-lock');

const start = Date.UTC(2026, 10, 23, 9);
const held = ({ parameters }: FakeAws) => [...parameters.keys()].filter((name) => name.startsWith(`${lockFolder}/`));

/** The port with each call put off until the scheduler lets it happen. */
function scheduled(port: FakeAws, scheduler: fc.Scheduler): AwsPort {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...words: unknown[]) => scheduler.schedule(Promise.resolve()).then(() => member.apply(target, words));
    },
  });
}

test('of several runs at once one is at work, whatever the order of their calls, and all get their turn', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, runs) => {
      const port = new FakeAws();
      const slow = scheduled(port, scheduler);
      let atWork = 0;
      let most = 0;
      const pause = async (): Promise<void> => {
        await scheduler.schedule(Promise.resolve());
      };
      const work = async () => {
        atWork += 1;
        most = Math.max(most, atWork);
        await slow.parameter('/x');
        await slow.parameter('/y');
        atWork -= 1;
      };
      const all = Array.from({ length: runs }, () => withLock(slow, { now: () => start, pause }, work));
      await scheduler.waitFor(Promise.all(all));
      return most === 1 && (await Promise.all(all)).some(({ ok }) => ok);
    }),
    { numRuns: 200 },
  );
});

test('a run that crashed is waited for until its lease is over, and then followed', async () => {
  const port = new FakeAws();
  const clock = { at: start };
  const waiting = { now: () => clock.at, pause: async () => {} };
  const gone = new AwsFailure('ssm:PutParameter', 'Unreachable', 'the process is gone', true);
  await withLock(port, waiting, async () => {
    port.fault = () => ({ when: 'before', error: gone });
  });
  port.fault = () => undefined;
  clock.at += lockLease - 1;
  assert.equal(await withLock(port, waiting, async () => 1), {
    ok: false,
    until: new Date(start + lockLease).toISOString(),
  });
  clock.at += 1;
  assert.equal(await withLock(port, waiting, async () => 2), { ok: true, value: 2 });
  assert.is(held(port).length, 1);
});

test('a run that works longer than its lease keeps it with its next change', async () => {
  const port = new FakeAws();
  const clock = { at: start };
  const waiting = { now: () => clock.at, pause: async () => {} };
  await withLock(port, waiting, async (own) => {
    for (let step = 0; step < 5; step += 1) {
      clock.at += lockLease * 0.9;
      await own.putParameter('/x', 'y', { overwrite: true, secret: false });
      assert.is((await withLock(port, waiting, async () => {})).ok, false);
    }
  });
});

test('a run that is over changes nothing more through its port', async () => {
  const port = new FakeAws();
  const locked = await withLock(port, { now: () => start }, async (own) => ({ own }));
  assert.ok(locked.ok);
  const failure = await locked.value.own.deleteParameter('/x').catch((error: unknown) => error);
  assert.ok(failure instanceof AwsFailure && failure.code === 'LockLost');
});

test('a run that lost the lock changes nothing more', async () => {
  const port = new FakeAws();
  const clock = { at: start };
  const waiting = { now: () => clock.at, pause: async () => {} };
  const slept = withLock(port, waiting, async (own) => {
    clock.at += lockLease;
    await withLock(port, waiting, async () => {});
    const before = port.changing.length;
    const failure = await own.deleteParameter('/x').catch((error: unknown) => error);
    assert.ok(failure instanceof AwsFailure && failure.code === 'LockLost');
    assert.is(port.changing.length, before);
  });
  assert.is((await slept).ok, true);
});

test('who looked long ago makes a number that was removed since, and gives it up', async () => {
  const port = new FakeAws();
  const waiting = { now: () => start, pause: async () => {} };
  await withLock(port, waiting, async () => {});
  let go = () => {};
  const looked = new Promise<void>((resolve) => {
    go = resolve;
  });
  const slow: AwsPort = new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name !== 'putParameter') return member.bind(target);
      return async (...words: Parameters<AwsPort['putParameter']>) => {
        await looked;
        return target.putParameter(...words);
      };
    },
  });
  const late = withLock(slow, waiting, async () => assert.unreachable('the other run is at work'));
  await Promise.resolve();
  await withLock(port, waiting, async () => {});
  await withLock(port, waiting, async () => {
    go();
    assert.is((await late).ok, false);
  });
  assert.is(held(port).length, 1);
});

test('a lock whose making seemed to fail is held all the same', async () => {
  const port = new FakeAws();
  let puts = 0;
  const repeated: AwsPort = new Proxy(port, {
    get(target, name) {
      if (name !== 'putParameter') {
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      }
      // As the SDK does where the answer to the first attempt is lost.
      return async (...words: Parameters<AwsPort['putParameter']>) => {
        puts += 1;
        if (puts === 1) await target.putParameter(...words);
        return target.putParameter(...words);
      };
    },
  });
  assert.equal(await withLock(repeated, { now: () => start, pause: async () => {} }, async () => 3), {
    ok: true,
    value: 3,
  });
});

run();
