import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { attribute, compare, inSet, literal, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';

/** One guardrail of the benchmark, as every engine is given it. Amounts are whole dollars, which Cedar has. */
export interface BenchmarkPolicy {
  readonly name: string;
  readonly accounts: readonly string[];
  readonly least: number;
  readonly services: readonly string[];
}

const services = [
  'AWS Lambda',
  'Amazon Simple Storage Service',
  'Amazon DynamoDB',
  'Amazon Relational Database Service',
];

/** The numbers of a linear congruential generator, the same each time. */
function numbers(): (below: number) => number {
  let state = 20261123;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const accountOf = (number: number) => String(100_000_000_000 + number);

/** Guardrails, spread over so many accounts; half of them ask for a service. */
export function benchmarkPolicies(count: number, accounts: number): readonly BenchmarkPolicy[] {
  const random = numbers();
  return Array.from({ length: count }, (_, index) => ({
    name: `policy-${index}`,
    accounts: [accountOf(random(accounts))],
    least: 10 + random(5000),
    services: random(2) === 0 ? [] : [services[random(services.length)]!],
  }));
}

export function benchmarkEvents(count: number, accounts: number): readonly CostEvent[] {
  const random = numbers();
  return Array.from({ length: count }, (_, index) => {
    const account = accountOf(random(accounts));
    return {
      id: `event-${index}`,
      source: 'anomaly',
      account,
      amount: random(3000),
      forecast: false,
      subject: `anomaly-${index}`,
      period: '2026-11-23',
      causes: [{ account, service: services[random(services.length)]!, region: 'us-east-1' }],
      tags: new Map(),
      places: new Map(),
    };
  });
}

export function compiledGuardrail({ name, accounts, least, services: wanted }: BenchmarkPolicy): CompiledGuardrail {
  const passes: readonly (readonly [string, Predicate])[] = [
    ['match.source', not(inSet(attribute('source'), ['anomaly', 'budgets']))],
    ['match.account_ids', not(inSet(attribute('account'), accounts))],
    ['match.min_amount_usd', compare(attribute('amount'), '<', literal(least))],
    ...(wanted.length === 0 ? [] : [['match.services', not(inSet(attribute('service'), wanted))] as const]),
  ];
  return {
    format: 'polc-guardrail-1',
    policy: name,
    mode: 'auto',
    ttlMinutes: 60,
    maxEventAgeMinutes: 4320,
    conditions: passes.map(([topic, condition], index) => ({
      rule: `cost-event/${index}`,
      topic,
      at: { file: `${name}.yaml`, line: 1, column: 1, start: 0, end: 0 },
      passes: condition,
    })),
    response: { denied: [], documents: [], actions: [], boundaries: [], topics: [] },
  };
}

/** The same as a policy of Cedar. */
export function cedarText({ accounts, least, services: wanted }: BenchmarkPolicy): string {
  const texts = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  const service = wanted.length === 0 ? '' : ` && ${texts(wanted)}.contains(context.service)`;
  return `permit(principal, action, resource) when { ["anomaly", "budgets"].contains(context.source) && ${texts(accounts)}.contains(context.account) && context.amount >= ${least}${service} };`;
}
