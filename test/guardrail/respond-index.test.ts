import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { evaluateGuardrail } from '../../runtime/guardrail/evaluate.ts';
import { readEvents } from '../../runtime/guardrail/events/read-events.ts';
import { readListing } from '../../runtime/guardrail/listing.ts';
import { modeHistories } from '../../runtime/guardrail/promotion.ts';
import { respondTo } from '../../runtime/guardrail/respond.ts';
import { guardrail } from '../support/guardrail-arbitrary.ts';
import { suite } from '../support/harness.ts';
import { startOfTest, testWorld } from '../support/response-world.ts';

const { test, run } = suite('guardrail respond by index');

const modes = ['dry-run', 'manual', 'auto'] as const;

/** Events of the normalised form, about what the random guardrails ask. */
const event = fc.record({
  event_id: fc.constantFrom('one', 'two'),
  source: fc.constantFrom('budgets', 'anomaly'),
  account_id: fc.constantFrom('111122223333', '444455556666', '000000000000'),
  amount: fc.constantFrom(0, 49.99, 50, 100, 1000),
  time_window: fc.constantFrom('2026-11', '2026-Q4'),
  details: fc.record(
    {
      service: fc.constantFrom('AWS Lambda', 'EC2 - Other', 'Tax'),
      region: fc.constantFrom('eu-central-1', 'us-east-1', 'global'),
      forecast: fc.boolean(),
      tags: fc.constantFrom({ env: 'dev' }, { env: 'prod' }, {}),
      budget_name: fc.constantFrom('a', 'b'),
    },
    { requiredKeys: [] },
  ),
});

test('events are answered, and recorded, as each policy by itself would answer', async () => {
  let responding = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(guardrail, { maxLength: 8 }),
      fc.array(event, { minLength: 1, maxLength: 5 }),
      async (random, events) => {
        const guardrails = random.map(({ compiled }, index) => ({
          compiled: { ...compiled, policy: `p${index}`, mode: modes[index % 3]! },
          hash: String(index).repeat(64),
        }));
        const text = events.map((each) => JSON.stringify(each)).join('\n');
        const world = testWorld();
        const answered = await respondTo(text, 'events.json', guardrails, world);
        const expected = readEvents(text, 'events.json').events.map((read) =>
          guardrails.flatMap(({ compiled }) => {
            const { outcome } = evaluateGuardrail(compiled, read, { at: startOfTest });
            return outcome === 'passes' ? [] : [{ policy: compiled.policy, unknown: outcome === 'unknown' }];
          }),
        );
        assert.equal(
          answered.events.map(({ policies }) =>
            policies.map(({ policy, result }) => ({ policy, unknown: result === 'undecided' })),
          ),
          expected,
        );
        for (const [index, { passed }] of answered.events.entries()) {
          assert.is(passed, guardrails.length - expected[index]!.length);
        }
        responding += expected.flat().length;

        // The log says of every policy and event what became of it.
        const listing = world.records.find(({ action }) => action === 'guardrail.policies');
        assert.equal(
          readListing(listing?.facts?.policies ?? '').map(({ policy }) => policy),
          guardrails.map(({ compiled }) => compiled.policy),
        );
        const counts = new Map(modeHistories(world.records).map(({ policy, counts: each }) => [policy, each]));
        for (const { compiled } of guardrails) {
          const own = expected.flatMap((each) => each.filter(({ policy }) => policy === compiled.policy));
          const unknown = own.filter((each) => each.unknown).length;
          const respond = own.length - unknown;
          assert.equal(counts.get(compiled.policy), { respond, unknown, passes: events.length - own.length });
        }
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(responding > 300);
});

test('the policies are listed once in a log, and again where they have changed', async () => {
  const world = testWorld();
  const list = (names: readonly string[]) =>
    names.map((policy) => ({
      compiled: {
        format: 'polc-guardrail-1' as const,
        policy,
        mode: 'dry-run' as const,
        ttlMinutes: 0,
        maxEventAgeMinutes: 4320,
        conditions: [],
        response: { denied: [], documents: [], actions: [], boundaries: [], topics: [] },
      },
      hash: 'ab'.repeat(32),
    }));
  const text = JSON.stringify(fc.sample(event, 1)[0]);
  for (const names of [['a'], ['a'], ['a', 'b'], ['b', 'a'], ['a']]) {
    await respondTo(text, 'event.json', list(names), world);
  }
  assert.is(world.records.filter(({ action }) => action === 'guardrail.policies').length, 2);
});

run();
