import fc from 'fast-check';
import type { Value } from '../../compiler/expressions/cel/value.ts';
import { CelMap, Uint } from '../../compiler/expressions/cel/value.ts';

/** What generated expressions may name. */
export const variables: Readonly<Record<string, Value>> = {
  i: 3n,
  u: new Uint(7n),
  d: 2.5,
  s: 'héllo 🐱',
  t: true,
  n: null,
  xs: [1n, 2n, 3n, 5n],
  words: ['a', 'bc', ''],
  mixed: [1n, new Uint(1n), 1, 'one', null],
  m: new CelMap(
    new Map<string, Value>([
      ['a', 1n],
      ['b', 'two'],
    ]),
  ),
  keyed: new CelMap(
    new Map<bigint | boolean, Value>([
      [1n, 'int'],
      [2n, 'uint'],
      [true, 'bool'],
    ]),
    new Set([2n]),
  ),
};

const numbers = fc.constantFrom(
  ...['0', '1', '-1', '2', '7', '9223372036854775807', '(-9223372036854775808)', '0u', '1u', '3u'],
  ...['18446744073709551615u', '0.0', '-0.0', '1.0', '2.5', '-7.25', '1e300', '9007199254740993', "double('NaN')"],
);
const texts = fc.constantFrom(
  "''",
  "'a'",
  "'bc'",
  "'é'",
  "'🐱'",
  "'12'",
  "'true'",
  "'1.5'",
  "'a.c'",
  "'[a-c]+'",
  "'é🐱x'",
);
const names = fc.constantFrom(...Object.keys(variables));
const others = fc.constantFrom(
  'true',
  'false',
  'null',
  "b'ab'",
  '[]',
  '{}',
  '[1, 2]',
  "{'a': 1}",
  '{1: 2u}',
  "['a', 2]",
  'int',
  'string',
);

const binary = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||'];
const functions = ['size', 'int', 'uint', 'double', 'string', 'bytes', 'bool', 'type', 'dyn'];
const tests = ['startsWith', 'endsWith', 'contains', 'matches'];
const macros = ['all', 'exists', 'exists_one', 'map', 'filter'];

/** Expressions of any types, of which most fail somewhere. */
export const expressions: fc.Arbitrary<string> = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: numbers, weight: 3 },
    { arbitrary: texts, weight: 2 },
    { arbitrary: names, weight: 4 },
    { arbitrary: others, weight: 2 },
    {
      arbitrary: fc
        .tuple(tie('expression'), fc.constantFrom(...binary), tie('expression'))
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      weight: 8,
    },
    {
      arbitrary: fc
        .tuple(tie('expression'), tie('expression'), tie('expression'))
        .map(([condition, then, otherwise]) => `(${condition} ? ${then} : ${otherwise})`),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom('!', '-'), tie('expression')).map(([sign, of]) => `${sign}(${of})`),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom(...functions), tie('expression')).map(([name, of]) => `${name}(${of})`),
      weight: 3,
    },
    {
      arbitrary: fc
        .tuple(tie('expression'), fc.constantFrom(...tests), tie('expression'))
        .map(([text, name, part]) => `(${text}).${name}(${part})`),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(tie('expression'), tie('expression')).map(([of, index]) => `(${of})[${index}]`),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(tie('expression'), fc.constantFrom('a', 'b', 'c')).map(([of, name]) => `(${of}).${name}`),
      weight: 2,
    },
    { arbitrary: fc.constantFrom('has(m.a)', 'has(m.z)', 'has(i.a)', 'has(m.b.c)'), weight: 1 },
    {
      arbitrary: fc.array(tie('expression'), { maxLength: 3 }).map((elements) => `[${elements.join(', ')}]`),
      weight: 2,
    },
    {
      arbitrary: fc
        .array(fc.tuple(tie('expression'), tie('expression')), { maxLength: 2 })
        .map((entries) => `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(
          tie('expression'),
          fc.constantFrom(...macros),
          fc.constantFrom('x', 'i'),
          tie('expression'),
          fc.constantFrom('==', '<', '+'),
        )
        .map(([over, macro, name, body, operator]) => `(${over}).${macro}(${name}, ${name} ${operator} ${body})`),
      weight: 4,
    },
  ),
})).expression;
