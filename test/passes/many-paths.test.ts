import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { and, attribute, inSet, or, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Decision, Policy, Rule } from '../../compiler/ir/policy.ts';
import { foldConstants } from '../../compiler/passes/fold-constants.ts';
import { redundantAllows } from '../../compiler/passes/redundant-allows.ts';
import { decisionAt } from '../support/arbitrary.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';
import { naiveRedundantAllows } from '../support/naive-redundant-allows.ts';
import { decisionOf, deny, pathRule, policyOf } from '../support/policies.ts';

const { test, run } = suite('passes-many-paths');

function expectSame(policy: Policy): number {
  const diagnostics: Diagnostic[] = [];
  const [decision] = policy.decisions;
  const wanted = naiveRedundantAllows(decision!, diagnostics);
  const found = redundantAllows.run(policy);
  assert.deepEqual(found.policy.decisions[0], wanted);
  assert.deepEqual(found.diagnostics, diagnostics);
  return decision!.rules.length - wanted.rules.length;
}

const component = fc.constantFrom('a', 'b', 'ab', 'c*', 'c', 'cd', '*', '?');
const pattern = fc.array(component, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const rights = fc.subarray(['read_file', 'execute', 'write_file'], { minLength: 1 });
const path = attribute('path');
const beneath = pattern.map((each): Predicate => ({ kind: 'beneath', term: path, pattern: each }));
const condition: fc.Arbitrary<Predicate> = fc.oneof(
  beneath,
  fc.tuple(beneath, rights).map(([where, which]) => and(where, inSet(attribute('right'), which))),
  fc.tuple(beneath, beneath).map(([one, other]) => or(one, other)),
  rights.map((which) => inSet(attribute('right'), which)),
  fc
    .array(fc.constantFrom('/', '/a', '/a/b', '/c', '/cd/x'), { minLength: 1, maxLength: 3 })
    .map((paths) => inSet(path, paths)),
);

/** Two rules may come from one place. */
const pathRules: fc.Arbitrary<Decision> = fc
  .array(fc.tuple(condition, fc.nat({ max: 40 }), fc.boolean()), { maxLength: 40 })
  .map((rules) => {
    const decision = decisionOf(
      'path',
      'union-of-allows',
      rules.map(([when]) => [when, { kind: 'allow' }]),
      deny,
    );
    const placed = decision.rules.map((rule, at): Rule => {
      const [, start, isPreset] = rules[at]!;
      const span = { file: 'policy.yaml', start, end: start + 5 };
      return { ...rule, origin: isPreset ? { span, by: 'preset medium' } : { span } };
    });
    return { ...decision, rules: placed };
  });

test('among many paths the same rules go, into the same others, with the same findings', () => {
  let gone = 0;
  fc.assert(
    fc.property(pathRules, (decision) => {
      gone += expectSame(foldConstants.run(policyOf({ decisions: [decision] })).policy);
    }),
    { numRuns: 1500 },
  );
  assert.ok(gone > 1500, `${gone}`);
});

for (const point of ['path', 'socket', 'syscall'] as const) {
  test(`the same of any rules about a ${point}`, () => {
    fc.assert(
      fc.property(decisionAt(point, 'union-of-allows', 16), (decision) => {
        // Not in canonical form either.
        expectSame(policyOf({ decisions: [decision] }));
        expectSame(foldConstants.run(policyOf({ decisions: [decision] })).policy);
      }),
      { numRuns: 1000 },
    );
  });
}

test('thousands of paths are not compared each with each', () => {
  inProportion((paths) => {
    const rules = Array.from({ length: paths }, (_, at) =>
      pathRule(at % 2 === 0 ? `/srv/${at}` : `/srv/${at - 1}/below`, ['read_file']),
    );
    const decision = decisionOf('path', 'union-of-allows', rules, deny);
    return () => {
      const { policy } = redundantAllows.run(policyOf({ decisions: [decision] }));
      assert.equal(policy.decisions[0]!.rules.length, paths / 2);
    };
  }, 16_000 / times);
});

run();
