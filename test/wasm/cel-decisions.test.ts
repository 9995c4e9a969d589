import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expressionOf } from '../../compiler/backends/wasm/cel/extension.ts';
import type { DecisionsFile } from '../../compiler/backends/wasm/format.ts';
import { wasm } from '../../compiler/backends/wasm/index.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import type { Value } from '../../compiler/expressions/cel/value.ts';
import { and, attribute, compare, literal, or, type Predicate } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { loadDecisions } from '../../runtime/wasm/decisions.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm cel decisions');

function condition(text: string): Predicate {
  return compare(attribute(`condition:${text}`), '==', literal(true));
}

const texts = [
  "auth.identity.groups.exists(group, group == 'research' || group.startsWith('lab-'))",
  "auth.identity.labels['maas/tier'] == 'free'",
  "'admin' in auth.identity.groups",
  "request.headers['x-model'].matches('^(small|medium)-[0-9]+b$')",
  'int(request.headers["content-length"]) * 2 > 1000',
  "has(auth.identity.labels) && !('blocked' in auth.identity.labels)",
  'request.size / auth.identity.share > 10',
] as const;

const decision: Decision = decisionOf(
  'request',
  'deny-overrides',
  [
    [and(condition(texts[5]), compare(attribute('method'), '==', literal('DELETE'))), deny],
    [or(condition(texts[0]), condition(texts[2])), allow],
    [and(condition(texts[1]), condition(texts[3])), allow],
    [and(condition(texts[4]), compare(attribute('team'), '==', literal('physics'))), allow],
    [condition(texts[6]), allow],
  ],
  deny,
);
const policy = policyOf({ decisions: [decision] });

const group = fc.constantFrom('research', 'lab-', 'lab-3', 'admin', 'é', '', 7n, null);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 4 });
const request: fc.Arbitrary<Record<string, unknown>> = fc.record({
  method: maybe(fc.constantFrom('GET', 'DELETE')),
  team: maybe(fc.constantFrom('physics', 'other')),
  auth: maybe(
    fc.record({
      identity: maybe(
        fc.record(
          {
            groups: fc.oneof(fc.array(group, { maxLength: 4 }), fc.constant('admin'), fc.constant({ admin: 1n })),
            labels: fc.dictionary(fc.constantFrom('maas/tier', 'blocked', 'x'), fc.constantFrom('free', 'paid', true)),
            share: fc.constantFrom(0n, 2n, 2.5, 'x'),
          },
          { requiredKeys: [] },
        ),
      ),
    }),
  ),
  request: maybe(
    fc.record(
      {
        size: fc.constantFrom(5n, 100n, 9.5),
        headers: fc.dictionary(
          fc.constantFrom('x-model', 'content-length'),
          fc.constantFrom('small-7b', 'medium-70b', 'large-7b', '501', '99', '9223372036854775807', '-1', ''),
        ),
      },
      { requiredKeys: [] },
    ),
  ),
});

function withoutGaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, withoutGaps(each)]])),
  );
}

function expected(given: Readonly<Record<string, unknown>>): string {
  const verdict = decide(decision, {
    attribute: (name) => {
      const found = expressionOf(name);
      if (found === undefined) return given[name] as string | undefined;
      const value = interpreter(found.expression, found.environment)(given as Readonly<Record<string, Value>>);
      return typeof value === 'boolean' ? value : undefined;
    },
    parameter: () => undefined,
  });
  return verdict === undefined ? 'unknown' : `${verdict.effect.kind} by ${verdict.by.id}`;
}

test('a module decides requests by expressions as the reference evaluator and the interpreter do', () => {
  const { artifacts } = wasm.emit(policy, defaultTarget);
  const content = (path: string) => artifacts.find((each) => each.path === path)!.content;
  const module = new WebAssembly.Module(content('decisions.wasm') as BufferSource);
  const layout = JSON.parse(String(content('decisions.json'))) as DecisionsFile;
  const loaded = loadDecisions(module, layout);
  const seen = new Set<string>();
  fc.assert(
    fc.property(request, (record) => {
      const given = withoutGaps(record) as Readonly<Record<string, unknown>>;
      const { effect, rule } = loaded.explain('request', loaded.decide('request', given));
      const is = effect === 'unknown' ? 'unknown' : `${effect} by ${rule}`;
      seen.add(is);
      assert.equal(is, expected(given));
    }),
    { numRuns: 3000 },
  );
  assert(seen.size >= 3, [...seen].join());
});

test('the validator compares such a decision, and finds a constant of an expression that is another', () => {
  const { artifacts } = wasm.emit(policy, defaultTarget);
  assert.equal(wasm.validate(policy, defaultTarget, artifacts).status, 'tested');
  for (const [index, text] of texts.entries()) {
    // The others matter only together with another value, where few requests tell one constant from another.
    if (index > 3) continue;
    const changed = text.replace(/research|free|admin|small|content-length|blocked|10$/, (each) =>
      /\d/.test(each) ? '777' : 'xyz',
    );
    const rules = decision.rules.map((rule) => ({
      ...rule,
      when: JSON.parse(
        JSON.stringify(rule.when).replace(JSON.stringify(text).slice(1, -1), () =>
          JSON.stringify(changed).slice(1, -1),
        ),
      ) as Predicate,
    }));
    const other = wasm.emit(policyOf({ decisions: [{ ...decision, rules }] }), defaultTarget);
    assert.equal(wasm.validate(policy, defaultTarget, other.artifacts).status, 'refused', `${index}: ${changed}`);
  }
});

test('what a module cannot work out is said, and is left to the host', () => {
  const text = "requestBodyJSON('/model') == 'small'";
  const own = policyOf({
    decisions: [
      decisionOf(
        'request',
        'first-match',
        [
          [condition(text), allow],
          [condition(texts[1]), allow],
        ],
        deny,
      ),
    ],
  });
  const { coverage, artifacts } = wasm.emit(own, defaultTarget);
  const [first, second] = coverage;
  assert.equal(first?.status, 'partial');
  assert.match(first?.lost ?? '', /requestBodyJSON/);
  assert.equal(second?.status, 'full');
  assert.equal(wasm.validate(own, defaultTarget, artifacts).status, 'tested');
});

run();
