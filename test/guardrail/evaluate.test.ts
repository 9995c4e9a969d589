import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import * as assert from 'uvu/assert';
import { guardrailText } from '../../compiler/backends/guardrail/compiled.ts';
import type { Environment } from '../../compiler/expressions/evaluate.ts';
import { attribute, compare, inSet, literal, not } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';
import { evaluateGuardrail } from '../../runtime/guardrail/evaluate.ts';
import { guardrailSet } from '../../runtime/guardrail/guardrail-set.ts';
import { breachKey } from '../../runtime/guardrail/plan-for.ts';
import { readCompiledGuardrail } from '../../runtime/guardrail/read-compiled.ts';
import { compiledGuardrail } from '../support/cost-plans.ts';
import { compiledOf, costEvent, guardrail, instant } from '../support/guardrail-arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail evaluation');

/** The environment of one cause, written down again with another calendar. */
function environmentOf(event: CostEvent, index: number, at: number): Environment {
  const cause = event.causes[index]!;
  return {
    parameter: () => undefined,
    attribute(name) {
      const [kind, zone = ''] = name.split('@');
      if (zone !== '') {
        const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
        return BigInt(kind === 'minute' ? time.hour * 60 + time.minute : time.dayOfWeek - 1);
      }
      const known: Record<string, string | number | boolean | undefined> = {
        source: event.source,
        amount: event.amount,
        forecast: event.forecast,
        account: cause.account ?? (event.source === 'budgets' ? event.account : undefined),
        service: cause.service,
        region: cause.region,
        rate_change: event.rateChange,
        'tag:env': event.tags.get('env'),
      };
      return known[name];
    },
  };
}

test('it decides as the IR does, for each cause', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(guardrail, costEvent, instant, ({ compiled, decision }, event, at) => {
      const evaluation = evaluateGuardrail(compiled, event, { at });
      const verdicts = event.causes.map((_, index) => decide(decision, environmentOf(event, index, at)));
      const kinds = verdicts.map((verdict) => verdict?.effect.kind);
      const expected = kinds.includes('deny') ? 'respond' : kinds.includes(undefined) ? 'unknown' : 'passes';
      assert.is(evaluation.outcome, expected);
      const own = verdicts[evaluation.causeIndex];
      if (expected === 'passes') assert.is(evaluation.by?.rule, own?.by.id);
      if (expected === 'respond') assert.is(own?.effect.kind, 'deny');
      assert.is(evaluation.missing.length > 0, expected === 'unknown');
      seen.add(expected);
    }),
    { numRuns: 3000 },
  );
  assert.is(seen.size, 3);
});

test('a cause that responds counts before one that is unknown, and that before one that passes', () => {
  const policy = compiledOf('p', [
    {
      rule: 'cost-event/0',
      topic: 'match.services',
      at: { file: 'p', line: 1, column: 1, start: 0, end: 1 },
      passes: not(inSet(attribute('service'), ['AWS Lambda'])),
    },
  ]);
  const [event] = fc.sample(costEvent, 1);
  const outcome = (...names: readonly (string | undefined)[]) => {
    const causes = names.map((service) => (service === undefined ? {} : { service }));
    const { outcome, causeIndex } = evaluateGuardrail(policy, { ...event!, causes }, { at: 0 });
    return `${outcome} ${causeIndex}`;
  };
  assert.is(outcome('Tax', undefined, 'AWS Lambda'), 'respond 2');
  assert.is(outcome('Tax', undefined), 'unknown 1');
  assert.is(outcome('Tax', 'Other'), 'passes 0');
});

test('a zone that the machine does not know is unknown, never a pass and never a response', () => {
  const policy = compiledOf('p', [
    {
      rule: 'cost-event/0',
      topic: 'exceptions.time_windows[0]',
      at: { file: 'p', line: 1, column: 1, start: 0, end: 1 },
      passes: { kind: 'in-ranges', term: attribute('minute@Mars/Olympus'), ranges: [{ low: 0n, high: 1439n }] },
    },
    {
      rule: 'cost-event/1',
      topic: 'match.min_amount_usd',
      at: { file: 'p', line: 1, column: 1, start: 0, end: 1 },
      passes: compare(attribute('amount'), '<', literal(0)),
    },
  ]);
  const [event] = fc.sample(costEvent, 1);
  const { outcome, missing } = evaluateGuardrail(policy, event!, { at: 0 });
  assert.is(outcome, 'unknown');
  assert.equal(missing, ['minute@Mars/Olympus']);
});

test('no two breaches share a key, and the same one keeps it in a new message', () => {
  const part = fc.oneof(fc.constantFrom('a', 'a/b', '/', '%2F', ''), fc.string({ unit: 'binary', maxLength: 5 }));
  const breach = fc.record({ account: part, subject: part, period: part });
  const wellFormed = (text: string) => !/[\ud800-\udfff]/.test(text);
  fc.assert(
    fc.property(breach, breach, costEvent, (one, other, event) => {
      const key = breachKey('p', { ...event, ...one });
      assert.is(key, breachKey('p', { ...event, ...one, id: 'another', amount: 1e6 }));
      const comparable = [...Object.values(one), ...Object.values(other)].every(wellFormed);
      const same = JSON.stringify(one) === JSON.stringify(other);
      if (comparable) assert.is(breachKey('p', { ...event, ...other }) === key, same);
    }),
    { numRuns: 1000 },
  );
});

test('policies respond in the order of their ids, whatever the order in which they were read', () => {
  const read = ['b', 'a-2', 'a', 'B', 'a_1'].map((name) => ({ compiled: compiledOf(name, []), hash: 'hash' }));
  for (const guardrails of [read, read.toReversed()]) {
    const order = guardrailSet(guardrails).ordered.map(({ compiled }) => compiled.policy);
    assert.equal(order, ['B', 'a', 'a-2', 'a_1', 'b']);
  }
});

test('a compiled guardrail in which any part is not of the format is not loaded', () => {
  const compiled = compiledGuardrail('ci', 'auto');
  const text = guardrailText(compiled);
  assert.equal(readCompiledGuardrail(text), compiled);
  const changes: readonly (readonly [string, string])[] = [
    ['"auto"', '"always"'],
    ['"auto"', '"manual", "mode": "auto"'],
    ['"ttlMinutes": ', '"ttlMinutes": -'],
    ['"kind":"compare"', '"kind":"compares"'],
    ['"conditions"', '"exceptions": [], "conditions"'],
  ];
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    assert.is(readCompiledGuardrail(text.replace(from, to)), undefined, to);
  }
  assert.is(readCompiledGuardrail(`${text}x`), undefined);
});

run();
