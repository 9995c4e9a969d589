import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { answerRequest } from '../../runtime/guardrail/answer.ts';
import { lockLease } from '../../runtime/guardrail/lock.ts';
import { renewRequests } from '../../runtime/guardrail/renew.ts';
import { respondTo } from '../../runtime/guardrail/respond.ts';
import { ciRole, compiledGuardrail, eventText } from '../support/cost-plans.ts';
import { suite } from '../support/harness.ts';
import { lastToken, type TestWorld, testWorld } from '../support/response-world.ts';

const { test, run } = suite('guardrail renew');

const manual = [{ compiled: compiledGuardrail('ci', 'manual'), hash: 'aa'.repeat(32) }];
const attached = ({ port }: TestWorld) =>
  [...port.policies.values()].filter(({ attachedTo }) => attachedTo.has(ciRole)).length;
const codes = ({ diagnostics }: { readonly diagnostics: readonly { readonly code: string }[] }) =>
  diagnostics.map(({ code }) => code);

async function asked(): Promise<{ readonly world: TestWorld; readonly lost: string }> {
  const world: TestWorld = { ...testWorld(), pause: async () => {} };
  await respondTo(eventText(), 'event.json', manual, world);
  return { world, lost: lastToken(world) };
}

test('a lost token is replaced: the new one counts for an hour, and the one before no more', async () => {
  const { world, lost } = await asked();
  world.clock.at += 50 * 60_000;
  const { requests, diagnostics } = await renewRequests(undefined, manual, world);
  assert.equal([requests.map(({ result }) => result), diagnostics], [['renewed'], []]);
  const token = requests[0]?.token ?? '';
  assert.is(lastToken(world), token);
  assert.is.not(token, lost);
  for (const choice of ['approve', 'reject'] as const) {
    const answer = await answerRequest(choice, lost, manual, 'mallory', world);
    assert.equal([answer.result, codes(answer)], ['refused', ['POL8053']]);
    assert.match(answer.diagnostics[0]?.message ?? '', /replaced by a new one by tester/);
    assert.match(answer.diagnostics[0]?.help ?? '', /latest message/);
  }
  // The event in a new message asks nothing, since the new request waits.
  const { events } = await respondTo(eventText({ event_id: 'two' }), 'event.json', manual, world);
  assert.is(events[0]?.policies[0]?.result, 'waiting');
  world.clock.at += 59 * 60_000;
  assert.is((await answerRequest('approve', token, manual, 'alice', world)).result, 'approved');
  assert.is(attached(world), 1);
  assert.equal((await renewRequests(undefined, manual, world)).requests, []);
  const records = (...actions: readonly string[]) => world.records.filter(({ action }) => actions.includes(action));
  const renewals = records('guardrail.renew');
  assert.equal(
    renewals.map(({ decision }) => decision),
    ['begun', 'renewed'],
  );
  // From what was asked to what was approved, by the ids of the requests.
  const [asking, approved] = ['asked', 'approved'].map(
    (decision) => records('guardrail.ask', 'guardrail.approve').find((each) => each.decision === decision)?.facts,
  );
  assert.type(asking?.approval, 'string');
  assert.is(renewals[1]?.facts?.replaced, asking?.approval);
  assert.is(renewals[1]?.facts?.approval, approved?.approval);
  assert.not.match(JSON.stringify(world.records), new RegExp(token.split('.')[2]!));
});

test('people are told of new tokens when the lock is free again, since Slack may take its time', async () => {
  const { world } = await asked();
  const held: boolean[] = [];
  const tell: TestWorld['tell'] = async () => {
    const locks = [...world.port.parameters].filter(([name]) => name.startsWith('/polc/guardrail/lock/'));
    held.push(locks.some(([, { value }]) => JSON.parse(value).expires > world.clock.at));
    return { ok: true };
  };
  const { requests } = await renewRequests(undefined, manual, { ...world, tell });
  assert.equal([requests.length, held], [1, [false]]);
  const told = await respondTo(eventText({ event_id: 'two' }), 'event.json', manual, world);
  assert.is(told.events[0]?.policies[0]?.result, 'waiting');
});

test('what was answered, has run out, is of another policy or for another plan is not renewed', async () => {
  const rejected = await asked();
  await answerRequest('reject', rejected.lost, manual, 'bob', rejected.world);
  assert.equal((await renewRequests(undefined, manual, rejected.world)).requests, []);
  const late = await asked();
  late.world.clock.at += 3_600_000;
  assert.equal((await renewRequests(undefined, manual, late.world)).requests, []);
  const { world, lost } = await asked();
  const before = world.port.changing.length;
  assert.equal((await renewRequests('other', manual, world)).requests, []);
  const rehearsed = await renewRequests('ci', manual, { ...world, dryRun: true });
  assert.is(rehearsed.requests[0]?.result, 'would_renew');
  const changes = world.port.changing.slice(before).filter(({ on }) => !on.includes('/lock/'));
  assert.equal(changes, []);
  const changed = manual.map(({ compiled }) => ({ compiled, hash: 'bb'.repeat(32) }));
  for (const [known, code] of [
    [changed, 'POL8052'],
    [[], 'POL8064'],
  ] as const) {
    const { requests } = await renewRequests(undefined, known, world);
    assert.equal([requests[0]?.result, codes(requests[0]!)], ['failed', [code]]);
  }
  assert.is((await answerRequest('approve', lost, manual, 'alice', world)).result, 'approved');
});

test('a failure at any call leaves a request that can be renewed or answered, and never two that count', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let failing = 0; failing < 60; failing += 1) {
      const { world, lost } = await asked();
      let calls = 0;
      let hit = false;
      world.port.fault = () => {
        calls += 1;
        if (calls !== failing + 1) return undefined;
        hit = true;
        return { when, error: new AwsFailure('x:Y', 'Unreachable', 'no route', true) };
      };
      const first = await renewRequests(undefined, manual, world);
      world.port.fault = () => undefined;
      world.clock.at += lockLease;
      const again = await renewRequests(undefined, manual, world);
      const tokens = [...first.requests, ...again.requests].flatMap(({ token }) =>
        token === undefined ? [] : [token],
      );
      const results: string[] = [];
      for (const token of [lost, ...tokens]) {
        results.push((await answerRequest('approve', token, manual, 'alice', world)).result);
      }
      const label = `${when} call ${failing}: ${results.join()}`;
      assert.is(results.at(-1), 'approved', label);
      assert.is(results.filter((each) => each === 'approved').length, 1, label);
      assert.is(attached(world), 1, label);
      if (!hit) break;
    }
  }
});

test('a call that fails for one request keeps neither the token of another from being seen nor the log from its end', async () => {
  const two = ['ci', 'other'].map((policy) => ({
    compiled: compiledGuardrail(policy, 'manual'),
    hash: 'aa'.repeat(32),
  }));
  for (let failing = 0; ; failing += 1) {
    const world: TestWorld = { ...testWorld(), pause: async () => {} };
    await respondTo(eventText(), 'event.json', two, world);
    let calls = 0;
    let hit = '';
    world.port.fault = ({ on }) => {
      calls += 1;
      if (calls !== failing + 1) return undefined;
      hit = on;
      return { when: 'after', error: new AwsFailure('x:Y', 'Unreachable', 'no route', true) };
    };
    const { requests, diagnostics } = await renewRequests(undefined, two, world);
    if (hit === '') break;
    const decisions = world.records.flatMap(({ action, decision }) => (action === 'guardrail.renew' ? [decision] : []));
    const begun = decisions.filter((each) => each === 'begun').length;
    assert.is(decisions.length, 2 * begun, `${hit}: ${decisions}`);
    const tokens = requests.filter(({ token }) => token !== undefined).length;
    assert.is(decisions.filter((each) => each === 'renewed').length, tokens, hit);
    // Once the requests are known, a failure is that of one of them.
    if (begun > 0) assert.equal([begun, diagnostics], [2, []], hit);
  }
});

test('what a renewal that crashed has left is not asked again after the token before was answered', async () => {
  for (const choice of ['approve', 'reject'] as const) {
    const { world, lost } = await asked();
    let crashed = false;
    world.port.fault = ({ method, on }) => {
      if (method !== 'putParameter' || !on.startsWith('/polc/guardrail/used/')) return undefined;
      crashed = true;
      return { when: 'before', error: new AwsFailure('ssm:PutParameter', 'Unreachable', 'no route', true) };
    };
    await renewRequests(undefined, manual, world);
    world.port.fault = () => undefined;
    assert.ok(crashed);
    await answerRequest(choice, lost, manual, 'alice', world);
    world.clock.at += 1;
    assert.equal((await renewRequests(undefined, manual, world)).requests, [], choice);
  }
});

run();
