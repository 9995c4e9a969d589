import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import type { Predicate } from '../../compiler/expressions/predicate.ts';
import { attribute, compare, inSet, literal } from '../../compiler/expressions/predicate.ts';
import { printPredicate } from '../../compiler/expressions/print.ts';
import { simplify } from '../../compiler/expressions/simplify.ts';
import { environmentOf, predicateAt, valuesOf } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('simplify');

for (const point of ['syscall', 'path', 'socket'] as const) {
  test(`means the same where all is known, and is known wherever it was: ${point}`, () => {
    fc.assert(
      fc.property(predicateAt(point), valuesOf(false), valuesOf(true), (predicate, known, partly) => {
        const simple = simplify(predicate);
        const text = printPredicate(simple);
        // A malformed address is unknown even in a full environment.
        const meant = evaluate(predicate, environmentOf(known));
        if (meant !== undefined) assert.equal(evaluate(simple, environmentOf(known)), meant, text);
        const decided = evaluate(predicate, environmentOf(partly));
        if (decided !== undefined) assert.equal(evaluate(simple, environmentOf(partly)), decided, text);
      }),
      { numRuns: 6000 },
    );
  });
}

test('simplifying again changes nothing', () => {
  fc.assert(
    fc.property(predicateAt('syscall'), (predicate) => {
      const once = simplify(predicate);
      assert.equal(printPredicate(simplify(once)), printPredicate(once));
    }),
    { numRuns: 2000 },
  );
});

const arg0 = attribute('arg0');
const masked = { kind: 'mask', term: arg0, mask: 0xf0n } as const;
const call = inSet(attribute('syscall'), ['socket']);
const is = (value: bigint) => compare(arg0, '==', literal(value));

function examples(cases: readonly (readonly [Predicate, string])[]): void {
  for (const [predicate, expected] of cases) assert.equal(printPredicate(simplify(predicate)), expected);
}

test('contradictions, tautologies and masks', () => {
  examples([
    [compare({ kind: 'mask', term: arg0, mask: 1n }, '==', literal(2n)), 'false'],
    [compare(masked, '<=', literal(0xf0n)), 'true'],
    [compare(masked, '<', literal(0x10n)), 'arg0 & 0xf0 == 0'],
    [compare(arg0, '<', literal(0n)), 'false'],
    [compare(arg0, '<=', literal(0xffff_ffff_ffff_ffffn)), 'true'],
    [{ kind: 'and', of: [is(1n), is(2n)] }, 'false'],
    [{ kind: 'and', of: [is(0x13n), compare(masked, '==', literal(0x20n))] }, 'false'],
    [{ kind: 'or', of: [is(1n), { kind: 'not', of: is(1n) }] }, 'true'],
    [compare({ kind: 'mask', term: arg0, mask: 0xffff_ffff_0000_0000n }, '==', literal(0n)), 'arg0 <= 0xffffffff'],
  ]);
});

test('equalities become sets and ranges, and conjunctions that differ in one term become one', () => {
  examples([
    [{ kind: 'or', of: [is(3n), is(1n), is(2n), is(7n)] }, 'arg0 in [1..3, 7]'],
    [
      {
        kind: 'or',
        of: [
          { kind: 'and', of: [call, is(1n)] },
          { kind: 'and', of: [is(2n), call] },
        ],
      },
      'syscall in {socket} && arg0 in [1..2]',
    ],
    [{ kind: 'or', of: [call, { kind: 'and', of: [call, is(1n)] }] }, 'syscall in {socket}'],
    [
      {
        kind: 'or',
        of: ['/usr/lib', '/usr', '/tmp'].map((pattern) => ({ kind: 'beneath', term: attribute('path'), pattern })),
      },
      'path beneath "/tmp" || path beneath "/usr"',
    ],
  ]);
});

run();
