import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { matchesGlob } from '../../compiler/expressions/glob.ts';
import { javascriptBody } from '../../compiler/expressions/javascript.ts';
import {
  attribute,
  compare,
  inSet,
  literal,
  not,
  type Predicate,
  type Value,
} from '../../compiler/expressions/predicate.ts';
import { matchersOf } from '../../runtime/guardrail/matcher.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('predicates as JavaScript');

const texts = ['a', 'b', 'it"s', "\\'\n\u2028`$x", '\u{1f4b8}', 'tag:x', '', '__proto__', 'constructor', 'toString'];
const strings = ['service', 'tag:\u2028"key`$1', 'region'];
const operators = ['==', '!=', '<', '<=', '>', '>='] as const;
const number = fc.constantFrom(0, -0, 0.1, 200, 1e21, -5, Number.MAX_SAFE_INTEGER);
const integer = fc.constantFrom(0n, 1n, 539n, 1439n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 64n - 1n);

const atom: fc.Arbitrary<Predicate> = fc.oneof(
  fc.tuple(fc.constantFrom(...strings), fc.subarray(texts)).map(([name, values]) => inSet(attribute(name), values)),
  fc
    .tuple(fc.constantFrom(...strings), fc.constantFrom(...operators), fc.constantFrom(...texts), fc.boolean())
    .map(([name, operator, text, flip]) =>
      flip ? compare(literal(text), operator, attribute(name)) : compare(attribute(name), operator, literal(text)),
    ),
  fc
    .tuple(fc.constantFrom(...strings), fc.constantFrom('*', 'a*', '?', '*?', 'it"*', '', '??'))
    .map(([name, pattern]): Predicate => ({ kind: 'glob', term: attribute(name), pattern })),
  fc
    .tuple(fc.constantFrom('amount', 'rate_change'), fc.constantFrom(...operators), number)
    .map(([name, operator, value]) => compare(attribute(name), operator, literal(value))),
  fc
    .tuple(fc.constantFrom(...operators), integer)
    .map(([operator, value]) => compare(attribute('minute@UTC'), operator, literal(value))),
  fc.uniqueArray(integer, { maxLength: 4 }).map((points): Predicate => {
    const sorted = [...points].sort((left, right) => (left < right ? -1 : 1));
    const ranges = sorted.flatMap((low, at) => (at % 2 === 0 ? [{ low, high: sorted[at + 1] ?? low }] : []));
    return { kind: 'in-ranges', term: attribute('minute@UTC'), ranges };
  }),
  fc.boolean().map((value) => compare(attribute('forecast'), '==', literal(value))),
  fc.boolean().map((value): Predicate => ({ kind: 'constant', value })),
);

const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    atom,
    tie('tree').map(not),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { maxLength: 4 }))
      .map(([kind, of]): Predicate => ({ kind, of })),
  ),
}));

const unknownOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
const values: fc.Arbitrary<Readonly<Record<string, Value | undefined>>> = fc.record({
  ...Object.fromEntries(strings.map((name) => [name, unknownOr(fc.constantFrom(...texts))])),
  amount: unknownOr(number),
  rate_change: unknownOr(number),
  'minute@UTC': unknownOr(integer),
  forecast: unknownOr(fc.boolean()),
});

/** Small integers as the numbers that the runtime has, all others as they are. */
const plain = (value: Value | undefined) =>
  typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

test('generated code agrees with the reference evaluator, in all three values', () => {
  const seen = new Set<unknown>();
  fc.assert(
    fc.property(
      fc.array(tree, { minLength: 1, maxLength: 3 }),
      fc.array(values, { minLength: 1, maxLength: 8 }),
      (predicates, environments) => {
        const body = javascriptBody(predicates);
        assert.ok(body !== undefined);
        const code = new Function('attribute', 'matches', body);
        for (const known of environments) {
          const asked: string[] = [];
          const readWith = (read: (value: Value | undefined) => unknown) => (name: string) => {
            asked.push(name);
            return read(known[name]);
          };
          const expected = predicates.map((predicate) =>
            evaluate(predicate, { attribute: (name) => known[name], parameter: () => undefined }),
          );

          for (const read of [plain, (value: Value | undefined) => value]) {
            assert.equal(code(readWith(read), matchesGlob), expected, body);
          }
          assert.is(asked.length, 2 * new Set(asked).size, 'each attribute is asked for once');
          for (const value of expected) seen.add(value);
        }
      },
    ),
    { numRuns: 1500 },
  );
  assert.is(seen.size, 3);
});

test('what no cost event has is left to the evaluator', () => {
  const path: Predicate = { kind: 'beneath', term: attribute('path'), pattern: '/usr' };
  assert.is(javascriptBody([not(path)]), undefined);
  const [matcher] = matchersOf([path]);
  assert.is(
    matcher!((name) => (name === 'path' ? '/usr/lib' : undefined)),
    true,
  );
  assert.is(
    matcher!(() => undefined),
    undefined,
  );
});

test('where no code may be made the answers are the same', () => {
  const predicate = inSet(attribute('service'), ['a']);
  const made = globalThis.Function;
  try {
    globalThis.Function = new Proxy(made, {
      construct() {
        throw new EvalError('code generation from strings disallowed for this context');
      },
    });
    const [matcher] = matchersOf([predicate]);
    assert.equal(
      ['a', 'b', undefined].map((value) => matcher!(() => value)),
      [true, false, undefined],
    );
  } finally {
    globalThis.Function = made;
  }
});

run();
