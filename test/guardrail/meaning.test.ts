import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import type { Environment } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { contributors, decisionAt, enforceables, type Policy } from '../../compiler/ir/policy.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail-meaning');

const accounts = ['123456789012', '210987654321', '000000000007'];
const regions = ['us-east-1', 'eu-west-1', 'ap-northeast-1'];
const zones = ['UTC', 'Asia/Tokyo', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const tagKeys = ['Environment', 'team'];
/** Of each service, what Cost Explorer calls it. */
const services: Readonly<Record<string, readonly string[]>> = {
  'Amazon EC2': ['Amazon Elastic Compute Cloud - Compute', 'EC2 - Other'],
  'AWS Lambda': ['AWS Lambda'],
  'Amazon Simple Storage Service': ['Amazon Simple Storage Service'],
};
const roles = ['ci-deployer', 'teams/production-web', 'admin'].map((name) => `arn:aws:iam::123456789012:role/${name}`);
const exemptPatterns = [
  'arn:aws:iam::*:role/admin',
  'arn:aws:iam::1234567890??:role/*',
  'arn:*:iam::123456789012:role/teams/p*',
  'arn:aws:iam::*:user/*',
];
const deniable = [
  'sqs:CreateQueue',
  'SQS:createqueue',
  'sqs:Create*',
  'ec2:CreateVpc',
  'lambda:Create?unction',
  'sqs:C*',
];
const requested = [
  'sqs:createqueue',
  'sqs:deletequeue',
  'ec2:createvpc',
  'lambda:createfunction',
  'lambda:createalias',
];

interface Window {
  readonly start: string;
  readonly end: string;
  readonly timezone: string;
  readonly days?: readonly string[] | undefined;
}

interface Document {
  readonly source: readonly string[];
  readonly accounts: readonly string[];
  readonly min: number;
  readonly max?: number | undefined;
  readonly services?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly forecast?: boolean | undefined;
  readonly rate?: { readonly operator: '>' | '>='; readonly percent: number } | undefined;
  readonly tags?: readonly { readonly key: string; readonly value: string }[] | undefined;
  readonly exemptAccounts: readonly string[];
  readonly exemptPrincipals: readonly string[];
  readonly windows: readonly Window[];
  readonly principals: readonly string[];
  readonly deny: readonly string[];
  readonly denyIn?: readonly string[] | undefined;
}

const some = (of: readonly string[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: of.length });
/** Absent once in `one` times. */
const absentIn =
  (one: number) =>
  <T>(of: fc.Arbitrary<T>) =>
    fc.option(of, { nil: undefined, freq: one - 1 });
const maybe = absentIn(2);
const mostly = absentIn(12);
const time = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 1, 15, 30, 59))
  .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`);
const window: fc.Arbitrary<Window> = fc
  .record({
    start: time,
    end: fc.oneof({ weight: 6, arbitrary: time }, { weight: 1, arbitrary: fc.constant('24:00') }),
    timezone: fc.constantFrom(...zones),
    days: maybe(some(dayNames)),
  })
  .filter(({ start, end }) => start !== end);

const document: fc.Arbitrary<Document> = fc.record({
  source: some(['budgets', 'anomaly']),
  accounts: some(accounts),
  min: fc.constantFrom(0, 100, 200.5),
  max: maybe(fc.constantFrom(300, 1000)),
  services: maybe(some(Object.keys(services))),
  regions: maybe(some(regions)),
  forecast: maybe(fc.boolean()),
  rate: maybe(fc.record({ operator: fc.constantFrom('>', '>='), percent: fc.constantFrom(50, 200) })),
  tags: maybe(
    fc.array(fc.record({ key: fc.constantFrom(...tagKeys), value: fc.constantFrom('dev', '') }), {
      minLength: 1,
      maxLength: 3,
    }),
  ),
  exemptAccounts: fc.uniqueArray(fc.constantFrom(...accounts), { maxLength: 2 }),
  exemptPrincipals: fc.uniqueArray(fc.constantFrom(...exemptPatterns), { maxLength: 2 }),
  windows: fc.array(window, { maxLength: 3 }),
  principals: some(roles),
  deny: some(deniable),
  denyIn: maybe(some(regions)),
});

function yamlOf(policy: Document): string {
  return JSON.stringify({
    policy_id: 'policy',
    mode: 'auto',
    ttl_minutes: 30,
    match: {
      source: policy.source,
      account_ids: policy.accounts,
      min_amount_usd: policy.min,
      max_amount_usd: policy.max ?? null,
      services: policy.services,
      regions: policy.regions,
      forecast_overage: policy.forecast,
      cost_rate_change: policy.rate === undefined ? undefined : `${policy.rate.operator}${policy.rate.percent}%`,
      tags: policy.tags,
    },
    scope: { principals: policy.principals.map((arn) => ({ type: 'iam_role', arn })), regions: policy.denyIn },
    actions: [{ type: 'attach_deny_policy', deny: policy.deny }],
    notify: { slack_webhook_ssm_param: '/guardrails/slack_webhook' },
    exceptions: {
      accounts: policy.exemptAccounts,
      principals: policy.exemptPrincipals,
      time_windows: policy.windows,
    },
  });
}

interface Event {
  readonly source?: string | undefined;
  readonly account?: string | undefined;
  readonly amount?: number | undefined;
  readonly service?: string | undefined;
  readonly region?: string | undefined;
  readonly forecast?: boolean | undefined;
  readonly rate?: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Absent where it is not known when the event was. */
  readonly at?: Temporal.Instant | undefined;
}

const event: fc.Arbitrary<Event> = fc.record({
  source: mostly(fc.constantFrom('budgets', 'anomaly')),
  account: mostly(fc.constantFrom(...accounts, '999999999999')),
  amount: mostly(fc.constantFrom(0, 99.99, 100, 200.5, 300, 300.01, 1000, 5000)),
  service: mostly(fc.constantFrom(...Object.values(services).flat(), 'Amazon Route 53')),
  region: mostly(fc.constantFrom(...regions, 'us-west-2')),
  forecast: mostly(fc.boolean()),
  rate: mostly(fc.constantFrom(0, 50, 50.5, 200, 201)),
  tags: fc.dictionary(fc.constantFrom(...tagKeys), fc.constantFrom('dev', '', 'prod')),
  at: mostly(
    fc
      .integer({ min: Date.UTC(2026, 2, 1) / 60_000, max: Date.UTC(2026, 11, 1) / 60_000 })
      .map((minutes) => Temporal.Instant.fromEpochMilliseconds(minutes * 60_000)),
  ),
});

/** What holds by the document alone: a window is looked for on the day of the event and on the day before. */
function isInWindow(at: Temporal.Instant, { start, end, timezone, days }: Window): boolean {
  const now = at.toZonedDateTimeISO(timezone).toPlainDateTime();
  return [now.toPlainDate(), now.toPlainDate().subtract({ days: 1 })].some((day) => {
    if (days !== undefined && !days.includes(dayNames[day.dayOfWeek - 1]!)) return false;
    const opens = day.toPlainDateTime(start);
    const closes =
      end === '24:00'
        ? day.add({ days: 1 }).toPlainDateTime()
        : (end < start ? day.add({ days: 1 }) : day).toPlainDateTime(end);
    return Temporal.PlainDateTime.compare(opens, now) <= 0 && Temporal.PlainDateTime.compare(now, closes) < 0;
  });
}

type Answer = 'pass' | 'unknown' | 'respond';

function oracle(policy: Document, given: Event): Answer {
  const known = <T>(value: T | undefined, test: (value: T) => boolean) =>
    value === undefined ? undefined : test(value);
  const exempt = [
    known(given.account, (account) => policy.exemptAccounts.includes(account)),
    ...policy.windows.map((each) => known(given.at, (at) => isInWindow(at, each))),
  ];
  if (policy.exemptAccounts.length === 0) exempt.shift();
  const conditions: (boolean | undefined)[] = [
    known(given.source, (source) => policy.source.includes(source)),
    known(given.account, (account) => policy.accounts.includes(account)),
    known(given.amount, (amount) => amount >= policy.min),
  ];
  if (policy.max !== undefined) conditions.push(known(given.amount, (amount) => amount <= policy.max!));
  if (policy.services !== undefined) {
    const names = policy.services.flatMap((name) => services[name]!);
    conditions.push(known(given.service, (service) => names.includes(service)));
  }
  if (policy.regions !== undefined) conditions.push(known(given.region, (region) => policy.regions!.includes(region)));
  if (policy.forecast !== undefined) conditions.push(known(given.forecast, (forecast) => forecast === policy.forecast));
  const { rate } = policy;
  if (rate !== undefined) {
    conditions.push(
      known(given.rate, (change) => (rate.operator === '>' ? change > rate.percent : change >= rate.percent)),
    );
  }
  for (const { key, value } of policy.tags ?? []) conditions.push(known(given.tags[key], (tag) => tag === value));
  if (exempt.includes(true) || conditions.includes(false)) return 'pass';
  return exempt.includes(undefined) || conditions.includes(undefined) ? 'unknown' : 'respond';
}

function environmentOf(given: Event): Environment {
  const { source, account, amount, service, region, forecast, at } = given;
  const plain: Readonly<Record<string, Value | undefined>> = {
    source,
    account,
    amount,
    service,
    region,
    forecast,
    rate_change: given.rate,
  };
  return {
    attribute(name) {
      const [family, key] = name.split(/[@:](.*)/s);
      if (name.startsWith('tag:')) return given.tags[key!];
      if (family !== 'minute' && family !== 'weekday') return plain[name];
      const there = at?.toZonedDateTimeISO(key!);
      if (there === undefined) return undefined;
      return BigInt(family === 'minute' ? there.hour * 60 + there.minute : there.dayOfWeek - 1);
    },
    parameter: () => undefined,
  };
}

function answerOf(policy: Policy, given: Event): Answer {
  const verdict = decide(decisionAt(policy, 'cost-event')!, environmentOf(given));
  if (verdict === undefined) return 'unknown';
  return verdict.effect.kind === 'deny' ? 'respond' : 'pass';
}

function asExpression(pattern: string, wild: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', `${wild}*`).replaceAll('?', wild)}$`);
}

function compiled(text: string): { readonly lowered: Policy; readonly optimised: Policy } {
  // Coverage is for the backends, of which none is asked.
  const { lowered, policy, diagnostics } = compile('policy.yaml', text, nodeHost, { maximumMilliseconds: 0, emit: [] });
  const errors = diagnostics.filter(({ code, severity }) => severity === 'error' && code !== 'POL6001');
  assert.deepEqual(errors, []);
  return { lowered: lowered!, optimised: policy! };
}

test('random policies lower to sound IR that decides cost events as the document says', () => {
  const met = new Map<Answer, number>();
  fc.assert(
    fc.property(document, fc.array(event, { minLength: 8, maxLength: 8 }), (written, events) => {
      const { lowered, optimised } = compiled(yamlOf(written));
      assert.deepEqual(verifyPolicy(lowered), []);
      assert.deepEqual(verifyPolicy(optimised), []);
      const idsOf = (policy: Policy) =>
        enforceables(policy)
          .flatMap((node) => contributors(node).map(({ id }) => id))
          .sort();
      assert.deepEqual(idsOf(optimised), idsOf(lowered));
      for (const given of events) {
        const meant = oracle(written, given);
        met.set(meant, (met.get(meant) ?? 0) + 1);
        const answer = answerOf(lowered, given);
        assert.equal(answer, meant);
        if (meant !== 'unknown') assert.equal(answerOf(optimised, given), meant);
      }
    }),
    { numRuns: 400 },
  );
  for (const answer of ['pass', 'unknown', 'respond'] as const) assert.ok((met.get(answer) ?? 0) > 10, answer);
});

test('random policies deny the requests that the document lists, to the principals that are not exempt', () => {
  fc.assert(
    fc.property(document, fc.constantFrom(...requested), fc.constantFrom(...regions), (written, action, region) => {
      const { lowered, optimised } = compiled(yamlOf(written));
      const denied =
        written.deny.some((pattern) => asExpression(pattern.toLowerCase(), '.').test(action)) &&
        (written.denyIn === undefined || written.denyIn.includes(region));
      const environment: Environment = {
        attribute: (name) => (name === 'action' ? action : name === 'region' ? region : undefined),
        parameter: () => undefined,
      };
      for (const policy of [lowered, optimised]) {
        const verdict = decide(decisionAt(policy, 'aws-request')!, environment);
        assert.equal(verdict?.effect.kind, denied ? 'deny' : 'allow');
      }
      const expected = written.principals.filter(
        (arn) => !written.exemptPrincipals.some((pattern) => asExpression(pattern, '[^:]').test(arn)),
      );
      const attached = lowered.obligations.flatMap((each) => (each.kind === 'attach-deny' ? [each.principal] : []));
      assert.deepEqual(attached, expected);
    }),
    { numRuns: 400 },
  );
});

run();
