import fc from 'fast-check';
import type { CompiledCondition, CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { attribute, compare, inSet, literal, not, or, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import type { Cause, CostEvent } from '../../runtime/guardrail/cost-event.ts';

/** Random guardrails and events in which things collide: few accounts, services, regions and amounts. */
const accounts = ['111122223333', '444455556666', '777788889999'];
const services = ['AWS Lambda', 'EC2 - Other', 'Amazon Simple Storage Service'];
const regions = ['eu-central-1', 'us-east-1'];
const zones = ['UTC', 'Europe/Berlin', 'Asia/Kolkata'];
const amount = fc.constantFrom(0, 49.99, 50, 50.01, 100, 1000);

const among = (name: string, values: readonly string[]) =>
  fc.subarray([...values], { minLength: 1 }).map((chosen) => not(inSet(attribute(name), chosen)));

const inRange = (name: string, highest: number): fc.Arbitrary<Predicate> =>
  fc.tuple(fc.nat(highest), fc.nat(highest)).map(([one, other]) => ({
    kind: 'in-ranges',
    term: attribute(name),
    ranges: [{ low: BigInt(Math.min(one, other)), high: BigInt(Math.max(one, other)) }],
  }));

const window = fc
  .constantFrom(...zones)
  .chain((zone) => fc.tuple(inRange(`weekday@${zone}`, 6), inRange(`minute@${zone}`, 1439)))
  .map((of): Predicate => ({ kind: 'and', of }));

/** Conditions of the forms that a policy lowers to: an event passes where one of them holds. */
export const condition: fc.Arbitrary<readonly [topic: string, passes: Predicate]> = fc.oneof(
  among('source', ['budgets', 'anomaly']).map((passes) => ['match.source', passes] as const),
  among('account', accounts).map((passes) => ['match.account_ids', passes] as const),
  among('service', services).map((passes) => ['match.services', passes] as const),
  among('region', regions).map((passes) => ['match.regions', passes] as const),
  amount.map((bound) => ['match.min_amount_usd', compare(attribute('amount'), '<', literal(bound))] as const),
  amount.map((bound) => ['match.max_amount_usd', compare(attribute('amount'), '>', literal(bound))] as const),
  fc
    .boolean()
    .map((value) => ['match.forecast_overage', not(compare(attribute('forecast'), '==', literal(value)))] as const),
  fc
    .constantFrom(100, 200)
    .map((bound) => ['match.cost_rate_change', compare(attribute('rate_change'), '<=', literal(bound))] as const),
  fc
    .constantFrom('dev', 'prod')
    .map((value) => ['match.tags[0]', not(compare(attribute('tag:env'), '==', literal(value)))] as const),
  fc.subarray(accounts).map((chosen) => ['exceptions.accounts', inSet(attribute('account'), chosen)] as const),
  window.map((passes) => ['exceptions.time_windows[0]', passes] as const),
  fc.tuple(window, window).map((of) => ['exceptions.time_windows[1]', or(...of)] as const),
  fc
    .constantFrom('AWS*', '*', 'EC2 ? Other', '*Storage*')
    .map((pattern) => ['match.services', not({ kind: 'glob', term: attribute('service'), pattern })] as const),
);

export interface RandomGuardrail {
  readonly compiled: CompiledGuardrail;
  /** The decision that it was compiled from. */
  readonly decision: Decision;
}

export const guardrail: fc.Arbitrary<RandomGuardrail> = fc.array(condition, { maxLength: 6 }).map((conditions) => {
  const origin = (index: number) => ({ span: { file: 'p.yaml', start: 10 * index, end: 10 * index + 5 } });
  const rules = conditions.map(([topic, when], index) => ({
    id: `cost-event/${index}`,
    topic,
    when,
    effect: { kind: 'allow' as const },
    origin: origin(index),
  }));
  return {
    decision: {
      point: 'cost-event',
      combine: 'union-of-allows',
      rules,
      otherwise: { id: 'cost-event/otherwise', topic: 'match', effect: { kind: 'deny' }, origin: origin(99) },
    },
    compiled: compiledOf(
      'p',
      rules.map(({ id, topic, when, origin: { span } }) => ({
        rule: id,
        topic,
        at: { ...span, line: 1, column: 1 },
        passes: when,
      })),
    ),
  };
});

export function compiledOf(policy: string, conditions: readonly CompiledCondition[]): CompiledGuardrail {
  return {
    format: 'polc-guardrail-1',
    policy,
    mode: 'auto',
    ttlMinutes: 60,
    maxEventAgeMinutes: 4320,
    conditions,
    response: { denied: [], documents: [], actions: [], boundaries: [], topics: [] },
  };
}

const absentOr = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 3 });

const cause: fc.Arbitrary<Cause> = fc
  .record({
    account: absentOr(fc.constantFrom(...accounts, '000000000000')),
    service: absentOr(fc.constantFrom(...services, 'Tax')),
    region: absentOr(fc.constantFrom(...regions, 'global')),
  })
  .map((each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)));

export const costEvent: fc.Arbitrary<CostEvent> = fc
  .record({
    source: fc.constantFrom('budgets' as const, 'anomaly' as const),
    account: fc.constantFrom(...accounts),
    amount,
    forecast: fc.boolean(),
    causes: fc.array(cause, { minLength: 1, maxLength: 3 }),
    tag: absentOr(fc.constantFrom('dev', 'prod')),
    rateChange: absentOr(fc.constantFrom(50, 100, 200.5, Number.POSITIVE_INFINITY)),
  })
  .map(({ tag, rateChange, ...event }) => ({
    ...event,
    id: 'm',
    subject: 'b',
    period: '2024-08',
    tags: new Map(tag === undefined ? [] : [['env', tag]]),
    ...(rateChange === undefined ? {} : { rateChange }),
    places: new Map(),
  }));

/** Instants of some weeks of 2024, so that every weekday and both sides of a change of the clock come up. */
export const instant = fc.integer({ min: Date.UTC(2024, 2, 1), max: Date.UTC(2024, 3, 15) });
