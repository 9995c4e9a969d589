import type { CompareOperator, Predicate, Term } from '../../compiler/expressions/predicate.ts';
import type { Combination, Decision, Effect, Rule } from '../../compiler/ir/policy.ts';
import { type Architecture, architectures } from '../../compiler/tables/architectures.ts';

/** A deterministic source of numbers (mulberry32), so that a failing case can be repeated by its seed. */
export class Random {
  private state: number;
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  word(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(bound: number): number {
    return this.word() % bound;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  long(): bigint {
    return (BigInt(this.word()) << 32n) | BigInt(this.word());
  }
}

const names = [
  'read',
  'write',
  'openat',
  'clone',
  'clone3',
  'socket',
  'personality',
  'ioctl',
  'mmap',
  'mmap2',
  'breakpoint',
];
const hashed = ['#500', '#1000', '#3', '#1073741824', '#4294967295', '#336'];
const masks = [0xffn, 0x40n, 0xffff_ffffn, 0xffff_ffff_0000_0000n, 0x7e02_0000n, 0x8000_0000_0000_0001n];

/** A small decision at the point `syscall` that uses every kind of predicate which seccomp can enforce. */
export function randomDecision(random: Random): Decision {
  const count = 1 + random.below(6);
  const rules: Rule[] = [];
  for (let at = 0; at < count; at += 1) {
    rules.push({ ...node(`syscall/${at}`), when: rulePredicate(random), effect: randomEffect(random) });
  }
  return {
    point: 'syscall',
    combine: random.pick<Combination>(['first-match', 'first-match', 'union-of-allows', 'deny-overrides']),
    rules,
    otherwise: { ...node('syscall/otherwise'), effect: randomEffect(random) },
  };
}

/** Some architectures that one program may serve. */
export function randomArchitectures(random: Random): Architecture[] {
  const chosen = architectures.filter(() => random.below(3) === 0);
  return chosen.length === 0 ? ['x86_64'] : chosen;
}

function node(id: string) {
  return { id, topic: 'syscalls', origin: { span: { file: 'random.yaml', start: 0, end: 0 } } };
}

function randomEffect(random: Random): Effect {
  const data = random.pick([0, 1, 38, 4096, 0xffff]);
  const effects: readonly Effect[] = [
    { kind: 'allow' },
    { kind: 'allow' },
    { kind: 'deny' },
    { kind: 'log' },
    { kind: 'errno', errno: data },
    { kind: 'trap', data },
    { kind: 'trace', data },
    { kind: 'notify' },
    { kind: 'kill-thread' },
    { kind: 'kill-process' },
  ];
  return random.pick(effects);
}

function rulePredicate(random: Random): Predicate {
  const kind = random.below(4);
  if (kind === 0) return numberPredicate(random);
  if (kind === 1) return randomPredicate(random, 2);
  return { kind: 'and', of: [numberPredicate(random), randomPredicate(random, 2)] };
}

function numberPredicate(random: Random): Predicate {
  const term: Term = { kind: 'attribute', name: 'syscall' };
  switch (random.below(6)) {
    case 0:
      return compare(
        { kind: 'attribute', name: 'arch' },
        random.pick(['==', '!=']),
        random.pick([...architectures, 'other']),
      );
    case 1:
      return compare({ kind: 'attribute', name: 'newer' }, random.pick(['==', '!=']), random.below(2) === 0);
    case 2:
      return compare(term, random.pick(['==', '!=']), random.pick([...names, ...hashed]));
    default:
      return { kind: 'in-set', term, values: [...names, ...hashed].filter(() => random.below(3) === 0).sort() };
  }
}

function compare(left: Term, operator: CompareOperator, value: string | boolean | bigint): Predicate {
  return { kind: 'compare', operator, left, right: { kind: 'literal', value } };
}

export function randomPredicate(random: Random, depth: number): Predicate {
  const kind = depth === 0 ? 0 : random.below(8);
  switch (kind) {
    case 5:
      return { kind: 'not', of: randomPredicate(random, depth - 1) };
    case 6:
    case 7:
      return {
        kind: kind === 6 ? 'and' : 'or',
        of: Array.from({ length: 1 + random.below(3) }, () => randomPredicate(random, depth - 1)),
      };
    case 3:
      if (random.below(3) !== 0) return randomPredicate(random, 0);
      return { kind: 'compare', operator: operator(random), left: argument(random), right: argument(random) };
    case 4:
      return random.below(3) === 0 ? numberPredicate(random) : ranges(random);
    default:
      return compare(argument(random), operator(random), constant(random));
  }
}

function operator(random: Random): CompareOperator {
  return random.pick<CompareOperator>(['==', '!=', '<', '<=', '>', '>=']);
}

function ranges(random: Random): Predicate {
  const ends = [constant(random), constant(random), constant(random), constant(random)].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const [a, b, c, d] = ends as [bigint, bigint, bigint, bigint];
  const two = c > b + 1n;
  return {
    kind: 'in-ranges',
    term: argument(random),
    ranges: two
      ? [
          { low: a, high: b },
          { low: c, high: d },
        ]
      : [{ low: a, high: d }],
  };
}

function argument(random: Random): Term {
  const term: Term = { kind: 'attribute', name: `arg${random.below(3)}` };
  return random.below(3) === 0 ? { kind: 'mask', term, mask: random.pick(masks) } : term;
}

function constant(random: Random): bigint {
  return random.below(8) === 0
    ? random.long()
    : random.pick([0n, 1n, 2n, 5n, 0x40n, 0xffn, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0005n, 0xffff_ffff_ffff_ffffn]);
}
