import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { decide, sourceOf } from '../../compiler/ir/evaluate.ts';
import type { Combination, Decision, Point, Policy } from '../../compiler/ir/policy.ts';
import { contributors, enforceables } from '../../compiler/ir/policy.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { foldConstants } from '../../compiler/passes/fold-constants.ts';
import { optimise, passes } from '../../compiler/passes/index.ts';
import { decisionAt, environmentOf, type Values, valuesOf } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('passes');

const combinations: readonly Combination[] = ['first-match', 'deny-overrides', 'union-of-allows'];
const points: readonly Point[] = ['syscall', 'path', 'socket'];
const decision: fc.Arbitrary<Decision> = fc
  .tuple(fc.constantFrom(...points), fc.constantFrom(...combinations))
  .chain(([point, combine]) => decisionAt(point, combine));

function some<Value>(each: fc.Arbitrary<Value>, count: number): fc.Arbitrary<Value[]> {
  return fc.array(each, { minLength: count, maxLength: count });
}

function policyOf(only: Decision): Policy {
  return { name: 'random', decisions: [only], limits: [], obligations: [] };
}

/** Whatever was decided is decided in the same way, by the same rule or by one that took it in. */
function expectSameVerdict(before: Decision, after: Decision, values: Values): void {
  const meant = decide(before, environmentOf(values));
  if (meant === undefined) return;
  const verdict = decide(after, environmentOf(values));
  assert.deepEqual(verdict?.effect, meant.effect, printPolicy(policyOf(after)));
  // In a union of allows and among denies, which of several rules is named is no part of the meaning.
  if (before.combine !== 'first-match') return;
  assert.ok(
    contributors(verdict!.by).some(({ id }) => id === meant.by.id),
    `${meant.by.id} is not in ${verdict!.by.id}`,
  );
  const source = sourceOf(verdict!.by, environmentOf(values));
  const rule = before.rules.find(({ id }) => id === source.id);
  if (rule === undefined) assert.equal(source.id, meant.by.id);
  else if (source.id !== meant.by.id) {
    assert.deepEqual(rule.effect, meant.effect);
    assert.notEqual(evaluate(rule.when, environmentOf(values)), false);
  }
}

for (const { name, run: pass } of passes) {
  test(`${name} keeps the meaning of every decision`, () => {
    fc.assert(
      fc.property(decision, some(valuesOf(false), 4), some(valuesOf(true), 2), (written, known, partly) => {
        // The others count on predicates in canonical form.
        const before = name === foldConstants.name ? policyOf(written) : foldConstants.run(policyOf(written)).policy;
        const after = pass(before).policy;
        for (const values of [...known, ...partly])
          expectSameVerdict(before.decisions[0]!, after.decisions[0]!, values);
      }),
      { numRuns: 2000 },
    );
  });
}

test('all passes together keep the meaning, every id, and a sound IR', () => {
  fc.assert(
    fc.property(decision, some(valuesOf(false), 6), some(valuesOf(true), 3), (before, known, partly) => {
      const diagnostics: Diagnostic[] = [];
      const optimised = optimise(policyOf(before), diagnostics);
      const after = optimised.decisions[0]!;
      for (const values of [...known, ...partly]) expectSameVerdict(before, after, values);
      const ids = (policy: Policy) =>
        enforceables(policy)
          .flatMap((node) => contributors(node).map(({ id }) => id))
          .sort();
      assert.deepEqual(ids(optimised), ids(policyOf(before)));
      const effects = before.point === 'syscall' ? [] : verifyPolicy(policyOf(before));
      assert.deepEqual(
        verifyPolicy(optimised).filter((problem) => !effects.includes(problem)),
        [],
      );
      for (const { code, span } of diagnostics) {
        // What a base allows over a preset's refusal has no other place than the base.
        const authored = before.rules.filter(({ origin }) => code === 'POL5022' || origin.by === undefined);
        assert.ok(authored.some(({ origin }) => origin.span.start === span.start));
      }
    }),
    { numRuns: 4000 },
  );
});

run();
