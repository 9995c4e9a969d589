import binaryen from 'binaryen';
import fc from 'fast-check';
import wabt from 'wabt';
import { moduleOptimiser } from '../../cli/build/optimise-module.ts';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionArtifacts } from '../../compiler/backends/wasm/emission.ts';
import { decisionsFile } from '../../compiler/backends/wasm/format.ts';
import { manyDecisions } from '../../compiler/backends/wasm/many.ts';
import { attribute, inSet, not } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { validateDecisions } from '../../compiler/verify/wasm/index.ts';
import { loadDecisions } from '../../runtime/wasm/decisions.ts';
import { loadPolicies } from '../../runtime/wasm/many.ts';
import { anyDecision, anyValues, everyPoint } from '../support/any-decision.ts';
import { environmentOf, type Values } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';
import { decisionOf, policyOf } from '../support/policies.ts';
import { askWabt } from '../support/wabt-interpreter.ts';

const { test, run } = suite('wasm engines');
const anyPoint = fc.constantFrom(...everyPoint);

test('binaryen finds every module valid with the features of WebAssembly 1.0 alone', () => {
  fc.assert(
    fc.property(
      anyPoint.chain((point) =>
        fc.tuple(fc.constant(point), fc.array(anyDecision(point), { minLength: 1, maxLength: 3 })),
      ),
      ([point, decisions]) => {
        const policies = decisions.map((decision) => policyOf({ decisions: [decision] }));
        for (const { bytes } of [decisionModule(policies[0]!), manyDecisions(policies, point)]) {
          const module = binaryen.readBinary(bytes);
          module.setFeatures(binaryen.Features.MVP);
          const valid = module.validate();
          module.dispose();
          if (valid !== 1) throw new Error('it is not valid');
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('what binaryen makes of a module is accepted, and its text form is read back as it is', async () => {
  const optimise = await moduleOptimiser();
  const tools = await wabt();
  let smaller = 0;
  fc.assert(
    fc.property(
      anyPoint.chain((point) => anyDecision(point)),
      (decision) => {
        const policy = policyOf({ decisions: [decision] });
        const { artifacts, size } = decisionArtifacts(policy, optimise);
        if (size < decisionModule(policy).bytes.length) smaller += 1;
        const { status, counterexample } = validateDecisions(policy, artifacts);
        if (status !== 'tested') throw new Error(counterexample);
        const text = artifacts.find(({ path }) => path === 'decisions.wat')!.content;
        const parsed = tools.parseWat('decisions.wat', String(text));
        const { buffer } = parsed.toBinary({ canonicalize_lebs: true });
        parsed.destroy();
        if (buffer.length !== size) throw new Error(`another module comes of\n${text}`);
      },
    ),
    { numRuns: 20 },
  );
  if (smaller < 10) throw new Error(`only ${smaller} became smaller`);
});

test('wabt validates every module, and its interpreter gives the answers of the reference evaluator', async () => {
  const cases = fc.sample(
    anyPoint.chain((point) => fc.tuple(anyDecision(point), anyValues(point))),
    { numRuns: 8 },
  );
  for (const [decision, values] of cases) {
    const compiled = decisionModule(policyOf({ decisions: [decision] }));
    const { answer, output } = await askWabt(compiled, 0, given(values));
    const { explain } = loadDecisions(
      new WebAssembly.Module(compiled.bytes as BufferSource),
      decisionsFile(compiled.decisions),
    );
    const verdict = decide(decision, environmentOf(values));
    const { effect, rule } = explain(decision.point, answer);
    if (effect !== (verdict?.effect.kind ?? 'unknown')) throw new Error(`${output}: ${effect}`);
    if (verdict !== undefined && rule !== verdict.by.id) throw new Error(`${output}: ${rule}`);
  }
});

/** With each value under its own name and as a parameter. */
function given(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => [
      [name, value],
      [`$${name}`, value],
    ]),
  );
}

/** Policies that differ in the regions that they speak of, and of which some are alike otherwise. */
const regional = fc
  .array(
    fc.tuple(
      fc.subarray(['a', 'ab', 'abc', 'abcd', 'b', 'x'], { minLength: 1 }),
      fc.boolean(),
      fc.boolean(),
      fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anyDecision('launch', 2) }),
    ),
    { minLength: 4, maxLength: 12 },
  )
  .map((policies) =>
    policies.map(([regions, negated, denies, other], index): Decision => {
      const among = inSet(attribute('region'), regions);
      const effect: Effect = { kind: denies ? 'deny' : 'allow' };
      const own = decisionOf('launch', 'first-match', [[negated ? not(among) : among, effect]], { kind: 'allow' });
      if (other === undefined) return { ...own, combine: index % 2 === 0 ? 'first-match' : 'deny-overrides' };
      const rules = own.rules.map((rule) => ({ ...rule, id: 'own', effect: { kind: 'allow' as const } }));
      return { ...other, rules: [...other.rules.slice(0, 1), ...rules, ...other.rules.slice(1)] };
    }),
  );

test('many policies in one module answer as each does by itself', () => {
  const anyMany = anyPoint.chain((point) => fc.array(anyDecision(point, 3), { minLength: 1, maxLength: 12 }));
  const asked = fc
    .oneof(anyMany, regional)
    .chain((decisions) => fc.tuple(fc.constant(decisions), fc.array(anyValues(decisions[0]!.point), { minLength: 4 })));
  fc.assert(
    fc.property(asked, ([decisions, inputs]) => {
      const { point } = decisions[0]!;
      const many = manyDecisions(
        decisions.map((decision) => policyOf({ decisions: [decision] })),
        point,
      );
      const { decide: ask, answers } = loadPolicies(many);
      for (const values of inputs) {
        const others = ask(given(values));
        let expectedOthers = 0;
        for (const [index, decision] of decisions.entries()) {
          const verdict = decide(decision, environmentOf(values));
          if (verdict?.effect.kind !== 'allow') expectedOthers += 1;
          const by = [...decision.rules, decision.otherwise][answers[index]! >>> 4]?.id;
          const wrong = verdict === undefined ? (answers[index]! & 15) !== 0 : by !== verdict.by.id;
          if (wrong) throw new Error(`policy ${index}: ${answers[index]}, not ${verdict?.by.id}`);
        }
        if (others !== expectedOthers) throw new Error(`${others} that do not allow, not ${expectedOthers}`);
      }
    }),
    { numRuns: 200 },
  );
});

run();
