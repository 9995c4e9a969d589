import fc from 'fast-check';
import type { Environment } from '../../compiler/expressions/evaluate.ts';
import type { CompareOperator, Predicate, Term, Value } from '../../compiler/expressions/predicate.ts';
import { attribute, compare, inSet, literal, not } from '../../compiler/expressions/predicate.ts';
import type { Combination, Decision, Effect, Point, Rule } from '../../compiler/ir/policy.ts';

/**
 * Random predicates, decisions and environments in which things collide: few names, small integers and the corners of 64
 * bits, nested paths and networks. The differences that an optimisation must not make are seldom far apart.
 */
export type Values = Readonly<Record<string, Value | undefined>>;

const maximum = 0xffff_ffff_ffff_ffffn;

export const integer: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 5, arbitrary: fc.bigInt({ min: 0n, max: 9n }) },
  { weight: 1, arbitrary: fc.constantFrom(0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, maximum - 1n, maximum) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: maximum }) },
);

const mask: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 15n }),
  fc.constantFrom(0xffff_ffff_0000_0000n, 0xffff_ffffn, maximum, maximum - 1n, maximum - 3n, 0x1_0000_0005n),
);

const names = ['read', 'write', 'open', 'close'];
const paths = ['/', '/usr', '/usr/lib', '/usr/lib/a', '/tmp', '/usr*', '/usr/lib*', '/*/lib', '/tmp/?'];
const concretePaths = ['/', '/usr', '/usr/lib', '/usr/lib/a/b', '/usr/lib64', '/tmp', '/tmp/x', '/tmp/xy', '/var/lib'];
const networks = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '::/0', '::1/128', '192.168.0.0/16'];
const addresses = [
  '10.1.2.3',
  '10.1.9.9',
  '10.9.9.9',
  '::1',
  '::2',
  '192.168.1.1',
  '::ffff:10.1.2.3',
  'not an address',
];
const operators: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>='];

function stringAtoms(name: string, values: readonly string[]): readonly fc.Arbitrary<Predicate>[] {
  const term = attribute(name);
  return [
    fc.subarray([...values]).map((chosen) => inSet(term, chosen)),
    fc
      .tuple(fc.constantFrom<CompareOperator>('==', '!='), fc.constantFrom(...values))
      .map(([operator, value]) => compare(term, operator, literal(value))),
    fc.constantFrom('*', 're*', '*e', 'w?ite', 'open', 'x').map((pattern) => ({ kind: 'glob', term, pattern })),
  ];
}

const integerTerm: fc.Arbitrary<Term> = fc
  .tuple(fc.constantFrom('arg0', 'arg1'), fc.option(mask, { freq: 1 }), fc.option(mask, { freq: 4 }))
  .map(([name, first, second]) => {
    const term = attribute(name);
    if (first === null) return term;
    const masked: Term = { kind: 'mask', term, mask: first };
    return second === null ? masked : { kind: 'mask', term: masked, mask: second };
  });

const ranges = fc.uniqueArray(integer, { minLength: 0, maxLength: 6 }).map((points) => {
  const sorted = points.sort((left, right) => (left < right ? -1 : 1));
  const result: { low: bigint; high: bigint }[] = [];
  for (let at = 0; at + 1 < sorted.length; at += 2) {
    const last = result.at(-1);
    if (last !== undefined && sorted[at]! <= last.high + 1n) continue;
    result.push({ low: sorted[at]!, high: sorted[at + 1]! });
  }
  return result;
});

const atoms: Readonly<Partial<Record<Point, readonly fc.Arbitrary<Predicate>[]>>> = {
  syscall: [
    ...stringAtoms('syscall', names),
    fc.subarray(['x86_64', 'aarch64']).map((chosen) => inSet(attribute('arch'), chosen)),
    fc.boolean().map((value) => compare(attribute('newer'), '==', literal(value))),
    fc
      .tuple(integerTerm, fc.constantFrom(...operators), integer, fc.boolean())
      .map(([term, operator, value, flip]) =>
        flip ? compare(literal(value), operator, term) : compare(term, operator, literal(value)),
      ),
    fc.tuple(integerTerm, ranges).map(([term, chosen]) => ({ kind: 'in-ranges', term, ranges: chosen })),
    fc
      .constantFrom<CompareOperator>(...operators)
      .map((operator) => compare(attribute('arg4'), operator, { kind: 'parameter', name: 'cookie' })),
  ],
  path: [
    fc.constantFrom(...paths).map((pattern) => ({ kind: 'beneath', term: attribute('path'), pattern })),
    fc.subarray(['execute', 'read_file', 'write_file']).map((chosen) => inSet(attribute('right'), chosen)),
    fc.subarray(concretePaths).map((chosen) => inSet(attribute('path'), chosen)),
  ],
  socket: [
    fc.constantFrom(...networks).map((network) => ({ kind: 'in-network', term: attribute('address'), network })),
    fc.subarray(['bind', 'connect']).map((chosen) => inSet(attribute('operation'), chosen)),
    fc
      .tuple(fc.constantFrom(...operators), integer)
      .map(([operator, value]) => compare(attribute('port'), operator, literal(value))),
  ],
};

/** Predicates over the attributes of a point: syscall, path or socket. */
export function predicateAt(point: Point): fc.Arbitrary<Predicate> {
  const own = fc.oneof(...(atoms[point] ?? []));
  const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 6, arbitrary: own },
      { weight: 1, arbitrary: fc.boolean().map((value): Predicate => ({ kind: 'constant', value })) },
      { weight: 2, arbitrary: tie('tree').map(not) },
      {
        weight: 6,
        arbitrary: fc
          .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { maxLength: 4 }))
          .map(([kind, of]): Predicate => ({ kind, of })),
      },
    ),
  }));
  return tree;
}

const possible: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  arch: fc.constantFrom('x86_64', 'aarch64', 'other'),
  syscall: fc.constantFrom(...names, '#999'),
  newer: fc.boolean(),
  arg0: integer,
  arg1: integer,
  arg4: integer,
  path: fc.constantFrom(...concretePaths),
  right: fc.constantFrom('execute', 'read_file', 'write_file'),
  operation: fc.constantFrom('bind', 'connect'),
  address: fc.constantFrom(...addresses),
  port: integer,
  cookie: integer,
};

/** A value for every attribute and parameter, each of them unknown in some of the environments where `unknowns` is true. */
export function valuesOf(unknowns: boolean): fc.Arbitrary<Values> {
  if (!unknowns) return fc.record(possible);
  return fc.record(
    Object.fromEntries(
      Object.entries(possible).map(([name, value]) => [name, fc.option(value, { nil: undefined, freq: 3 })]),
    ),
  );
}

export function environmentOf(values: Values): Environment {
  return { attribute: (name) => values[name], parameter: (name) => values[name] };
}

const syscallEffects: readonly Effect[] = [
  { kind: 'allow' },
  { kind: 'errno', errno: 1 },
  { kind: 'errno', errno: 2 },
  { kind: 'kill-process' },
];

/** A decision of up to `most` rules, some of them written by the author and some by a preset. */
export function decisionAt(point: Point, combine: Combination, most = 8): fc.Arbitrary<Decision> {
  // Of several manners of denial the first that is known to hold is named, although an unknown one may come before it:
  // with a single manner that makes no difference.
  const manners = combine === 'first-match' ? syscallEffects : syscallEffects.slice(0, 2);
  const effects: readonly Effect[] = point === 'syscall' ? manners : [{ kind: 'allow' }, { kind: 'deny' }];
  const effect = combine === 'union-of-allows' ? fc.constant<Effect>({ kind: 'allow' }) : fc.constantFrom(...effects);
  const rule = fc.record({ when: predicateAt(point), effect, preset: fc.boolean() });
  return fc.tuple(fc.array(rule, { maxLength: most }), fc.constantFrom(...effects)).map(([rules, fallback]) => ({
    point,
    combine,
    rules: rules.map(
      ({ when, effect, preset }, index): Rule => ({
        id: `${point}/${index}`,
        topic: `${point}s[${index}]`,
        when,
        effect,
        origin: {
          span: { file: 'policy.yaml', start: 10 * index, end: 10 * index + 5 },
          ...(preset ? { by: 'preset medium' } : {}),
        },
      }),
    ),
    otherwise: {
      id: `${point}/otherwise`,
      topic: 'default',
      effect: fallback,
      origin: { span: { file: 'policy.yaml', start: 500, end: 510 } },
    },
  }));
}
