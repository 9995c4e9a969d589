import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { evaluateGuardrail } from '../../runtime/guardrail/evaluate.ts';
import { timelinessOf } from '../../runtime/guardrail/event-age.ts';
import { readEvents } from '../../runtime/guardrail/events/read-events.ts';
import { respondTo } from '../../runtime/guardrail/respond.ts';
import { respondByMode } from '../../runtime/guardrail/respond-by-mode.ts';
import { compiledGuardrail, eventText } from '../support/cost-plans.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';
import { startOfTest, type TestWorld, testWorld } from '../support/response-world.ts';

const { test, run } = suite('guardrail event age');

const hour = 3_600_000;
const usual = 72 * 60;
const automatic = [{ compiled: compiledGuardrail('ci', 'auto'), hash: 'aa'.repeat(32) }];

const anomaly = (last: string | undefined) => ({
  accountId: '123456789012',
  anomalyId: 'a-1',
  anomalyStartDate: '2026-08-01T00:00:00Z',
  ...(last === undefined ? {} : { anomalyEndDate: `${last}T00:00:00Z` }),
  impact: { totalImpact: 900 },
  rootCauses: [{ linkedAccount: '123456789012' }],
});
const bySns = (message: unknown, sent: string) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'm-1',
    Timestamp: sent,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
  });
const byBridge = (detail: unknown, time: string) =>
  JSON.stringify({ id: 'b-1', source: 'aws.ce', 'detail-type': 'Anomaly Detected', time, detail });
const notice = (date: string, period = 'for the current month') => `AWS Budget Notification ${date}
AWS Account 123456789012

You requested that we alert you when the ACTUAL Cost associated with your ci budget is greater than $1.00 ${period}.

Budget Name: ci
Budget Type: Cost
Budgeted Amount: $70.00
Alert Type: ACTUAL
Alert Threshold: > $1.00
ACTUAL Amount: $900.00
`;

function timeliness(text: string, at: string, most = usual) {
  const { events, diagnostics } = readEvents(text, 'event.json');
  assert.equal(diagnostics, []);
  return timelinessOf(events[0]!, Date.parse(at), most);
}

test('what AWS sends is on time when AWS sends it, and for the days that retries take', () => {
  const cases = [
    // The last day of an anomaly and when it was told of, as in real messages: up to two days later.
    [bySns(anomaly('2026-11-20'), '2026-11-21T13:46:29.757Z'), '2026-11-21T13:46:30Z', '2026-11-23T23:00:00Z'],
    // As the API of Cost Explorer writes it.
    [
      byBridge({ ...anomaly(undefined), anomalyEndDate: '2026-11-20T00:00Z' }, '2026-11-22T20:00:00Z'),
      '2026-11-22T20:00:01Z',
      '2026-11-23T23:00:00Z',
    ],
    [byBridge(anomaly('2026-11-20'), '2026-11-22T20:00:00Z'), '2026-11-22T20:00:01Z', '2026-11-23T23:00:00Z'],
    [bySns(anomaly('2026-11-20'), '2026-11-20T01:00:00.000Z'), '2026-11-20T01:00:01Z', '2026-11-23T23:00:00Z'],
    // An anomaly that goes on counts from when it was told of, though it began months ago.
    [byBridge(anomaly(undefined), '2026-11-22T20:00:00Z'), '2026-11-22T20:00:01Z', '2026-11-25T19:59:00Z'],
    [bySns(notice('November 23, 2026'), '2026-11-23T04:00:00.000Z'), '2026-11-23T04:00:01Z', '2026-11-26T23:00:00Z'],
    [notice('November 01, 2026', 'per day. Yesterday it was'), '2026-11-01T00:00:10Z', '2026-11-04T23:00:00Z'],
    [eventText({ time_window: '2026-11' }), '2026-11-01T00:00:00Z', '2026-12-03T23:59:00Z'],
    [eventText({ time_window: '2026-Q4' }), '2026-10-01T00:00:00Z', '2027-01-03T23:59:00Z'],
    [eventText({ time_window: '2026' }), '2026-01-01T00:00:00Z', '2027-01-03T23:59:00Z'],
    [eventText({ time_window: '2026-11-23' }), '2026-11-23T00:00:00Z', '2026-11-26T23:59:00Z'],
  ] as const;
  for (const [text, first, last] of cases) {
    for (const at of [first, last]) assert.is(timeliness(text, at), 'current', `${at}: ${text}`);
    assert.is(timeliness(text, new Date(Date.parse(last) + 75 * hour).toISOString()), 'old', text);
  }
});

test('an anomaly of three months ago, a notification of last month and a message sent again are old', () => {
  const at = '2026-11-23T09:00:00Z';
  assert.is(timeliness(byBridge(anomaly('2026-08-20'), '2026-11-23T08:59:00Z'), at), 'old');
  assert.is(timeliness(bySns(anomaly('2026-08-20'), '2026-11-23T08:59:00.000Z'), at), 'old');
  assert.is(timeliness(bySns(notice('October 31, 2026'), '2026-11-23T08:59:00.000Z'), at), 'old');
  assert.is(timeliness(eventText({ time_window: '2026-10' }), at), 'old');
  // Of this month, but sent at its beginning.
  assert.is(timeliness(bySns(eventText(), '2026-11-02T08:59:00.000Z'), at), 'old');
  assert.is(timeliness(bySns(eventText(), '2026-11-22T08:59:00.000Z'), at), 'current');
  assert.is(timeliness(bySns(eventText(), '2026-11-02T08:59:00.000Z'), at, 30 * 1440), 'current');
  assert.is(timeliness(eventText({ time_window: 'this month' }), at), 'undated');
  assert.is(timeliness(bySns(eventText({ time_window: 'this month' }), '2026-11-23T08:00:00.000Z'), at), 'current');
});

test('nothing is done for an event that no policy was found to respond to, in any mode', async () => {
  for (const mode of ['dry-run', 'manual', 'auto'] as const) {
    const world = testWorld();
    const compiled = compiledGuardrail('ci', mode);
    const { events } = readEvents(eventText({ amount: 1 }), 'event.json');
    const evaluation = evaluateGuardrail(compiled, events[0]!, { at: world.now() });
    assert.is(evaluation.outcome, 'passes');
    await respondByMode({ compiled, hash: 'aa'.repeat(32) }, evaluation, world);
    assert.equal(world.port.changing, [], mode);
  }
});

test('what is dated later than clocks differ is of the future, of whatever form', () => {
  for (const [minutes, expected] of [
    [14, 'current'],
    [16, 'future'],
  ] as const) {
    const at = new Date(Date.parse('2026-11-23T00:00:00Z') - minutes * 60_000).toISOString();
    for (const text of [
      notice('November 23, 2026'),
      byBridge(anomaly('2026-11-23'), '2026-11-23T01:00:00Z'),
      bySns(eventText({ time_window: 'custom' }), '2026-11-23T00:00:00.000Z'),
      eventText({ time_window: '2026-11-23' }),
    ]) {
      assert.is(timeliness(text, at), expected, `${minutes}: ${text}`);
    }
  }
});

test('an event only gets older: never current again, and old exactly beyond the greatest age', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4000 }),
      fc.integer({ min: 0, max: 48 }),
      fc.integer({ min: 60, max: 10_000 }),
      fc.integer({ min: -5000, max: 20_000 }),
      (day, length, most, minutes) => {
        const from = Date.UTC(2020, 0, 1) + day * 24 * hour;
        const dated = { from, until: from + length * hour };
        const at = from + minutes * 60_000;
        const found = timelinessOf({ dated }, at, most);
        const expected = minutes < -15 ? 'future' : minutes - length * 60 > most ? 'old' : 'current';
        assert.is(found, expected);
      },
    ),
  );
});

async function responses(world: TestWorld, guardrails: typeof automatic, text: string) {
  const { events, diagnostics } = await respondTo(text, 'event.json', guardrails, world);
  const results = events.flatMap(({ policies }) => policies.map(({ result }) => result));
  return { results, codes: diagnostics.map(({ code }) => code), events };
}

test('auto does not act on an old or undated event: it says why to people and in the log, once', async () => {
  for (const period of ['2026-08', 'some day']) {
    const world = testWorld();
    for (const id of ['one', 'two']) {
      const { results, events } = await responses(world, automatic, eventText({ time_window: period, event_id: id }));
      assert.equal(results, ['held']);
      assert.equal(
        events[0]?.policies[0]?.diagnostics.map(({ code, severity }) => `${code} ${severity}`),
        ['POL8066 warning'],
      );
    }
    assert.equal(world.port.calls, []);
    assert.equal(
      world.told.map(({ news }) => news.kind),
      ['held'],
    );
    const held = world.records.filter(({ decision }) => decision === 'held');
    assert.match(
      held[0]?.reasons[0]?.text ?? '',
      period === '2026-08' ? /of 2026-08-01, 83 days ago/ : /without a date/,
    );
  }
});

test('auto acts up to the age that the policy names, and asking and telling need no date', async () => {
  const month = 31 * 1440;
  for (const [mode, most, expected] of [
    ['auto', usual, 'held'],
    ['auto', month, 'acted'],
    ['manual', usual, 'asked'],
    ['dry-run', usual, 'would_respond'],
  ] as const) {
    const world = testWorld();
    const compiled = compiledGuardrail('ci', mode, { maxEventAgeMinutes: most });
    const { results } = await responses(
      world,
      [{ compiled, hash: 'aa'.repeat(32) }],
      eventText({ time_window: '2026-10' }),
    );
    assert.equal(results, [expected]);
  }
});

test('an event of the future is refused in every mode, with no call and a record, and others beside it are not', async () => {
  for (const mode of ['auto', 'manual', 'dry-run'] as const) {
    const world = testWorld();
    const guardrails = [{ compiled: compiledGuardrail('ci', mode), hash: 'aa'.repeat(32) }];
    const early = eventText({ time_window: '2026-12' });
    const { results, codes } = await responses(world, guardrails, early);
    assert.equal([results, codes], [[], ['POL2052']]);
    assert.equal([world.port.calls, world.told], [[], []]);
    assert.equal(
      world.records.map(({ action, decision }) => `${action} ${decision}`),
      ['guardrail.read refused'],
    );
    const both = await responses(world, guardrails, `${early}\n${eventText()}`);
    assert.equal([both.results.length, both.codes], [1, ['POL2052']]);
  }
});

test('polc simulate says what would be held at a time, in text and in JSON, and counts it as no match', async () => {
  await withProject((project) => {
    const policy = (mode: string) => `policy_id: ${mode}
mode: ${mode}
ttl_minutes: 60
max_event_age: 2d
match: { source: [budgets], account_ids: ["123456789012"], min_amount_usd: 200 }
scope: { principals: [] }
actions: [{ type: notify_only }]
notify: { slack_webhook_ssm_param: /guardrails/slack_webhook }
`;
    project.write({
      'auto.yaml': policy('auto'),
      'manual.yaml': policy('manual'),
      'event.txt': notice('November 20, 2026'),
    });
    const simulate = (at: string, ...more: readonly string[]) =>
      project.polc(['simulate', ...more, '--event', 'event.txt', '--at', at]);
    const late = simulate('2026-11-23T00:00:01Z', 'auto.yaml', '--exit-code');
    assert.is(late.status, 4);
    assert.match(late.stdout, /auto matches, and does not act/);
    assert.match(late.stdout, /event\.txt:1:1 +the event is of 2026-11-20, 48 h ago, and `max_event_age` is 48 h/);
    assert.is(simulate('2026-11-22T23:59:59Z', 'auto.yaml', '--exit-code').status, 0);
    assert.is(simulate('2026-11-23T00:00:01Z', 'manual.yaml', '--exit-code').status, 0);
    assert.is(simulate('2026-11-19T00:00:00Z', 'manual.yaml', '--exit-code').status, 4);
    const { events } = JSON.parse(simulate('2027-01-01T00:00:00Z', 'auto.yaml', '--format', 'json').stdout);
    assert.equal([events[0].policies[0].policy, events[0].policies[0].outcome], ['auto', 'held']);
    assert.match(events[0].plans[0].held, /^of 2026-11-20, 41 days ago/);
  });
});

test('a world whose clock is right takes the event that it was made for', async () => {
  assert.is(timeliness(eventText(), new Date(startOfTest).toISOString()), 'current');
});

run();
