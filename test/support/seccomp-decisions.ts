import fc from 'fast-check';
import type { CompareOperator, Predicate, Range, Term } from '../../compiler/expressions/predicate.ts';
import { attribute, compare, inSet, literal } from '../../compiler/expressions/predicate.ts';
import type { Combination, Decision, Effect, Rule } from '../../compiler/ir/policy.ts';
import { type Architecture, architectures } from '../../compiler/tables/architectures.ts';
import { syscallNames } from '../../compiler/tables/syscalls.ts';

/** Values near which 64-bit comparisons go wrong. */
const corners = [
  0n,
  1n,
  2n,
  0x7fn,
  0x8000_0000n,
  0xffff_fffen,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_0001n,
  0x1_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_0000_0000n,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
];

export const word64: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...corners),
  fc.bigInt({ min: 0n, max: 40n }),
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
);

const mask64: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(0n, 1n, 0x80n, 0xffn, 0xffff_ffffn, 0xffff_ffff_0000_0000n, 0x8000_0000_8000_0000n, 0x7e02_0000n),
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
);

/** Neighbours in the tables and names that only some architectures have, so that ranges begin and end. */
const someNames = [
  'read',
  'write',
  'open',
  'close',
  'openat',
  'clone',
  'clone3',
  'socket',
  'personality',
  'ptrace',
  'mmap',
  'mmap2',
  'time',
  'breakpoint',
  'set_tls',
  'arch_prctl',
  'recvfrom',
  'rt_sigaction',
  'riscv_flush_icache',
  'futex_waitv',
];

const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...someNames) },
  { weight: 3, arbitrary: fc.constantFrom(...syscallNames()) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '#0',
      '#335',
      '#9999',
      '#007',
      '#1073741824',
      '#1073742300',
      '#3221225477',
      '#4294967295',
      '#5000000000',
      'nothing',
    ),
  },
);

const argument: fc.Arbitrary<Term> = fc.constantFrom('arg0', 'arg0', 'arg1', 'arg2', 'arg5').map(attribute);
const integer: fc.Arbitrary<Term> = fc.oneof(
  { weight: 4, arbitrary: argument },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mask' as const), term: argument, mask: mask64 }) },
);
const parameter: fc.Arbitrary<Term> = fc.constantFrom('c0', 'c1').map((name) => ({ kind: 'parameter' as const, name }));
const other: fc.Arbitrary<Term> = fc.oneof(
  { weight: 8, arbitrary: word64.map(literal) },
  { weight: 1, arbitrary: parameter },
  { weight: 1, arbitrary: integer },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mask' as const), term: parameter, mask: mask64 }) },
);
const operator: fc.Arbitrary<CompareOperator> = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');

const ranges: fc.Arbitrary<readonly Range[]> = fc
  .array(fc.tuple(word64, fc.oneof(fc.constant(0n), word64)), { maxLength: 5 })
  .map((pairs) => {
    const sorted = pairs
      .map(([low, length]) => ({ low, high: low + length > corners[13]! ? corners[13]! : low + length }))
      .sort((left, right) => (left.low < right.low ? -1 : left.low > right.low ? 1 : 0));
    const joined: Range[] = [];
    for (const range of sorted) {
      const last = joined.at(-1);
      if (last === undefined || range.low > last.high + 1n) joined.push(range);
      else if (range.high > last.high) joined[joined.length - 1] = { low: last.low, high: range.high };
    }
    return joined;
  });

const simplePredicate: fc.Arbitrary<Predicate> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(name, { minLength: 1, maxLength: 12 }).map((names) => inSet(attribute('syscall'), names)),
  },
  { weight: 10, arbitrary: fc.tuple(integer, operator, other).map(([left, op, right]) => compare(left, op, right)) },
  { weight: 2, arbitrary: fc.tuple(other, operator, integer).map(([left, op, right]) => compare(left, op, right)) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('in-ranges' as const), term: integer, ranges }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('in-ranges' as const), term: parameter, ranges }) },
  { weight: 1, arbitrary: name.map((text) => compare(attribute('syscall'), '==', literal(text))) },
  { weight: 1, arbitrary: name.map((text) => compare(literal(text), '!=', attribute('syscall'))) },
  { weight: 1, arbitrary: fc.boolean().map((value) => compare(attribute('newer'), '==', literal(value))) },
  { weight: 2, arbitrary: fc.subarray([...architectures, 'other']).map((names) => inSet(attribute('arch'), names)) },
  { weight: 1, arbitrary: fc.boolean().map((value) => ({ kind: 'constant' as const, value })) },
);

export const predicate: fc.Arbitrary<Predicate> = fc.letrec<{ node: Predicate }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    simplePredicate,
    fc.array(tie('node'), { maxLength: 3 }).map((of) => ({ kind: 'and' as const, of })),
    fc.array(tie('node'), { maxLength: 3 }).map((of) => ({ kind: 'or' as const, of })),
    tie('node').map((of) => ({ kind: 'not' as const, of })),
  ),
})).node;

export const effect: fc.Arbitrary<Effect> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Effect>({ kind: 'allow' }) },
  { weight: 3, arbitrary: fc.constantFrom(1, 38, 65535).map((errno): Effect => ({ kind: 'errno', errno })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Effect>(
      { kind: 'kill-process' },
      { kind: 'kill-thread' },
      { kind: 'deny' },
      { kind: 'log' },
      { kind: 'notify' },
      { kind: 'trap', data: 7 },
      { kind: 'trace', data: 9 },
    ),
  },
);

/** Several masks on one word, which share what the accumulator holds. */
const maskedWord: fc.Arbitrary<Predicate> = fc
  .array(
    fc.tuple(
      fc.constantFrom(0x1n, 0x3n, 0xf0n, 0xffn, 0xffffn, 0xffff_ffffn, 0xf0_0000_00ffn),
      operator,
      fc.oneof(fc.bigInt({ min: 0n, max: 0x100n }).map(literal), parameter),
    ),
    { minLength: 2, maxLength: 5 },
  )
  .chain((parts) =>
    fc.constantFrom('and' as const, 'or' as const).map((kind) => ({
      kind,
      of: parts.map(([mask, op, right]) => compare({ kind: 'mask', term: attribute('arg0'), mask }, op, right)),
    })),
  );

/** The usual shape: a set of names, often with a condition on arguments. */
const usualPredicate: fc.Arbitrary<Predicate> = fc
  .tuple(fc.array(name, { minLength: 1, maxLength: 12 }), fc.option(fc.oneof(predicate, predicate, maskedWord)))
  .map(([names, condition]) => {
    const named = inSet(attribute('syscall'), names);
    return condition === null ? named : { kind: 'and', of: [named, condition] };
  });

const span = { file: 'random.yaml', start: 0, end: 0 };

export function decisionOf(
  rules: readonly (readonly [Predicate, Effect])[],
  otherwise: Effect,
  combine: Combination = 'first-match',
): Decision {
  return {
    point: 'syscall',
    combine,
    rules: rules.map(
      ([when, effect], index): Rule => ({ id: `syscall/${index}`, topic: 'rules', origin: { span }, when, effect }),
    ),
    otherwise: { id: 'syscall/otherwise', topic: 'default', origin: { span }, effect: otherwise },
  };
}

/** What most policies begin with: a refusal of what is not theirs. */
const guard: fc.Arbitrary<readonly (readonly [Predicate, Effect])[]> = fc.oneof(
  fc.constant([]),
  fc
    .tuple(fc.subarray([...architectures]), effect)
    .map(([names, how]) => [[{ kind: 'not', of: inSet(attribute('arch'), names) } as const, how] as const]),
);

export const decision: fc.Arbitrary<Decision> = fc
  .tuple(
    guard,
    fc.array(fc.tuple(fc.oneof(usualPredicate, usualPredicate, predicate), effect), { maxLength: 8 }),
    effect,
    fc.constantFrom<Combination>('first-match', 'first-match', 'union-of-allows', 'deny-overrides'),
  )
  .map(([first, rules, otherwise, combine]) => decisionOf([...first, ...rules], otherwise, combine));

export const served: fc.Arbitrary<readonly Architecture[]> = fc.oneof(
  fc.constantFrom<readonly Architecture[]>(
    ['x86_64'],
    ['x86_64', 'x32'],
    ['x86_64', 'x86', 'x32'],
    ['x32'],
    ['aarch64', 'arm'],
  ),
  fc.subarray([...architectures], { minLength: 1 }),
);
