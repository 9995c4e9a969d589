import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { askForApproval, breachDigest } from '../../runtime/guardrail/approval/ask.ts';
import {
  type Choice,
  claimApproval,
  closeRequest,
  finishApproval,
  type HashedGuardrail,
  openApproval,
  removeOldApprovals,
} from '../../runtime/guardrail/approval/decide.ts';
import { approvalKey, approvalKeyName, ensureApprovalKey } from '../../runtime/guardrail/approval/key.ts';
import {
  parameterLimit,
  readRequest,
  requestFolder,
  requestText,
  usedFolder,
} from '../../runtime/guardrail/approval/request.ts';
import { approvalLifetime, readApproval, signApproval } from '../../runtime/guardrail/approval/token.ts';
import { planFor } from '../../runtime/guardrail/plan-for.ts';
import { ciRole, compiledGuardrail, costEvent } from '../support/cost-plans.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail-approval');

const now = Date.UTC(2026, 10, 23, 9);
const compiled = compiledGuardrail('ci', 'manual');
const guardrails: readonly HashedGuardrail[] = [{ compiled, hash: 'aa'.repeat(32) }];
const plan = planFor(compiled, 'aa'.repeat(32), costEvent());

async function asked(port: FakeAws, at = now): Promise<string> {
  const asking = await askForApproval(plan, port, at);
  if (asking.kind !== 'ask') throw new Error(asking.kind);
  await asking.told(port);
  return asking.token;
}

/** The code of the finding, or the choice that was made. */
async function decide(token: string, port: FakeAws, at = now, choice: Choice = 'approve', known = guardrails) {
  const opening = await openApproval(token, known, port, at);
  if (!opening.ok) return opening.diagnostic.code;
  const claimed = await claimApproval(opening.open, choice, 'tester', port, at);
  if (!claimed.ok) return claimed.diagnostic.code;
  if (choice === 'approve') await finishApproval(opening.open, claimed.by, port, at);
  else await closeRequest(opening.open, port);
  return choice;
}

test('an approval decides once, and what is asked stands in SSM only until then', async () => {
  const port = new FakeAws([ciRole]);
  const token = await asked(port);
  assert.match(token, /^[A-Za-z0-9._-]+$/);
  assert.is(port.parameters.get(approvalKeyName)?.secret, true);
  const opening = await openApproval(token, guardrails, port, now);
  assert.ok(opening.ok && opening.open.plan !== undefined);
  assert.equal(opening.open.plan, { ...plan, event: { ...plan.event } });
  assert.is(await decide(token, port), 'approve');
  assert.is(await decide(token, port), 'POL8053');
  assert.is(await decide(token, port, now + 1, 'reject'), 'POL8053');
  assert.equal(
    [...port.parameters.keys()].filter((name) => name.startsWith(`${requestFolder}/`)),
    [],
  );
});

test('opening an approval changes nothing', async () => {
  const port = new FakeAws([ciRole]);
  const token = await asked(port);
  const before = port.changing.length;
  for (const known of [guardrails, undefined, []]) await openApproval(token, known, port, now);
  await openApproval('polc1.x.y', guardrails, port, now);
  assert.is(port.changing.length, before);
});

test('a token with any character changed, or signed with another key, is refused without a changing call', async () => {
  const port = new FakeAws([ciRole]);
  const token = await asked(port);
  const before = port.changing.length;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), fc.nat(letters.length - 1), async (at, letter) => {
      const forged = token.slice(0, at) + letters[letter] + token.slice(at + 1);
      const opening = await openApproval(forged, guardrails, port, now);
      // The last letter of 32 bytes in base64 has two bits that nobody reads.
      if (forged === token || at === token.length - 1) return true;
      return !opening.ok && opening.diagnostic.code === 'POL8050';
    }),
    { numRuns: 500 },
  );
  const key = await approvalKey(port);
  assert.ok(key !== undefined);
  const approval = readApproval(token, key);
  assert.ok(approval !== undefined);
  const own = signApproval({ ...approval, expires: approval.expires + 1e9 }, new Uint8Array(32));
  for (const forged of [own, '', 'polc1..', `${token}.x`, `${token}x`, 'x'.repeat(1e6), token.slice(0, -1)]) {
    assert.is(await decide(forged, port), 'POL8050', forged.slice(0, 100));
  }
  assert.is(port.changing.length, before);
});

test('where there is no key, there is no approval, and none is made', async () => {
  const token = await asked(new FakeAws());
  const port = new FakeAws();
  assert.is(await decide(token, port), 'POL8050');
  assert.equal(port.changing, []);
});

test('text without the form of a token is refused without any call', async () => {
  const port = new FakeAws();
  for (const text of ['', 'x', 'polc1.a.b', '../../etc', 'polc1.%.%']) assert.is(await decide(text, port), 'POL8050');
  assert.equal(port.calls, []);
});

test('an approval runs out after an hour to the millisecond', async () => {
  const port = new FakeAws();
  const token = await asked(port);
  const opening = await openApproval(token, guardrails, port, now + approvalLifetime - 1);
  assert.ok(opening.ok);
  const before = port.changing.length;
  assert.is(await decide(token, port, now + approvalLifetime), 'POL8051');
  assert.is(port.changing.length, before);
});

test('an approval for what the policy no longer says is refused', async () => {
  const port = new FakeAws();
  const token = await asked(port);
  const before = port.changing.length;
  const others: readonly (readonly HashedGuardrail[])[] = [
    [{ compiled, hash: 'bb'.repeat(32) }],
    [{ compiled: { ...compiled, ttlMinutes: 181 }, hash: 'aa'.repeat(32) }],
    [{ compiled: { ...compiled, mode: 'auto' }, hash: 'aa'.repeat(32) }],
    [{ compiled: compiledGuardrail('ci', 'manual', { response: { denied: [] } }), hash: 'aa'.repeat(32) }],
  ];
  for (const known of others) assert.is(await decide(token, port, now, 'approve', known), 'POL8052');
  assert.is(await decide(token, port, now, 'approve', []), 'POL8064');
  assert.is(port.changing.length, before);
});

test('of many who decide at once one choice counts, whatever the order of their calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, people) => {
      const port = new FakeAws();
      const token = await asked(port);
      const slow = new Proxy(port, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...words: unknown[]) => scheduler.schedule(Promise.resolve()).then(() => member.apply(target, words));
        },
      });
      const results = Array.from({ length: people }, (_, index) =>
        decide(token, slow, now + index, index % 2 === 0 ? 'approve' : 'reject'),
      );
      await scheduler.waitFor(Promise.all(results));
      const codes = await Promise.all(results);
      const winners = codes.filter((code) => code === 'approve' || code === 'reject');
      return (
        // Several may go on with what the first of them approved; nobody rejects it as well.
        new Set(winners).size === 1 &&
        (winners[0] === 'approve' || winners.length === 1) &&
        codes.every((code) => winners.some((winner) => winner === code) || /^POL805[34]$/.test(code))
      );
    }),
    { numRuns: 60 },
  );
});

test('a request that is gone or was overwritten is refused', async () => {
  const port = new FakeAws();
  const token = await asked(port);
  const name = [...port.parameters.keys()].find((each) => each.startsWith(`${requestFolder}/`))!;
  for (const value of [undefined, 'x', 'polc1 AAAA', `polc1 ${'A'.repeat(3000)}`]) {
    if (value === undefined) port.parameters.delete(name);
    else port.parameters.set(name, { value, secret: false });
    assert.is(await decide(token, port), 'POL8054');
  }
});

test('a breach is asked about once, in a new message too, and again only after an hour', async () => {
  const port = new FakeAws();
  await asked(port);
  const again = planFor(compiled, 'aa'.repeat(32), costEvent({ id: 'message-2', amount: 300 }));
  assert.is((await askForApproval(again, port, now + 1)).kind, 'asked');
  const other = planFor(compiled, 'aa'.repeat(32), costEvent({ period: '2026-12' }));
  assert.is((await askForApproval(other, port, now + 1)).kind, 'ask');
  assert.is((await askForApproval(again, port, now + approvalLifetime)).kind, 'ask');
});

test('what was rejected is not asked again within the hour', async () => {
  const port = new FakeAws();
  assert.is(await decide(await asked(port), port, now, 'reject'), 'reject');
  const asking = await askForApproval(plan, port, now + 5);
  assert.equal(asking, { kind: 'decided', choice: 'reject', by: 'tester' });
});

test('a request that nobody was told of is sent again with the same token', async () => {
  const port = new FakeAws();
  const first = await askForApproval(plan, port, now);
  const second = await askForApproval(plan, port, now + 60_000);
  assert.ok(first.kind === 'ask' && second.kind === 'ask');
  assert.is(first.token, second.token);
  assert.is(first.expires, second.expires);
});

test('a fault at any call of asking or deciding leaves no more than one decision', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let failing = 0; failing < 14; failing += 1) {
      const port = new FakeAws();
      let calls = 0;
      port.fault = () => {
        calls += 1;
        return calls === failing + 1
          ? { when, error: new AwsFailure('ssm:X', 'Unreachable', 'no route', true) }
          : undefined;
      };
      const attempt = async <T>(work: () => Promise<T>) => work().catch(() => work());
      const token = await attempt(() => asked(port)).catch(() => undefined);
      if (token === undefined) continue;
      const results = [await attempt(() => decide(token, port)), await attempt(() => decide(token, port))];
      // Also where the mark was made and the answer lost: the same approval goes on with it.
      assert.equal(results.filter((each) => each === 'approve').length, 1, `${when} ${failing}: ${results}`);
    }
  }
});

test('two who make the key at once use the same', async () => {
  const port = new FakeAws();
  const keys = await Promise.all([ensureApprovalKey(port), ensureApprovalKey(port), ensureApprovalKey(port)]);
  assert.is(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size, 1);
  assert.is(port.parameters.size, 1);
});

test('a key that is too short signs nothing', async () => {
  const port = new FakeAws();
  port.parameters.set(approvalKeyName, { value: 'AAAA', secret: true });
  let failure: unknown;
  await asked(port).catch((error: unknown) => {
    failure = error;
  });
  assert.ok(failure instanceof AwsFailure && failure.code === 'InvalidKey');
});

test('requests and marks go when they have run out, and not before', async () => {
  const port = new FakeAws();
  const token = await asked(port);
  await decide(token, port, now, 'reject');
  await asked(port, now + 2 * approvalLifetime);
  const names = (folder: string) => [...port.parameters.keys()].filter((name) => name.startsWith(`${folder}/`));
  assert.equal(await removeOldApprovals(port, now + approvalLifetime, false), []);
  assert.is((await removeOldApprovals(port, now + 2 * approvalLifetime, true)).length, 1);
  assert.is(names(usedFolder).length, 1);
  assert.is((await removeOldApprovals(port, now + 2 * approvalLifetime, false)).length, 1);
  assert.is(names(usedFolder).length, 0);
  assert.is(names(requestFolder).length, 1);
  port.parameters.set(`${usedFolder}/somebody`, { value: 'else', secret: false });
  await removeOldApprovals(port, now + 1000 * approvalLifetime, false);
  assert.equal(names(usedFolder), [`${usedFolder}/somebody`]);
  assert.equal(names(requestFolder), []);
  assert.ok(port.parameters.has(approvalKeyName));
});

test('any event fits into a parameter with what its plan is made of, or is refused with its size', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 });
  const causes = fc.array(fc.record({ service: text, region: text }), { maxLength: 60 });
  fc.assert(
    fc.property(text, causes, fc.array(fc.tuple(text, text), { maxLength: 10 }), (subject, list, tags) => {
      const event = costEvent({ subject, causes: list, tags: new Map(tags) });
      const own = planFor(compiled, 'aa'.repeat(32), event);
      const head = { policy: 'ci', plan: 'cc'.repeat(32), breach: own.breach, expires: now, told: false };
      const stored = requestText({ ...head, event });
      if (typeof stored !== 'string') return stored.size > parameterLimit;
      const back = readRequest(stored);
      if (back === undefined || Buffer.byteLength(stored) > parameterLimit) return false;
      const again = planFor(compiled, 'aa'.repeat(32), back.event);
      return again.breach === own.breach && breachDigest(back.breach) === breachDigest(own.breach);
    }),
    { numRuns: 150 },
  );
});

run();
