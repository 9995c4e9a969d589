import assert from 'node:assert/strict';
import { attribute, compare, inSet, literal, type Predicate } from '../../compiler/expressions/predicate.ts';
import { predicatePieces, printPredicate } from '../../compiler/expressions/print.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('print-predicate');

const [a, b, c] = ['arg0', 'arg1', 'arg2'].map((name) => compare(attribute(name), '==', literal(1n))) as [
  Predicate,
  Predicate,
  Predicate,
];

test('parentheses stand where they are due, and only there', () => {
  const cases: readonly (readonly [Predicate, string])[] = [
    [{ kind: 'and', of: [a, { kind: 'or', of: [b, c] }] }, 'arg0 == 1 && (arg1 == 1 || arg2 == 1)'],
    [{ kind: 'or', of: [{ kind: 'and', of: [a, b] }, c] }, 'arg0 == 1 && arg1 == 1 || arg2 == 1'],
    [{ kind: 'or', of: [a, { kind: 'or', of: [b, c] }] }, 'arg0 == 1 || (arg1 == 1 || arg2 == 1)'],
    [{ kind: 'not', of: { kind: 'and', of: [a, b] } }, '!(arg0 == 1 && arg1 == 1)'],
    [{ kind: 'and', of: [a, { kind: 'or', of: [b] }] }, 'arg0 == 1 && arg1 == 1'],
    [{ kind: 'and', of: [] }, 'true'],
    [{ kind: 'or', of: [] }, 'false'],
  ];
  for (const [predicate, text] of cases) assert.equal(printPredicate(predicate), text);
});

test('terms and values', () => {
  const arg0 = attribute('arg0');
  const masked = { kind: 'mask', term: arg0, mask: 0xf0n } as const;
  const cases: readonly (readonly [Predicate, string])[] = [
    [compare(masked, '!=', literal(65_535n)), 'arg0 & 0xf0 != 65535'],
    [compare({ kind: 'mask', term: masked, mask: 1n }, '<', literal(65_536n)), '(arg0 & 0xf0) & 0x1 < 0x10000'],
    [compare(arg0, '==', { kind: 'parameter', name: 'cookie' }), 'arg0 == $cookie'],
    [compare(attribute('rate'), '>', literal(2)), 'rate > 2.0'],
    [inSet(attribute('syscall'), ['read', '#335', 'a b']), 'syscall in {#335, "a b", read}'],
    [inSet(attribute('syscall'), []), 'syscall in {}'],
    [
      {
        kind: 'in-ranges',
        term: arg0,
        ranges: [
          { low: 1n, high: 3n },
          { low: 9n, high: 9n },
        ],
      },
      'arg0 in [1..3, 9]',
    ],
    [{ kind: 'beneath', term: attribute('path'), pattern: '/a "b"' }, 'path beneath "/a \\"b\\""'],
    [{ kind: 'glob', term: attribute('name'), pattern: 'a*' }, 'name like "a*"'],
    [{ kind: 'in-network', term: attribute('address'), network: '::1/128' }, 'address in ::1/128'],
  ];
  for (const [predicate, text] of cases) assert.equal(printPredicate(predicate), text);
});

test('a long set may be broken between its names', () => {
  assert.deepEqual(predicatePieces(inSet(attribute('syscall'), ['a', 'b', 'c'])), ['syscall in', '{a,', 'b,', 'c}']);
});

run();
