import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { responseText } from '../../cli/guardrail/outcome-text.ts';
import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { AuditFailure } from '../../runtime/audit/log.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { answerRequest } from '../../runtime/guardrail/answer.ts';
import { endResponses } from '../../runtime/guardrail/end-responses.ts';
import { lockLease, withLock } from '../../runtime/guardrail/lock.ts';
import { respondTo } from '../../runtime/guardrail/respond.ts';
import { ciRole, compiledGuardrail, eventText } from '../support/cost-plans.ts';
import { suite } from '../support/harness.ts';
import { lastToken, type TestWorld, testWorld } from '../support/response-world.ts';

const { test, run } = suite('guardrail-respond');
const root = process.env.POLC_ROOT ?? '.';

const topic = 'arn:aws:sns:us-east-1:123456789012:escalation';
const loaded = (...all: readonly CompiledGuardrail[]) => all.map((compiled) => ({ compiled, hash: 'aa'.repeat(32) }));
const automatic = loaded(compiledGuardrail('ci', 'auto', { response: { topics: [topic] } }));
const manual = loaded(compiledGuardrail('ci', 'manual', { response: { topics: [topic] } }));
const rehearsing = loaded(compiledGuardrail('ci', 'dry-run', { response: { topics: [topic] } }));

const attached = ({ port }: TestWorld) =>
  [...port.policies.values()].filter(({ attachedTo }) => attachedTo.has(ciRole));
const kinds = ({ told }: TestWorld) => told.map(({ news }) => news.kind);
const decisions = ({ records }: TestWorld) => records.map(({ action, decision }) => `${action} ${decision}`);

async function results(guardrails: typeof automatic, world: TestWorld, text = eventText()) {
  const { events } = await respondTo(text, 'event.json', guardrails, world);
  return events.flatMap(({ policies }) => policies.map(({ result }) => result));
}

test('dry_run tells what it would do and makes no call that changes anything', async () => {
  const world = testWorld();
  assert.equal(await results(rehearsing, world), ['would_respond']);
  assert.equal(world.port.changing, []);
  assert.equal(kinds(world), ['would-respond']);
  assert.equal(decisions(world), [
    'guardrail.policies loaded',
    'guardrail.evaluate respond',
    'guardrail.tell would_respond',
  ]);
});

test('auto acts, tells the topic and people, and the same breach in a new message acts and tells no more', async () => {
  const world = testWorld();
  assert.equal(await results(automatic, world), ['acted']);
  assert.is(attached(world).length, 1);
  assert.is(world.port.published.length, 1);
  assert.equal(kinds(world), ['responded']);
  await results(automatic, world, eventText({ event_id: 'message-2', amount: 300 }));
  assert.is(attached(world).length, 1);
  assert.is(world.port.published.length, 1);
  assert.equal(kinds(world), ['responded']);
});

test('manual asks, approval acts once, and a replay after the rollback is refused', async () => {
  const world = testWorld();
  assert.equal(await results(manual, world), ['asked']);
  assert.equal(attached(world), []);
  const token = lastToken(world);
  const answer = await answerRequest('approve', token, manual, 'alice', world);
  assert.is(answer.result, 'approved');
  assert.is(attached(world).length, 1);
  assert.is(world.port.published.length, 1);
  assert.equal(kinds(world), ['asks', 'responded']);
  const ended = await endResponses({ policy: 'ci' }, manual, world);
  assert.is(ended.ended[0]?.complete, true);
  assert.equal(attached(world), []);
  const before = world.port.changing.length;
  const replay = await answerRequest('approve', token, manual, 'alice', world);
  assert.is(replay.result, 'refused');
  assert.equal(
    replay.diagnostics.map(({ code }) => code),
    ['POL8053'],
  );
  assert.is(world.port.changing.length, before);
  assert.equal(attached(world), []);
  assert.equal(kinds(world), ['asks', 'responded', 'ended']);
});

test('the log says of which approval and breach a decision was, and of which policy a response ended', async () => {
  const world = testWorld();
  await results(manual, world);
  const token = lastToken(world);
  const other = testWorld();
  await results(manual, other);
  await answerRequest('reject', lastToken(other), [], 'bob', other);
  assert.is(other.records.at(-1)?.subject, 'ci/123456789012/ci%20budget/2026-11');
  await answerRequest('approve', token, manual, 'alice', world);
  const approved = world.records.find(({ action }) => action === 'guardrail.approve');
  // Who uses a token again has to be found: it may have been seen by others.
  await answerRequest('approve', token, manual, 'mallory', world);
  world.clock.at += 3_600_000;
  await answerRequest('approve', token, manual, 'mallory', world);
  for (const { decision, facts } of world.records.slice(-2)) {
    assert.is(decision, 'refused');
    assert.equal(facts, { policy: 'ci', approval: approved?.facts?.approval, by: 'mallory' });
  }
  // Without the policies, as from the command line: the response itself says of which policy it was.
  await endResponses({ all: true }, [], world);
  const { decision, policy_hash: hash, facts } = world.records.at(-1)!;
  assert.equal(
    [decision, hash, facts],
    ['ended', approved?.policy_hash, { policy: 'ci', breach: 'ci/123456789012/ci%20budget/2026-11' }],
  );
  assert.match(hash, /^aa/);
});

test('rejecting does nothing but say so, and needs no policies', async () => {
  for (const known of [manual, []]) {
    const world = testWorld();
    await results(manual, world);
    const answer = await answerRequest('reject', lastToken(world), known, 'bob', world);
    assert.is(answer.result, 'rejected');
    assert.equal(world.port.policies.size, 0);
    assert.is((await answerRequest('approve', lastToken(world), manual, 'bob', world)).result, 'refused');
    assert.equal(world.port.policies.size, 0);
    assert.equal(await results(manual, world), ['answered']);
  }
});

test('a breach is asked about once, and not again once it was acted on', async () => {
  const world = testWorld();
  assert.equal(await results(manual, world), ['asked']);
  assert.equal(await results(manual, world, eventText({ event_id: 'two', amount: 999 })), ['waiting']);
  await answerRequest('approve', lastToken(world), manual, 'alice', world);
  world.clock.at += 2 * 3_600_000;
  assert.equal(await results(manual, world), ['answered']);
  assert.equal(kinds(world), ['asks', 'responded']);
});

test('the same event twice at once asks with one token, so that a rejection counts for both messages', async () => {
  const world = testWorld();
  await Promise.all([results(manual, world), results(manual, world)]);
  const tokens = world.told.flatMap(({ news }) => (news.kind === 'asks' ? [news.ways.approve] : []));
  assert.is(new Set(tokens).size, 1);
  assert.is((await answerRequest('reject', lastToken(world), manual, 'bob', world)).result, 'rejected');
  const requests = [...world.port.parameters.keys()].filter((name) => name.startsWith('/polc/guardrail/approval/'));
  assert.equal(requests, []);
});

test('an event that policies let pass is one record of all of them, which the listing before it names', async () => {
  const world = testWorld();
  const all = loaded(
    ...['a', 'b', 'c'].map((name) => compiledGuardrail(name, 'manual')),
    compiledGuardrail('d', 'auto'),
  );
  for (const amount of [199, 198]) {
    const { events } = await respondTo(eventText({ amount }), 'event.json', all, world);
    assert.equal([events[0]?.policies, events[0]?.passed], [[], 4]);
  }
  assert.equal(world.port.calls, []);
  assert.equal(decisions(world), [
    'guardrail.policies loaded',
    'guardrail.evaluate passes',
    'guardrail.evaluate passes',
  ]);
  const [listing, record] = world.records;
  assert.is(listing?.policy_hash, record?.policy_hash);
  const hash = 'aa'.repeat(32);
  assert.is(listing?.facts?.policies, `a:manual:${hash} b:manual:${hash} c:manual:${hash} d:auto:${hash}`);
  assert.equal(record?.facts, { policies: '4', others: '', event: 'message-1' });
});

test('what is unknown triggers nothing in any mode: it is told and recorded', async () => {
  for (const mode of ['auto', 'manual', 'dry-run'] as const) {
    const world = testWorld();
    const compiled = compiledGuardrail('ci', mode);
    const [condition] = compiled.conditions;
    const passes = {
      kind: 'not',
      of: { kind: 'in-set', term: { kind: 'attribute', name: 'service' }, values: ['Amazon EC2'] },
    } as const;
    const filtered = loaded({ ...compiled, conditions: [condition!, { ...condition!, passes }] });
    assert.equal(await results(filtered, world), ['undecided']);
    assert.equal(world.port.changing, []);
    assert.equal(kinds(world), ['undecided']);
    assert.equal(decisions(world), [
      'guardrail.policies loaded',
      'guardrail.evaluate unknown',
      'guardrail.tell undecided',
    ]);
  }
});

test('what is no event is refused without any call', async () => {
  const big = `{"event_id": "${'x'.repeat(1024 * 1024)}"}`;
  const corpus = join(root, '../shared/corpus/events/upstream-budgets-json-NOT-REAL.json');
  const invented = readIfThere(corpus) ?? '{"budgetName": "x"}';
  for (const text of ['', 'x', '{}', '[]', '{"a": 1}', eventText({ amount: -1 }), big, '\u0000', invented]) {
    const world = testWorld();
    const { events, diagnostics } = await respondTo(text, 'event.json', automatic, world);
    assert.equal(events, []);
    assert.ok(diagnostics.some(({ severity }) => severity === 'error'));
    assert.equal(world.port.calls, []);
    assert.equal(world.told, []);
    assert.ok(decisions(world).every((each) => each === 'guardrail.read refused') && world.records.length > 0);
  }
});

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

test('several policies respond in the order of their ids, each by its own mode', async () => {
  const world = testWorld();
  const all = loaded(
    compiledGuardrail('c', 'auto'),
    compiledGuardrail('a', 'dry-run'),
    compiledGuardrail('b', 'manual'),
  );
  const { events } = await respondTo(eventText(), 'event.json', all, world);
  assert.equal(
    events[0]?.policies.map(({ policy, result }) => `${policy} ${result}`),
    ['a would_respond', 'b asked', 'c acted'],
  );
});

test('Slack being down loses no act, and is said', async () => {
  const world = testWorld();
  world.deliveries.push({ ok: false, reason: 'it answered 500' });
  const { events } = await respondTo(eventText(), 'event.json', automatic, world);
  const [response] = events[0]!.policies;
  assert.is(response?.result, 'acted');
  assert.is(attached(world).length, 1);
  assert.ok(response?.diagnostics.some(({ code, severity }) => code === 'POL8055' && severity === 'warning'));
});

test('a request that cannot be sent is an error, and the next event sends the same', async () => {
  const world = testWorld();
  world.deliveries.push({ ok: false, reason: 'it answered 500' });
  const { events } = await respondTo(eventText(), 'event.json', manual, world);
  assert.is(events[0]?.policies[0]?.result, 'failed');
  assert.equal(
    events[0]?.policies[0]?.diagnostics.map(({ code }) => code),
    ['POL8056'],
  );
  const first = lastToken(world);
  assert.equal(await results(manual, world), ['asked']);
  assert.is(lastToken(world), first);
  assert.is((await answerRequest('approve', first, manual, 'alice', world)).result, 'approved');
});

test('a log that cannot be written stops everything before the first call', async () => {
  const failing = {
    append() {
      throw new AuditFailure('log', 'ENOSPC');
    },
  };
  for (const guardrails of [automatic, manual, rehearsing]) {
    const world = testWorld({ audit: failing });
    const failure = await respondTo(eventText(), 'event.json', guardrails, world).catch((error: unknown) => error);
    assert.ok(failure instanceof AuditFailure);
    assert.equal(world.port.calls, []);
    assert.equal(world.told, []);
  }
});

test('a dry run of any mode changes nothing, tells nobody and records nothing', async () => {
  for (const guardrails of [automatic, manual, rehearsing]) {
    const world = testWorld({ dryRun: true });
    assert.equal(await results(guardrails, world), ['would_respond']);
    assert.equal(world.port.changing, []);
    assert.equal(world.told, []);
    assert.equal(world.records, []);
  }
  const asking = testWorld();
  await results(manual, asking);
  const before = asking.port.changing.length;
  const answer = await answerRequest('approve', lastToken(asking), manual, 'alice', { ...asking, dryRun: true });
  assert.is(answer.result, 'approved');
  assert.ok((answer.outcome?.calls.length ?? 0) > 0);
  assert.is(asking.port.changing.length, before);
  assert.is((await answerRequest('approve', lastToken(asking), manual, 'alice', asking)).result, 'approved');
});

test('a dry run of manual says what an approval would do, what would fail, and that a breach was answered', async () => {
  const world = testWorld();
  const rehearsed = { ...world, dryRun: true };
  const rehearse = async (guardrails: typeof automatic) =>
    (await respondTo(eventText(), 'event.json', guardrails, rehearsed)).events[0]!.policies[0]!;
  const asking = await rehearse(manual);
  assert.is(responseText(asking), '· ci would ask for approval');
  await results(manual, world);
  const { outcome } = await answerRequest('approve', lastToken(world), manual, 'alice', world);
  assert.equal(asking.outcome?.calls, outcome?.calls);
  assert.is((await rehearse(manual)).result, 'answered');
  assert.match(responseText(await rehearse(automatic)), /^· ci has responded to this breach before/);
  world.port.principals.clear();
  const failing = await rehearse(loaded(compiledGuardrail('other', 'manual')));
  assert.is(failing.result, 'failed');
  assert.equal(
    failing.diagnostics.map(({ code }) => code),
    ['POL8022'],
  );
});

test('an approval whose response was interrupted at any call is carried out by the same token, once', async () => {
  for (let crash = 0; crash < 60; crash += 1) {
    const world = testWorld();
    await results(manual, world);
    const token = lastToken(world);
    const before = world.port.calls.length;
    const gone = new AwsFailure('x:Y', 'Unreachable', 'the process is gone', true);
    world.port.fault = (_call, at) => (at < before + crash ? undefined : { when: 'before', error: gone });
    const first = await answerRequest('approve', token, manual, 'alice', world);
    world.port.fault = () => undefined;
    world.clock.at += lockLease;
    const finished = attached(world).length === 1;
    const again = await answerRequest('approve', token, manual, 'bob', world);
    assert.ok(['approved', 'refused'].includes(again.result), `crash at call ${crash}: ${again.result}`);
    assert.is(attached(world).length, 1, `crash at call ${crash}`);
    assert.is(world.port.published.length, 1, `crash at call ${crash}`);
    assert.ok(kinds(world).includes('responded'), `crash at call ${crash}`);
    const { ended } = await endResponses({ policy: 'ci' }, manual, world);
    assert.is(ended[0]?.complete, true);
    assert.is((await answerRequest('approve', token, manual, 'bob', world)).outcome?.calls.length ?? 0, 0);
    assert.equal(attached(world), []);
    if (finished && first.result === 'approved') return;
  }
  assert.unreachable('every crash was looked at');
});

test('an approval that was approved and not finished cannot be rejected', async () => {
  const world = testWorld();
  await results(manual, world);
  world.port.attachmentQuota = 0;
  assert.is((await answerRequest('approve', lastToken(world), manual, 'alice', world)).result, 'failed');
  assert.is((await answerRequest('reject', lastToken(world), manual, 'bob', world)).result, 'refused');
  world.port.attachmentQuota = 10;
  assert.is((await answerRequest('approve', lastToken(world), manual, 'bob', world)).result, 'approved');
  const acted = world.records.filter(({ action }) => action === 'guardrail.act');
  assert.is(acted.at(-1)?.facts?.approver, 'alice');
});

test('a topic that SNS refused is told when the same event comes again, and once', async () => {
  const world = testWorld();
  world.port.fault = ({ method }) =>
    method === 'publish'
      ? { when: 'before', error: new AwsFailure('sns:Publish', 'InternalError', 'try again', true) }
      : undefined;
  const { events } = await respondTo(eventText(), 'event.json', automatic, world);
  assert.equal(
    events[0]?.policies[0]?.diagnostics.map(({ code, severity }) => `${code} ${severity}`),
    ['POL8062 error'],
  );
  assert.equal(world.port.published, []);
  world.port.fault = () => undefined;
  for (let round = 0; round < 3; round += 1) await results(automatic, world);
  assert.is(world.port.published.length, 1);
  assert.equal(kinds(world), ['responded']);
});

test('a topic that was not told of one breach is told of it also after another breach', async () => {
  const world = testWorld();
  const refusal = new AwsFailure('sns:Publish', 'InternalError', 'try again', true);
  world.port.fault = ({ method }) => (method === 'publish' ? { when: 'before', error: refusal } : undefined);
  await respondTo(eventText(), 'event.json', automatic, world);
  world.port.fault = () => undefined;
  const other = eventText({ event_id: 'message-2', details: { budget_name: 'night budget' } });
  await respondTo(other, 'event.json', automatic, world);
  assert.is(world.port.published.length, 1);
  for (let round = 0; round < 2; round += 1) await respondTo(eventText(), 'event.json', automatic, world);
  assert.is(world.port.published.length, 2);
});

test('while another run changes guardrails nothing is done, and that is said', async () => {
  const world = testWorld();
  await withLock(world.port, world, async () => {
    const before = world.port.changing.length;
    const { events } = await respondTo(eventText(), 'event.json', automatic, world);
    const [response] = events[0]!.policies;
    assert.equal([response?.result, response?.diagnostics[0]?.code], ['failed', 'POL8065']);
    const { ended, diagnostics } = await endResponses({ all: true }, automatic, world);
    assert.equal([ended, diagnostics.map(({ code }) => code)], [[], ['POL8065']]);
    assert.is(world.port.changing.length, before);
  });
  assert.equal(await results(automatic, world), ['acted']);
});

test('nobody to tell: a request is answered by the token that is handed back', async () => {
  const world = testWorld({ tell: undefined });
  const { events } = await respondTo(eventText(), 'event.json', manual, world);
  const token = events[0]?.policies[0]?.token ?? '';
  assert.is((await answerRequest('approve', token, manual, 'alice', world)).result, 'approved');
});

test('a forged or expired approval, or one for another plan, makes no changing call and is recorded', async () => {
  const world = testWorld();
  await results(manual, world);
  const token = lastToken(world);
  const before = world.port.changing.length;
  const changed = manual.map(({ compiled }) => ({ compiled, hash: 'bb'.repeat(32) }));
  const attempts = [
    ['POL8050', `${token}x`, manual],
    ['POL8050', token.replace(/\.[^.]*$/, `.${'A'.repeat(43)}`), manual],
    ['POL8052', token, changed],
    ['POL8064', token, []],
  ] as const;
  for (const [code, text, known] of attempts) {
    const answer = await answerRequest('approve', text, known, 'mallory', world);
    assert.equal([answer.result, ...answer.diagnostics.map((each) => each.code)], ['refused', code]);
  }
  world.clock.at += 3_600_000;
  const late = await answerRequest('approve', token, manual, 'mallory', world);
  assert.equal(
    late.diagnostics.map(({ code }) => code),
    ['POL8051'],
  );
  assert.is(world.port.changing.length, before);
  assert.is(decisions(world).filter((each) => each === 'guardrail.approve refused').length, 5);
});

test('a failure at any call ends with everything or nothing, after the event or the approval came again', async () => {
  for (const guardrails of [automatic, manual]) {
    for (const when of ['before', 'after'] as const) {
      for (let failing = 0; failing < 60; failing += 1) {
        const world = testWorld();
        let calls = 0;
        let hit = false;
        world.port.fault = () => {
          calls += 1;
          if (calls !== failing + 1) return undefined;
          hit = true;
          return { when, error: new AwsFailure('x:Y', 'Unreachable', 'no route', true) };
        };
        // The clock goes on past the hour, so that an approval that a fault used up can be asked for anew.
        for (let round = 0; round < 3; round += 1) {
          await results(guardrails, world);
          if (kinds(world).includes('asks'))
            await answerRequest('approve', lastToken(world), guardrails, 'alice', world);
          world.clock.at += 3_600_001;
        }
        assert.is(attached(world).length, 1, `${guardrails[0]?.compiled.mode}, ${when} call ${failing}`);
        assert.is(world.port.policies.size, 1);
        if (!hit) break;
      }
    }
  }
});

test('the chain of records names every decision with the hash of its policy, and no token', async () => {
  const world = testWorld();
  await results(manual, world);
  const token = lastToken(world);
  await answerRequest('approve', token, manual, 'alice', world);
  await endResponses({ all: true }, manual, world);
  assert.equal(decisions(world), [
    'guardrail.policies loaded',
    'guardrail.evaluate respond',
    'guardrail.ask asked',
    'guardrail.approve approved',
    'guardrail.act begun',
    'guardrail.act applied',
    'guardrail.rollback begun',
    'guardrail.rollback ended',
  ]);
  assert.not.match(JSON.stringify(world.records), new RegExp(token.split('.')[2]!));
});

run();
