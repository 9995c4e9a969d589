// One cost event against 1,000 loaded guardrails, on one core: by the index, and one policy after the other with the
// reference evaluator; beside it Cedar's engine with the same policies, parsed before. All must find the same policies.
// OPA runs policies that `opa build -t wasm` has compiled; where there is no `opa` on the PATH it is left out.
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { CostEvent } from '../runtime/guardrail/cost-event.ts';
import { evaluateGuardrail } from '../runtime/guardrail/evaluate.ts';
import { LocalClock } from '../runtime/guardrail/local-time.ts';
import { createPolicyIndex } from '../runtime/guardrail/policy-index.ts';
import {
  type BenchmarkPolicy,
  benchmarkEvents,
  benchmarkPolicies,
  cedarText,
  compiledGuardrail,
} from './support/guardrail-policies.ts';
import { median, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const count = 1000;
const at = Date.UTC(2026, 10, 23, 9);
const clock = new LocalClock();
/** The budget of an event for 100,000 events a second. */
const target = 10;

/** Microseconds an event, over so many events from the list, again and again. */
function perEvent(events: readonly CostEvent[], times: number, work: (event: CostEvent) => unknown): number {
  const start = performance.now();
  for (let index = 0; index < times; index += 1) work(events[index % events.length]!);
  return ((performance.now() - start) * 1000) / times;
}

function measure(what: string, policies: readonly BenchmarkPolicy[], events: readonly CostEvent[]): readonly Row[] {
  const compiled = policies.map(compiledGuardrail);
  const index = createPolicyIndex(compiled);
  const indexed = (event: CostEvent) => index.match(event, at).map(({ policy }) => policies[policy]!.name);
  const linear = (event: CostEvent) =>
    compiled.flatMap((each) =>
      evaluateGuardrail(each, event, { at, clock }).outcome === 'passes' ? [] : [each.policy],
    );
  const cedar = cedarEngine(what, policies);
  for (const event of events.slice(0, 20)) {
    const expected = JSON.stringify(linear(event));
    for (const [name, found] of [
      ['the index', indexed(event)],
      ['Cedar', cedar(event)],
    ] as const) {
      if (JSON.stringify(found) !== expected) throw new Error(`${name} finds ${found}, not ${expected}`);
    }
  }
  warmUp(300, () => events.map((event) => index.match(event, at)));
  const figures = { index: [] as number[], linear: [] as number[], cedar: [] as number[] };
  for (let round = 0; round < 5; round += 1) {
    figures.index.push(perEvent(events, 100_000, (event) => index.match(event, at)));
    figures.linear.push(perEvent(events, 200, linear));
    figures.cedar.push(perEvent(events, 50, cedar));
  }
  const ours = median(figures.index);
  console.log(`${what}: ${Math.round(1e6 / ours).toLocaleString('en-US')} events a second`);
  return [
    { what, ours, peer: { name: 'Cedar', value: median(figures.cedar) }, target },
    { what: `${what}, without an index`, ours: median(figures.linear) },
  ];
}

function cedarEngine(id: string, policies: readonly BenchmarkPolicy[]): (event: CostEvent) => readonly string[] {
  const order = new Map(policies.map(({ name }, place) => [name, place]));
  const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.name, cedarText(policy)]));
  const parsed = preparsePolicySet(id, { staticPolicies });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors[0]));
  return ({ source, amount, causes: [cause = {}] }) => {
    const answer = statefulIsAuthorized({
      principal: { type: 'Account', id: '' },
      action: { type: 'Action', id: 'spend' },
      resource: { type: 'Account', id: '' },
      context: { source, amount, account: cause.account ?? '', service: cause.service ?? '' },
      preparsedPolicySetId: id,
      entities: [],
    });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors[0]));
    return [...answer.response.diagnostics.reason].sort((left, right) => order.get(left)! - order.get(right)!);
  };
}

const rows = [
  ['of 100 accounts', 100],
  ['of one account', 1],
] as const;
console.log('absent: OPA; its WebAssembly is made by `opa build -t wasm`, and there is no package with that compiler');
printTable(
  `an event against ${count} guardrails`,
  'us',
  rows.flatMap(([what, accounts]) =>
    measure(what, benchmarkPolicies(count, accounts), benchmarkEvents(2000, accounts)),
  ),
);
