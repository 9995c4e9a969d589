import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { attribute, compare, literal, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import { condition } from '../support/guardrail-arbitrary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('mentioned values');

test('every attribute that evaluation asks for is mentioned, also those that it need not ask for', () => {
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 5 }), (conditions) => {
      const predicates = conditions.map(([, passes]) => passes);
      const asked = new Set<string>();
      for (const predicate of predicates) {
        evaluate(predicate, {
          attribute: (name) => {
            asked.add(name);
            return undefined;
          },
          parameter: () => undefined,
        });
      }
      const mentioned = mentionedValues(predicates);
      for (const name of asked) assert.ok(mentioned.has(name), name);
    }),
  );
});

test('constants are found on both sides, in sets, at the ends of ranges, in patterns and below masks', () => {
  const term = attribute('a');
  const predicates: readonly Predicate[] = [
    compare(term, '<', literal(1n)),
    not(compare(literal(2n), '==', term)),
    { kind: 'in-set', term: attribute('b'), values: ['x', 'y'] },
    {
      kind: 'or',
      of: [
        { kind: 'in-ranges', term: { kind: 'mask', term, mask: 7n }, ranges: [{ low: 3n, high: 5n }] },
        { kind: 'glob', term: attribute('c'), pattern: 'z*' },
        { kind: 'beneath', term: attribute('c'), pattern: '/etc' },
        { kind: 'in-network', term: attribute('d'), network: '::1/128' },
        compare(attribute('e'), '==', attribute('f')),
      ],
    },
  ];
  assert.equal(
    [...mentionedValues(predicates)].map(([name, values]) => [name, [...values]]),
    [
      ['a', [1n, 2n, 3n, 5n]],
      ['b', ['x', 'y']],
      ['c', ['z*', '/etc']],
      ['d', ['::1/128']],
      ['e', []],
      ['f', []],
    ],
  );
});

run();
