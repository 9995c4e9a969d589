import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { evaluateGuardrail } from '../../runtime/guardrail/evaluate.ts';
import { createPolicyIndex } from '../../runtime/guardrail/policy-index.ts';
import { costEvent, guardrail, instant } from '../support/guardrail-arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('policy index');

test('it finds what each policy by itself says, and the cause that decides', () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(guardrail, { maxLength: 12 }),
      fc.array(fc.tuple(costEvent, instant), { minLength: 1, maxLength: 8 }),
      (guardrails, events) => {
        const policies = guardrails.map(({ compiled }) => compiled);
        const index = createPolicyIndex(policies);
        for (const [event, at] of events) {
          const expected = policies.flatMap((policy, place) => {
            const { outcome, causeIndex } = evaluateGuardrail(policy, event, { at });
            return outcome === 'passes' ? [] : [{ policy: place, outcome, causeIndex }];
          });
          assert.equal(index.match(event, at), expected);
          found += expected.length;
        }
      },
    ),
    { numRuns: 1000 },
  );
  assert.ok(found > 1000);
});

run();
