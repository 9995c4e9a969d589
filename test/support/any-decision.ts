import fc from 'fast-check';
import {
  attribute,
  type CompareOperator,
  compare,
  inSet,
  literal,
  not,
  type Predicate,
  type Range,
  type Term,
  type Value,
} from '../../compiler/expressions/predicate.ts';
import { type AttributeType, attributeAt, points } from '../../compiler/ir/points.ts';
import type { Combination, Decision, Effect, Point, Rule } from '../../compiler/ir/policy.ts';
import { integer, type Values } from './arbitrary.ts';

/** Random decisions at any point, over all that it declares and some of its families, and values for them that collide. */
export const everyPoint = Object.keys(points) as Point[];

/** Texts of every length up to what is compared at once, and from every part of Unicode whose order or width is its own. */
const texts = [
  '',
  'a',
  'ab',
  'abc',
  'abcd',
  'abcde',
  'abcdefg',
  'abcdefgh',
  'abcdefgx',
  'abcdefghi',
  'abcdefghijklm',
  'abcdefghijklmnopqrstuvwxyz',
  'b',
  'é',
  '€a',
  '\uffee',
  '\ue000',
  '😀',
  'a😀b',
  '/a',
];
const paths = ['/', '/usr', '/usr/lib', '/usr/lib/a/b', '/usr/lib64', '/tmp', '/tmp/x', '/tmp/xy', '/tmp/é', 'tmp', ''];
const pathPatterns = ['/', '/usr', '/usr/lib', '/usr*', '/usr/lib*', '/*/lib', '/tmp/?', '/tmp/*y', '/u?r/l*b/?'];
const globs = [
  '*',
  'a*',
  '*b',
  'a*b',
  '*bc*',
  'a?',
  '?',
  '??',
  'a*?b',
  '*😀*',
  'abcdefgh*',
  '*a*b*',
  'x',
  '**',
  'a😀?',
];
const networks = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.2.0/23',
  '10.1.2.3/32',
  '::/0',
  '::/64',
  '::/80',
  '::/81',
  '::1/128',
  '2001:db8::/33',
  '::ffff:0:0/95',
  'fe80::/10',
];
const addresses = ['10.1.2.3', '10.1.3.9', '10.9.9.9', '::1', '::2', '::', '::ffff:10.1.2.3', '2001:db8::1', 'fe80::1'];
const otherAddresses = [
  '::ffff:1',
  '::fffe:0:1',
  '1::',
  '1:2:3:4:5:6:7:8',
  'x',
  '1.2.3',
  '01.2.3.4',
  '1::2::3',
  ':::',
  '',
];
const numbers = [0, -0, 0.5, 1, -1, 80, 1e300, Number.POSITIVE_INFINITY, Number.NaN, 5e-324];
const operators: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>='];

const samples: Partial<Readonly<Record<Point, readonly string[]>>> = {
  'cost-event': ['tag:Course', 'weekday@UTC', 'minute@Europe/Berlin'],
  launch: ['tag:Course', 'framework:hipaa', 'data:no_phi'],
  request: ['header:x-tier', 'auth.identity.group', 'condition:request.size > 10', 'value:auth.x'],
};

/** The attributes that random decisions at a point speak of. */
function attributesOf(point: Point): readonly (readonly [string, AttributeType])[] {
  return [...Object.keys(points[point]), ...(samples[point] ?? [])].map((name) => [
    name,
    attributeAt(point, name)!.type,
  ]);
}

const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...texts) },
  fc.string({ unit: 'grapheme', maxLength: 9 }),
);

const ofType: Readonly<Record<AttributeType, fc.Arbitrary<Value>>> = {
  integer,
  string: text,
  boolean: fc.boolean(),
  address: fc.constantFrom(...addresses, ...otherAddresses),
  path: fc.constantFrom(...paths),
  number: fc.oneof(fc.constantFrom(...numbers), fc.double()),
};

const ranges = fc.uniqueArray(integer, { minLength: 0, maxLength: 14 }).map((ends) => {
  const sorted = ends.sort((left, right) => (left < right ? -1 : 1));
  const result: Range[] = [];
  for (let at = 0; at + 1 < sorted.length; at += 2) {
    const last = result.at(-1);
    if (last === undefined || sorted[at]! > last.high + 1n) result.push({ low: sorted[at]!, high: sorted[at + 1]! });
  }
  return result;
});

function leaves(name: string, type: AttributeType, others: readonly string[]): fc.Arbitrary<Predicate> {
  const term = attribute(name);
  const constants = type === 'number' ? ofType.number.filter((value) => !Number.isNaN(value)) : ofType[type];
  const beside: fc.Arbitrary<Term> = fc.oneof(
    { weight: 8, arbitrary: constants.map(literal) },
    { weight: 1, arbitrary: fc.constantFrom(...others).map(attribute) },
    { weight: 1, arbitrary: fc.constant<Term>({ kind: 'parameter', name: `given-${type}` }) },
  );
  const comparison = fc
    .tuple(fc.constantFrom(...(type === 'boolean' ? operators.slice(0, 2) : operators)), beside, fc.boolean())
    .map(([operator, right, flip]) => (flip ? compare(right, operator, term) : compare(term, operator, right)));
  const sets = (values: readonly string[]) =>
    fc.oneof(fc.subarray([...values], { maxLength: 3 }), fc.subarray([...values])).map((chosen) => inSet(term, chosen));
  switch (type) {
    case 'integer':
      return fc.oneof<fc.Arbitrary<Predicate>[]>(
        comparison,
        fc
          .tuple(integer, ranges)
          .map(([mask, chosen]) => ({ kind: 'in-ranges', term: { kind: 'mask', term, mask }, ranges: chosen })),
        ranges.map((chosen) => ({ kind: 'in-ranges', term, ranges: chosen })),
        fc.tuple(integer, integer).map(([mask, value]) => compare({ kind: 'mask', term, mask }, '==', literal(value))),
      );
    case 'string':
      return fc.oneof<fc.Arbitrary<Predicate>[]>(
        comparison,
        sets(texts),
        fc.constantFrom(...globs).map((pattern) => ({ kind: 'glob', term, pattern })),
      );
    case 'path':
      return fc.oneof<fc.Arbitrary<Predicate>[]>(
        comparison,
        sets(paths),
        fc.constantFrom(...pathPatterns).map((pattern) => ({ kind: 'beneath', term, pattern })),
        fc.constantFrom('/usr*', '*x', '/*/?').map((pattern) => ({ kind: 'glob', term, pattern })),
      );
    case 'address':
      return fc.oneof<fc.WeightedArbitrary<Predicate>[]>(
        { weight: 1, arbitrary: comparison },
        {
          weight: 3,
          arbitrary: fc.constantFrom(...networks).map((network) => ({ kind: 'in-network', term, network })),
        },
      );
    case 'boolean':
    case 'number':
      return comparison;
    default: {
      const unreachable: never = type;
      return unreachable;
    }
  }
}

/** Any predicate over what a point declares. */
function anyPredicate(point: Point): fc.Arbitrary<Predicate> {
  const all = attributesOf(point);
  const own = fc.oneof(
    ...all.map(([name, type]) =>
      leaves(
        name,
        type,
        all.filter(([, other]) => other === type).map(([other]) => other),
      ),
    ),
  );
  return fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 7, arbitrary: own },
      { weight: 1, arbitrary: fc.boolean().map((value): Predicate => ({ kind: 'constant', value })) },
      { weight: 2, arbitrary: tie('tree').map(not) },
      {
        weight: 6,
        arbitrary: fc
          .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { maxLength: 4 }))
          .map(([kind, of]): Predicate => ({ kind, of })),
      },
    ),
  })).tree;
}

const effects: readonly Effect[] = [
  { kind: 'allow' },
  { kind: 'log' },
  { kind: 'errno', errno: 13 },
  { kind: 'trace', data: 7 },
  { kind: 'notify' },
  { kind: 'kill-thread' },
  { kind: 'kill-process' },
];

/** A decision of up to so many rules at a point, in any way of combining them. */
export function anyDecision(point: Point, most = 6): fc.Arbitrary<Decision> {
  const kinds: readonly Effect[] =
    point === 'syscall' || point === 'hook' ? effects : [{ kind: 'allow' }, { kind: 'deny' }];
  const effect = fc.constantFrom(...kinds);
  return fc
    .tuple(
      fc.constantFrom<Combination>('first-match', 'union-of-allows', 'deny-overrides'),
      fc.array(fc.tuple(anyPredicate(point), effect), { maxLength: most }),
      effect,
    )
    .map(([combine, rules, fallback]) => ({
      point,
      combine,
      rules: rules.map(
        ([when, each], index): Rule => ({
          ...node(`${point}/${index}`, 10 * index),
          when,
          effect: combine === 'union-of-allows' ? { kind: 'allow' } : each,
        }),
      ),
      otherwise: { ...node(`${point}/otherwise`, 500), effect: fallback },
    }));
}

function node(id: string, start: number) {
  return { id, topic: id, origin: { span: { file: 'policy.yaml', start, end: start + 5 } } };
}

/** What is known of an event, by attribute, and the parameters that random decisions use. */
export function anyValues(point: Point): fc.Arbitrary<Values> {
  const known = Object.fromEntries(
    attributesOf(point).map(([name, type]) => [name, fc.option(ofType[type], { nil: undefined, freq: 4 })]),
  );
  const types = Object.keys(ofType) as AttributeType[];
  const given = Object.fromEntries(
    types.map((type) => [`given-${type}`, fc.option(ofType[type], { nil: undefined, freq: 4 })]),
  );
  return fc.record({ ...known, ...given });
}
