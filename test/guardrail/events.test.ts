import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';
import { eventLimit, readEvents } from '../../runtime/guardrail/events/read-events.ts';
import { anomaly, bridgeEvent, budgetNotice, envelopes, type Notice, notification } from '../support/cost-messages.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cost events');

function one(text: string): CostEvent {
  const { events, diagnostics } = readEvents(text, 'event.json');
  assert.equal(diagnostics, [], text);
  assert.is(events.length, 1);
  return events[0]!;
}

/** The codes, each with what its span covers. */
function refused(text: string): readonly (readonly [string, string])[] {
  const { events, diagnostics } = readEvents(text, 'event.json');
  assert.is(events.length, 0, text);
  return diagnostics.map(({ code, span, help }) => {
    assert.is(span.file, 'event.json');
    assert.ok(help.length > 0 && span.start >= 0 && span.start <= span.end && span.end <= text.length);
    return [code, text.slice(span.start, span.end)] as const;
  });
}

const placed = (text: string, event: CostEvent, name: string) => {
  const span = event.places.get(name);
  return span === undefined ? undefined : text.slice(span.start, span.end);
};

test('a budget is read out of every envelope, with the place of each attribute', () => {
  for (const [name, id, wrap] of envelopes) {
    for (const lineBreak of ['\n', '\r\n'] as const) {
      const text = wrap(budgetNotice({ lineBreak, name: 'a "quoted" \u00fcml\u00e4ut \u{1f4b8}' }));
      const event = one(text);
      assert.is(event.source, 'budgets', name);
      assert.is(event.account, '111122223333');
      assert.is(event.amount, 321.09);
      assert.is(event.forecast, false);
      assert.is(event.subject, 'a "quoted" \u00fcml\u00e4ut \u{1f4b8}');
      assert.is(event.period, '2024-08');
      assert.equal(event.causes, [{}]);
      if (id !== undefined) assert.is(event.id, id, name);
      assert.is(event.id, one(text).id);
      assert.is(placed(text, event, 'account'), '111122223333');
      assert.is(placed(text, event, 'amount'), '$321.09');
      assert.is(placed(text, event, 'forecast'), 'ACTUAL');
    }
  }
});

test('an anomaly is read out of every envelope, and of EventBridge inside them', () => {
  for (const [name, id, wrap] of envelopes) {
    for (const bridge of [false, true]) {
      const text = wrap(bridge ? bridgeEvent(anomaly({}, 'dimensionValue')) : anomaly());
      const event = one(text);
      assert.is(event.source, 'anomaly', name);
      assert.is(event.amount, 77.5);
      assert.is(event.account, '111122223333');
      assert.is(event.period, '2024-08-07');
      assert.equal(event.causes, [{ account: '444455556666', service: 'AWS Lambda', region: 'eu-central-1' }]);
      assert.is(event.id, bridge ? 'bridge-1' : (id ?? event.subject));
      assert.match(placed(text, event, 'account') ?? '', /^(\\*")444455556666\1$/);
      assert.match(placed(text, event, 'region') ?? '', /^(\\*")eu-central-1\1$/);
      assert.is(placed(text, event, 'amount'), '77.5');
    }
  }
});

test('every root cause is a cause, each with its places, and none leaves what was monitored', () => {
  const causes = [
    { linkedAccount: '444455556666', service: 'AWS Lambda', region: 'eu-central-1' },
    { linkedAccount: '777788889999', service: 'Amazon EC2', region: '' },
    {},
  ];
  const text = JSON.stringify(anomaly({ causes }));
  const event = one(text);
  assert.equal(event.causes.length, 3);
  assert.is(event.causes[1]!.account, '777788889999');
  assert.is(event.causes[1]!.region, undefined);
  assert.is.not(event.causes[1]!.service, 'Amazon EC2', 'it has the name of Cost Explorer');
  assert.is(placed(text, event, 'account/1'), '"777788889999"');
  assert.equal(event.causes[2], {});
  assert.equal(one(JSON.stringify(anomaly({ causes: [] }))).causes, [{ service: 'AWS Lambda' }]);
  const ofAccount = anomaly({ causes: [], more: { dimensionalValue: '444455556666' } });
  assert.equal(one(JSON.stringify(ofAccount)).causes, [{ account: '444455556666' }]);
  const nothing = anomaly({ causes: [], more: { dimensionalValue: 'team=web' } });
  assert.equal(one(JSON.stringify(nothing)).causes, [{}]);
});

test('the period is that of the budget, whatever the budget is called', () => {
  const periods: readonly (readonly [Notice, string])[] = [
    [{ period: 'per day', date: 'March 01, 2024' }, '2024-02-29'],
    [{ period: 'per day', date: 'January 01, 2023' }, '2022-12-31'],
    [{ period: 'for the current month', date: 'December 31, 2023' }, '2023-12'],
    [{ period: 'for the current quarter', date: 'July 01, 2024' }, '2024-Q3'],
    [{ period: 'for the current quarter', date: 'June 30, 2024' }, '2024-Q2'],
    [{ period: 'for the current year' }, '2024'],
    [{ period: 'for the current period' }, 'custom'],
    [{ name: 'per day for the current year', period: 'for the current month' }, '2024-08'],
  ];
  for (const [notice, period] of periods) assert.is(one(budgetNotice(notice)).period, period, JSON.stringify(notice));
  assert.equal(
    refused(budgetNotice({ date: 'February 30, 2024' })).map(([code]) => code),
    ['POL2043'],
  );
});

test('a forecast is one', () => {
  const event = one(budgetNotice({ alert: 'FORECASTED', amount: '$1,000.00' }));
  assert.is(event.forecast, true);
  assert.is(event.amount, 1000);
});

test('amounts: 200 variants are read exactly or refused for the right reason', () => {
  const cents = fc.integer({ min: 0, max: 999_999_999_99 });
  const grouped = (digits: string, separator: string) => digits.replace(/\B(?=(\d{3})+$)/g, separator);
  const written = (value: number, group: string, point: string) =>
    `${grouped(String(Math.floor(value / 100)), group)}${point}${String(value % 100).padStart(2, '0')}`;
  const read = (amount: string) => {
    const { events, diagnostics } = readEvents(budgetNotice({ amount }), 'event.txt');
    return events[0]?.amount ?? diagnostics[0]?.code;
  };
  fc.assert(
    fc.property(cents, fc.constantFrom('$', 'US$', 'USD ', 'USD $'), fc.constantFrom('', ','), (value, sign, group) => {
      assert.is(read(`${sign}${written(value, group, '.')}`), value / 100);
    }),
    { numRuns: 60 },
  );
  const foreign = [
    '\u20ac',
    '\u00a3',
    '\u00a5',
    '\u20b9',
    'CA$',
    'A$',
    'R$',
    'HK$',
    'EUR ',
    'CNY ',
    'CHF ',
    'Rs ',
    'kr ',
  ];
  fc.assert(
    fc.property(cents, fc.constantFrom(...foreign), (value, sign) => {
      assert.is(read(`${sign}${written(value, ',', '.')}`), 'POL2045', sign);
      assert.is(read(`${written(value, '', '.')} ${sign.trim()}`), 'POL2045', sign);
    }),
    { numRuns: 60 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 100_000, max: 999_999_999 }), (value) => {
      for (const [group, point] of [
        ['.', ','],
        [' ', '.'],
        ["'", '.'],
        ['', ','],
        [' ', ','],
      ] as const) {
        assert.is(read(`$${written(value, group, point)}`), 'POL2046', `${group}${point}`);
      }
    }),
    { numRuns: 40 },
  );
  fc.assert(
    fc.property(cents, fc.constantFrom('GB', 'Hrs', 'GB-Mo', 'hours', 'Requests', '%'), (value, unit) => {
      assert.is(read(`${written(value, ',', '.')}${unit === '%' ? '' : ' '}${unit}`), 'POL2048', unit);
    }),
    { numRuns: 40 },
  );
  for (const amount of ['-$5.00', '$-5.00', '($5.00)', '\u2212$5.00']) assert.is(read(amount), 'POL2047', amount);
  for (const amount of ['$', '$1,23.00', '$1,2345.00', '$1.2.3', '$12,34,567.00', '$,5', '$5.', '$.5']) {
    assert.is(read(amount), 'POL2046', amount);
  }
  assert.is(read('1.00'), 'POL2045', 'a bare number has no currency');
});

test('budgets of anything but cost are refused, by what they count', () => {
  for (const type of [
    'Usage',
    'RI Utilization',
    'RI Coverage',
    'Savings Plans Utilization',
    'Savings Plans Coverage',
  ]) {
    assert.equal(refused(budgetNotice({ type, amount: '87.5%' })), [['POL2048', type]]);
  }
});

test('what is no event is refused with its place', () => {
  const bad: readonly (readonly [string, string, string])[] = [
    ['{"event_id": }', 'POL2040', '}'],
    ['{"a": 1, "a": 2}', 'POL2040', '"a"'],
    ['[1, 2', 'POL2040', ''],
    ['[1, 2]', 'POL2041', '1'],
    ['{"Message": "{\\"accountId\\": nope}"}', 'POL2040', 'n'],
    ['hello', 'POL2041', 'hello'],
    ['42', 'POL2041', '4'],
    ['null', 'POL2041', 'n'],
    ['{}', 'POL2041', '{'],
    ['{"Records": [{"s3": {}}]}', 'POL2041', '{'],
    [JSON.stringify({ ...bridgeEvent({}), source: 'aws.ec2' }), 'POL2041', '"'],
    ['{"budgetName":"m","notificationType":"ACTUAL","calculatedSpend":{}}', 'POL2042', '{'],
    [
      '{"Type":"SubscriptionConfirmation","Message":"x","SubscribeURL":"https://example"}',
      'POL2051',
      '"SubscriptionConfirmation"',
    ],
    [budgetNotice({ account: '12345' }), 'POL2044', '12345'],
    [budgetNotice().replace('AWS Account 111122223333\n', ''), 'POL2043', 'AWS Budget Notification'],
    [budgetNotice().replace(/^ACTUAL Amount.*$/m, ''), 'POL2043', 'AWS Budget Notification'],
    [budgetNotice().replace('\n[1]', '\nACTUAL Amount: $1.00\n[1]'), 'POL2044', '$1.00'],
    [JSON.stringify(anomaly({ impact: -1 })), 'POL2047', '-1'],
    [JSON.stringify(anomaly({ more: { accountId: undefined } })), 'POL2043', '{'],
    [JSON.stringify(anomaly({ more: { accountId: 111122223333 } })), 'POL2044', '111122223333'],
    [JSON.stringify(anomaly({ more: { impact: { totalImpact: 5, currency: 'EUR' } } })), 'POL2045', '"EUR"'],
    [JSON.stringify(anomaly({ more: { impact: { totalImpact: '5' } } })), 'POL2044', '"5"'],
    [JSON.stringify(anomaly({ causes: [{ linkedAccount: 'x' }] })), 'POL2044', '"x"'],
    ['', 'POL2050', ''],
    ['[]', 'POL2050', '[]'],
  ];
  for (const [text, code, covered] of bad) assert.equal(refused(text)[0], [code, covered], text);
});

test('more than 1 MB is refused unread', () => {
  const long = `"${'\u00e9'.repeat(eventLimit / 2)}"`;
  assert.equal(refused(long), [['POL2049', '']]);
});

test('the normalised form', () => {
  const normalised = {
    event_id: 'test-123',
    source: 'budgets',
    account_id: '111122223333',
    amount: 250.0,
    time_window: '2025-01',
    details: {
      service: 'Amazon Elastic Compute Cloud',
      tags: { Environment: 'dev' },
      forecast: true,
      budget_name: 'ci',
    },
  };
  const text = JSON.stringify(normalised);
  const event = one(text);
  assert.is(event.subject, 'ci');
  assert.is(event.forecast, true);
  assert.equal([...event.tags], [['Environment', 'dev']]);
  assert.is(event.causes[0]!.account, '111122223333');
  assert.is(placed(text, event, 'tag:Environment'), '"dev"');
  const { details: _, ...bare } = normalised;
  assert.equal(one(JSON.stringify(bare)).causes, [{ account: '111122223333' }]);
  for (const [change, code] of [
    [{ account_id: 111122223333 }, 'POL2044'],
    [{ amount: -1 }, 'POL2047'],
    [{ amount: '250' }, 'POL2044'],
    [{ currency: 'EUR' }, 'POL2045'],
    [{ source: 'guess' }, 'POL2044'],
    [{ time_window: null }, 'POL2043'],
    [{ details: { service: 5 } }, 'POL2044'],
  ] as const) {
    assert.equal(
      refused(JSON.stringify({ ...normalised, ...change })).map(([first]) => first),
      [code],
    );
  }
});

test('one on each line, and the good ones beside a bad one', () => {
  const lines = [notification(budgetNotice()), notification(anomaly()), { wrong: true }].map((each) =>
    JSON.stringify(each),
  );
  const { events, diagnostics } = readEvents(`\ufeff${lines.join('\n')}\n`, 'event.json');
  assert.equal(
    events.map(({ source }) => source),
    ['budgets', 'anomaly'],
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['POL2041'],
  );
  const text = `\ufeff${lines.join('\n')}\n`;
  assert.is(placed(text, events[0]!, 'amount'), '$321.09');
});

test('no text makes the reader throw, and spans stay inside it', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u00',
    'AWS Budget Notification',
    '\n',
    '1',
    'Message',
    'Budget Type: Cost',
    '$',
    'null',
    ' ',
    '\ud800',
  );
  const base = envelopes.map(([, , wrap]) => wrap(budgetNotice()));
  const mutated = fc
    .tuple(fc.constantFrom(...base), fc.nat(2000), fc.nat(30), fc.array(pieces, { maxLength: 4 }))
    .map(([text, at, cut, insert]) => text.slice(0, at) + insert.join('') + text.slice(at + cut));
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.array(pieces, { maxLength: 30 }).map((each) => each.join('')),
      ),
      (text) => {
        const { events, diagnostics } = readEvents(text, 'f');
        assert.ok(events.length + diagnostics.length > 0);
        const spans = [...diagnostics.map(({ span }) => span), ...events.flatMap(({ places }) => [...places.values()])];
        for (const { start, end } of spans) assert.ok(0 <= start && start <= end && end <= text.length);
      },
    ),
    { numRuns: 2000 },
  );
});

test('an event larger than any that AWS sends is refused: each policy would have records of that size', () => {
  const causes = (length: number) =>
    JSON.stringify({
      anomalyId: 'x',
      accountId: '123456789012',
      anomalyStartDate: '2026-11-01',
      impact: { totalImpact: 300 },
      rootCauses: Array.from({ length }, () => ({})),
    });
  const normalised = (more: object) =>
    JSON.stringify({
      event_id: 'e',
      source: 'budgets',
      account_id: '123456789012',
      amount: 1,
      time_window: '2026-11',
      details: { budget_name: 'b' },
      ...more,
    });
  const sizes: readonly (readonly [(length: number) => string, number])[] = [
    [causes, 1000],
    [(length) => normalised({ event_id: 'x'.repeat(length) }), 512],
    [(length) => normalised({ time_window: 'x'.repeat(length) }), 512],
    [(length) => normalised({ details: { budget_name: 'x'.repeat(length) } }), 512],
    [(length) => JSON.stringify({ Message: budgetNotice(), MessageId: 'x'.repeat(length) }), 512],
  ];
  for (const [write, most] of sizes) {
    assert.is(readEvents(write(most), 'f').events.length, 1);
    const { events, diagnostics } = readEvents(write(most + 1), 'f');
    assert.equal([events, diagnostics.map(({ code }) => code)], [[], ['POL2044']]);
  }
});

const captures = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'corpus', 'events');
if (existsSync(captures)) {
  test('all five captures of real events are read, and the invented one is named', () => {
    const outcomes = readdirSync(captures).map((file) => {
      const { events, diagnostics } = readEvents(readFileSync(join(captures, file), 'utf8'), file);
      return [file, events[0]?.amount ?? diagnostics[0]?.code];
    });
    assert.equal(Object.fromEntries(outcomes), {
      'anomaly-eventbridge.json': 1001,
      'anomaly-sns.json': 11.82,
      'budgets-sns-actual-daily.json': 2.15,
      'budgets-sns-actual-monthly.json': 0.59,
      'budgets-sns-forecasted.json': 15,
      'seed-normalized.json': 250,
      'upstream-budgets-json-NOT-REAL.json': 'POL2042',
    });
  });
}

run();
