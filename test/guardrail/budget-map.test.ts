import * as assert from 'uvu/assert';
import { attribute, compare, inSet, literal, not } from '../../compiler/expressions/predicate.ts';
import { readBudgetMap } from '../../runtime/guardrail/budget-map.ts';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';
import { enrich, evaluateGuardrail } from '../../runtime/guardrail/evaluate.ts';
import { readEvents } from '../../runtime/guardrail/events/read-events.ts';
import { readHistory } from '../../runtime/guardrail/history.ts';
import { anomaly, budgetNotice } from '../support/cost-messages.ts';
import { compiledOf } from '../support/guardrail-arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('budget map and history');

function event(text: string): CostEvent {
  const { events } = readEvents(text, 'e.json');
  return events[0]!;
}

function mapOf(text: string) {
  const { map, diagnostics } = readBudgetMap('map.yaml', text);
  assert.equal(diagnostics, []);
  assert.ok(map !== undefined);
  return map;
}

const at = { file: 'p', line: 1, column: 1, start: 0, end: 1 };

test('a map makes known what a notification does not say, with the place in the map', () => {
  const text = `team budget:
  services: [Amazon EC2, AWS Lambda]
  regions: [eu-central-1]
  tags: { env: dev }
`;
  const budgetMap = mapOf(text);
  const policy = compiledOf('p', [
    {
      rule: 'cost-event/0',
      topic: 'match.services',
      at,
      passes: not(inSet(attribute('service'), ['AWS Lambda'])),
    },
    {
      rule: 'cost-event/1',
      topic: 'match.tags[0]',
      at,
      passes: not(compare(attribute('tag:env'), '==', literal('dev'))),
    },
  ]);
  const bare = event(budgetNotice());
  assert.equal(evaluateGuardrail(policy, bare, { at: 0 }).missing, ['service', 'tag:env']);
  const { outcome, event: mapped, cause } = evaluateGuardrail(policy, bare, { at: 0, budgetMap });
  assert.is(outcome, 'respond');
  assert.equal(cause, { service: 'AWS Lambda', region: 'eu-central-1' });
  const span = mapped.places.get('service/1');
  assert.is(span?.file, 'map.yaml');
  assert.is(text.slice(span?.start, span?.end), 'AWS Lambda');
  const other = event(budgetNotice({ name: 'other' }));
  assert.is(evaluateGuardrail(policy, other, { at: 0, budgetMap }).outcome, 'unknown');
});

test('the map of an account goes before the one for all, and accounts are those that spend', () => {
  const budgetMap = mapOf(`team budget: { accounts: ["444455556666"] }
"111122223333:team budget": { accounts: ["777788889999", "444455556666"] }
`);
  const accounts = (notice: string) => enrich(event(notice), { budgetMap }).causes.map(({ account }) => account);
  assert.equal(accounts(budgetNotice()), ['777788889999', '444455556666']);
  assert.equal(accounts(budgetNotice({ account: '000000000000' })), ['444455556666']);
});

test('what an event says itself goes before the map', () => {
  const normalised = event(
    JSON.stringify({
      event_id: 'e1',
      source: 'budgets',
      account_id: '123456789012',
      amount: 250,
      time_window: '2026-11',
      details: { budget_name: 'team', service: 'AWS Lambda', tags: { env: 'prod' } },
    }),
  );
  const budgetMap = mapOf('team: { services: [Amazon EC2], regions: [eu-central-1], tags: { env: dev, team: a } }\n');
  const known = enrich(normalised, { budgetMap });
  assert.equal(
    known.causes.map(({ service, region }) => [service, region]),
    [['AWS Lambda', 'eu-central-1']],
  );
  assert.equal([...known.tags].sort(), [
    ['env', 'prod'],
    ['team', 'a'],
  ]);
});

test('a wrong map is refused with its place', () => {
  const codes = (text: string) => {
    const { map, diagnostics } = readBudgetMap('map.yaml', text);
    assert.is(map, undefined, text);
    return diagnostics.map(({ code }) => code);
  };
  assert.equal(codes('b: { service: [AWS Lambda] }\n'), ['POL2001']);
  assert.equal(codes('b: { services: [AWS Lamda] }\n'), ['POL3063']);
  assert.equal(codes('b: { regions: [eu-central-9] }\n'), ['POL3064']);
  assert.equal(codes('b: { accounts: [111122223333] }\n'), ['POL4060']);
  assert.equal(codes('- b\n'), ['POL2004']);
  const many = Array.from({ length: 4097 }, (_, index) => `"${String(index).padStart(12, '0')}"`);
  assert.equal(codes(`b: { accounts: [${many.join(', ')}] }\n`), ['POL5070']);
  assert.equal(codes('b: {\n'), ['POL1015']);
});

test('a history gives the change against the mean of the latest earlier periods of the same kind', () => {
  const text = `periods: 2
budgets:
  team budget: { "2024-05": 1000000, "2024-06": 100, "2024-07": 114.06, "2024-08": 5, "2024-Q1": 7, "2024": 7, "2024-09": 1 }
services:
  Lambda: { "2024-08-06": 25 }
`;
  const { history, diagnostics } = readHistory('history.yaml', text);
  assert.equal(diagnostics, []);
  const change = (notice: string) =>
    enrich(event(notice), { ...(history === undefined ? {} : { history }) }).rateChange;
  assert.ok(Math.abs(change(budgetNotice())! - 200) < 1e-9);
  assert.is(change(JSON.stringify(anomaly({ impact: 50 }))), 100);
  assert.is(change(budgetNotice({ name: 'other' })), undefined);
  assert.is(change(budgetNotice({ date: 'May 02, 2024' })), undefined);
  const quarter = readHistory('h.yaml', 'budgets: { team budget: { "2023-Q4": 900 } }\n').history;
  assert.is(enrich(event(budgetNotice()), { history: quarter! }).rateChange, undefined);
  // Two accounts may each have a budget of the name: what is said of the account's own counts.
  const [, account = ''] = /AWS Account ([0-9]{12})/.exec(budgetNotice()) ?? [];
  const accounts = `budgets:
  team budget: { "2024-07": 1 }
  "${account}:team budget": { "2024-07": 500 }
  "999999999999:team budget": { "2024-07": 7 }
`;
  const perAccount = readHistory('h.yaml', accounts).history;
  const { amount, rateChange } = enrich(event(budgetNotice()), { history: perAccount! });
  assert.is(rateChange, (amount / 500 - 1) * 100);
  const zero = readHistory('h.yaml', 'budgets: { team budget: { "2024-07": 0 } }\n').history;
  assert.is(enrich(event(budgetNotice()), { history: zero! }).rateChange, Number.POSITIVE_INFINITY);
  assert.is(enrich(event(budgetNotice({ amount: '$0.00' })), { history: zero! }).rateChange, 0);
  const several = anomaly({ causes: [{ service: 'AWS Lambda' }, { service: 'Tax' }] });
  assert.is(change(JSON.stringify(several)), undefined);
  assert.is(readHistory('h.yaml', 'budgets: { b: { "2024": -1 } }\n').history, undefined);
});

run();
