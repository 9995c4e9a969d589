import { evaluate } from '../../../expressions/evaluate.ts';
import { parseNetwork } from '../../../expressions/network.ts';
import type { CompareOperator, Predicate, Range, Term } from '../../../expressions/predicate.ts';
import type { Label } from '../binary/code.ts';
import type { PlainOperation } from '../binary/operations.ts';
import { type SlotType, typeOf } from '../layout.ts';
import { equalTexts, orderTexts } from '../library/texts.ts';
import { decideBy, type Exits, goTo, type Outcome } from './jumps.ts';
import { type Operands, RECORD } from './operands.ts';
import { testBeneath, testGlob, testMembership } from './texts.ts';

type Leaf = Exclude<Predicate, { kind: 'constant' | 'and' | 'or' | 'not' }>;

/** Writes a predicate as jumps, in Kleene's logic: an operand of `and` or `or` that decides does so whatever is unknown. */
export function lowerPredicate(predicate: Predicate, operands: Operands, exits: Exits): void {
  const { code } = operands;
  switch (predicate.kind) {
    case 'constant':
      leave(operands, exits, predicate.value);
      return;
    case 'not':
      lowerPredicate(predicate.of, operands, {
        whenTrue: exits.whenFalse,
        whenFalse: exits.whenTrue,
        whenUnknown: exits.whenUnknown,
      });
      return;
    case 'and':
    case 'or':
      lowerJunction(predicate.of, predicate.kind === 'or', operands, exits);
      return;
    default: {
      const names = slotsOf(predicate, operands);
      if (names.length === 0) {
        // Of constants alone.
        const value = evaluate(predicate, { attribute: () => undefined, parameter: () => undefined });
        if (value !== undefined) leave(operands, exits, value);
        else if (exits.whenUnknown !== undefined) code.branch(exits.whenUnknown);
        return;
      }
      withLabels(operands, exits, (labels) => {
        for (const [name, type] of names) operands.requireKnown(name, type, labels.whenUnknown);
        lowerLeaf(predicate, operands, {
          whenTrue: labels.whenTrue,
          whenFalse: labels.whenFalse,
          next: exits.whenTrue === undefined ? 'true' : exits.whenFalse === undefined ? 'false' : undefined,
        });
      });
    }
  }
}

function leave({ code }: Operands, { whenTrue, whenFalse }: Exits, value: boolean): void {
  const label = value ? whenTrue : whenFalse;
  if (label !== undefined) code.branch(label);
}

/** Gives the exit that falls through a label of its own, whose end is what is written next. */
function withLabels(
  { code }: Operands,
  exits: Exits,
  write: (labels: { whenTrue: Label; whenFalse: Label; whenUnknown: Label }) => void,
): void {
  const next = code.block();
  const { whenTrue = next, whenFalse = next, whenUnknown = next } = exits;
  write({ whenTrue, whenFalse, whenUnknown });
  code.end();
}

/** @param decisive what decides whatever the other operands are: true for `or` */
function lowerJunction(of: readonly Predicate[], decisive: boolean, operands: Operands, exits: Exits): void {
  const { code } = operands;
  const last = of.at(-1);
  if (last === undefined) {
    leave(operands, exits, !decisive);
    return;
  }
  if (of.length === 1) {
    lowerPredicate(last, operands, exits);
    return;
  }
  withLabels(operands, exits, ({ whenTrue, whenFalse, whenUnknown }) => {
    const decided = decisive ? whenTrue : whenFalse;
    const undecided = decisive ? whenFalse : whenTrue;
    const unknown = code.local('i32');
    const onto = (next: Label, whenOperandUnknown: Label | undefined): Exits => ({
      whenTrue: decisive ? decided : next,
      whenFalse: decisive ? next : decided,
      whenUnknown: whenOperandUnknown,
    });
    for (const operand of of.slice(0, -1)) {
      const next = code.block();
      lowerPredicate(operand, operands, onto(next, undefined));
      code.i32(1);
      code.set(unknown);
      code.end();
    }
    const held = code.block();
    lowerPredicate(last, operands, onto(held, whenUnknown));
    code.end();
    code.get(unknown);
    code.branchIf(whenUnknown);
    code.branch(undecided);
  });
}

/** The attributes and parameters of a test, each with the type of its slot. */
function slotsOf(leaf: Leaf, operands: Operands): readonly (readonly [string, SlotType])[] {
  const { point } = operands.context;
  const found = new Map<string, SlotType>();
  const add = (term: Term, type: SlotType): void => {
    if (term.kind === 'mask') add(term.term, 'integer');
    else if (term.kind === 'attribute') found.set(term.name, type);
    else if (term.kind === 'parameter') found.set(`$${term.name}`, type);
  };
  if (leaf.kind === 'compare') {
    add(leaf.left, typeOf(leaf.left, point, leaf.right));
    add(leaf.right, typeOf(leaf.right, point, leaf.left));
  } else {
    add(leaf.term, leaf.kind === 'in-ranges' ? 'integer' : leaf.kind === 'in-network' ? 'address' : 'text');
  }
  return [...found];
}

/** What it speaks of is known. */
function lowerLeaf(leaf: Leaf, operands: Operands, outcome: Outcome): void {
  switch (leaf.kind) {
    case 'compare':
      lowerCompare(leaf.left, leaf.operator, leaf.right, operands, outcome);
      return;
    case 'in-set':
      testMembership(operands, nameOf(leaf.term), leaf.values, outcome);
      return;
    case 'glob':
      testGlob(operands, nameOf(leaf.term), leaf.pattern, outcome);
      return;
    case 'beneath':
      testBeneath(operands, nameOf(leaf.term), leaf.pattern, outcome);
      return;
    case 'in-ranges':
      lowerRanges(leaf.term, leaf.ranges, operands, outcome);
      return;
    case 'in-network':
      lowerNetwork(nameOf(leaf.term), leaf.network, operands, outcome);
      return;
    default:
      leaf satisfies never;
  }
}

function nameOf(term: Term): string {
  if (term.kind === 'attribute') return term.name;
  if (term.kind === 'parameter') return `$${term.name}`;
  throw new Error(`a test of ${term.kind}`);
}

const flipped: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

type Comparisons = Readonly<Record<CompareOperator, PlainOperation>>;

const integers: Comparisons = {
  '==': 'i64.eq',
  '!=': 'i64.ne',
  '<': 'i64.lt_u',
  '<=': 'i64.le_u',
  '>': 'i64.gt_u',
  '>=': 'i64.ge_u',
};

const numbers: Comparisons = {
  '==': 'f64.eq',
  '!=': 'f64.ne',
  '<': 'f64.lt',
  '<=': 'f64.le',
  '>': 'f64.gt',
  '>=': 'f64.ge',
};

const signs: Comparisons = {
  '==': 'i32.eq',
  '!=': 'i32.ne',
  '<': 'i32.lt_s',
  '<=': 'i32.le_s',
  '>': 'i32.gt_s',
  '>=': 'i32.ge_s',
};

function lowerCompare(left: Term, operator: CompareOperator, right: Term, operands: Operands, outcome: Outcome): void {
  const { code, context } = operands;
  if (left.kind === 'literal' && right.kind !== 'literal') {
    lowerCompare(right, flipped[operator], left, operands, outcome);
    return;
  }
  const type = typeOf(left, context.point, right);
  if (type !== 'text') {
    pushScalar(left, type, operands);
    pushScalar(right, type, operands);
    code.op((type === 'integer' ? integers : type === 'number' ? numbers : signs)[operator]);
    decideBy(code, outcome);
    return;
  }
  const constant = right.kind === 'literal' ? String(right.value) : undefined;
  if (constant !== undefined && (operator === '==' || operator === '!=')) {
    if (operator === '==') testMembership(operands, nameOf(left), [constant], outcome);
    else testMembership(operands, nameOf(left), [constant], negated(outcome));
    return;
  }
  pushText(left, operands);
  pushText(right, operands);
  if (operator === '==' || operator === '!=') {
    code.call(equalTexts(context.module).index);
    if (operator === '!=') code.op('i32.eqz');
  } else {
    code.call(orderTexts(context.module).index);
    code.i32(0);
    code.op(signs[operator]);
  }
  decideBy(code, outcome);
}

function negated({ whenTrue, whenFalse, next }: Outcome): Outcome {
  return {
    whenTrue: whenFalse,
    whenFalse: whenTrue,
    next: next === undefined ? undefined : next === 'true' ? 'false' : 'true',
  };
}

function pushText(term: Term, operands: Operands): void {
  const { code, context } = operands;
  if (term.kind === 'literal') {
    const { address, length } = context.module.data.text(String(term.value));
    code.i32(address);
    code.i32(length);
    return;
  }
  operands.pushAddress(nameOf(term));
  operands.pushLength(nameOf(term));
}

function pushScalar(term: Term, type: SlotType, operands: Operands): void {
  const { code } = operands;
  switch (term.kind) {
    case 'literal':
      if (typeof term.value === 'bigint') code.i64(term.value);
      else if (typeof term.value === 'number') code.f64(term.value);
      else code.i32(term.value === true ? 1 : 0);
      return;
    case 'mask':
      pushScalar(term.term, 'integer', operands);
      code.i64(term.mask);
      code.op('i64.and');
      return;
    case 'attribute':
    case 'parameter':
      operands.push(nameOf(term), type === 'integer' || type === 'number' ? type : 'boolean');
      return;
    default:
      term satisfies never;
  }
}

/** Bisects the ranges, so that of many few are compared. */
function lowerRanges(term: Term, ranges: readonly Range[], operands: Operands, outcome: Outcome): void {
  const { code } = operands;
  if (ranges.length === 0) {
    goTo(code, outcome, false);
    return;
  }
  const value = code.local('i64');
  pushScalar(term, 'integer', operands);
  code.set(value);
  const search = (from: number, to: number): void => {
    const isLast = to === ranges.length;
    if (to - from === 1) {
      const { low, high } = ranges[from]!;
      code.get(value);
      if (low !== 0n) {
        code.i64(low);
        code.op('i64.sub');
      }
      code.i64(high - low);
      code.op('i64.le_u');
      if (isLast) decideBy(code, outcome);
      else {
        code.branchIf(outcome.whenTrue);
        code.branch(outcome.whenFalse);
      }
      return;
    }
    const middle = (from + to) >> 1;
    const upper = code.block();
    code.get(value);
    code.i64(ranges[middle]!.low);
    code.op('i64.ge_u');
    code.branchIf(upper);
    search(from, middle);
    code.end();
    search(middle, to);
  };
  search(0, ranges.length);
}

/** Addresses are sixteen bytes in the order of the network, those of IPv4 as `::ffff:a.b.c.d`. */
function lowerNetwork(name: string, text: string, operands: Operands, outcome: Outcome): void {
  const { code } = operands;
  const network = parseNetwork(text)!;
  const offset = operands.addressOffset(name);
  const four = network.family === 4;
  const prefix = four ? 96 + network.prefix : network.prefix;
  const bits = four ? (0xffffn << 32n) | network.bits : network.bits;
  const half = (at: 0 | 8): void => {
    const length = Math.min(Math.max(prefix - 8 * at, 0), 64);
    if (length === 0) return;
    const all = (1n << 64n) - 1n;
    const mask = all ^ (all >> BigInt(length));
    const wanted = (at === 0 ? bits >> 64n : bits) & mask;
    code.get(RECORD);
    code.aligned('i64.load', offset + at);
    if (length < 64) {
      code.i64(reversed(mask));
      code.op('i64.and');
    }
    code.i64(reversed(wanted));
    code.op('i64.ne');
    code.branchIf(outcome.whenFalse);
  };
  half(0);
  half(8);
  if (!four && prefix < 96 && containsMapped(bits, prefix)) {
    // An IPv4 address is in no network of IPv6.
    const six = code.block();
    code.get(RECORD);
    code.aligned('i64.load', offset);
    code.i64(0n);
    code.op('i64.ne');
    code.branchIf(six);
    code.get(RECORD);
    code.aligned('i32.load', offset + 8);
    code.i32(reversedWord);
    code.op('i32.eq');
    code.branchIf(outcome.whenFalse);
    code.end();
  }
  goTo(code, outcome, true);
}

/** The third word of `::ffff:a.b.c.d`: the bytes 0, 0, ff, ff, read as a little-endian number. */
const reversedWord = 0xffff_0000 | 0;

function containsMapped(bits: bigint, prefix: number): boolean {
  const beyond = BigInt(128 - prefix);
  return (0xffffn << 32n) >> beyond === bits >> beyond;
}

/** The number whose little-endian bytes are the big-endian ones of the given one. */
function reversed(value: bigint): bigint {
  let result = 0n;
  for (let at = 0n; at < 64n; at += 8n) result = (result << 8n) | ((value >> at) & 0xffn);
  return result;
}
