import type { CompareOperator, Predicate, Term } from '../../expressions/predicate.ts';
import { argumentSlot } from './argument-slot.ts';
import type { Diagrams, Long } from './diagram.ts';
import { type Operand, Relation } from './relation.ts';
import { Unsupported } from './unsupported.ts';

const widest = (1n << 64n) - 1n;

/** Diagrams of the leaves of predicates that look at arguments alone, and so are the same for all system calls. */
export class ArgumentDiagrams {
  private readonly leaves = new Map<Predicate, Map<number, number>>();
  private readonly diagrams: Diagrams;
  private readonly parameters: Readonly<Record<string, bigint>>;

  constructor(diagrams: Diagrams, parameters: Readonly<Record<string, bigint>>) {
    this.diagrams = diagrams;
    this.parameters = parameters;
  }

  /** `whenTrue` where the leaf holds, `whenFalse` elsewhere; built once for each pair of outcomes. */
  put(predicate: Extract<Predicate, { kind: 'compare' | 'in-ranges' }>, whenTrue: number, whenFalse: number): number {
    let known = this.leaves.get(predicate);
    if (known === undefined) {
      known = new Map();
      this.leaves.set(predicate, known);
    }
    const key = whenTrue * 2 ** 24 + whenFalse;
    let node = known.get(key);
    if (node === undefined) {
      node =
        predicate.kind === 'compare'
          ? this.comparison(predicate, whenTrue, whenFalse)
          : this.ranges(predicate, whenTrue, whenFalse);
      known.set(key, node);
    }
    return node;
  }

  private comparison(predicate: Extract<Predicate, { kind: 'compare' }>, whenTrue: number, whenFalse: number): number {
    const left = this.operand(predicate.left);
    const right = this.operand(predicate.right);
    if (left.kind === 'argument' && right.kind === 'number') {
      return this.compare(left, predicate.operator, right.value, whenTrue, whenFalse);
    }
    if (left.kind === 'number' && right.kind === 'argument') {
      return this.compare(right, mirrored[predicate.operator], left.value, whenTrue, whenFalse);
    }
    if (left.kind === 'argument' && right.kind === 'argument') {
      return this.relate(left, predicate.operator, right, whenTrue, whenFalse);
    }
    throw new Unsupported('two constants are compared where an argument was expected');
  }

  private relate(
    left: Argument,
    operator: CompareOperator,
    right: Argument,
    whenTrue: number,
    whenFalse: number,
  ): number {
    const { diagrams } = this;
    switch (operator) {
      case '==':
        return new Relation(diagrams, 'equal', left, right, 64).build(whenTrue, whenFalse);
      case '!=':
        return new Relation(diagrams, 'equal', left, right, 64).build(whenFalse, whenTrue);
      case '>':
        return new Relation(diagrams, 'greater', left, right, 64).build(whenTrue, whenFalse);
      case '<=':
        return new Relation(diagrams, 'greater', left, right, 64).build(whenFalse, whenTrue);
      case '<':
        return new Relation(diagrams, 'greater', right, left, 64).build(whenTrue, whenFalse);
      case '>=':
        return new Relation(diagrams, 'greater', right, left, 64).build(whenFalse, whenTrue);
      default: {
        const unreachable: never = operator;
        return unreachable;
      }
    }
  }

  private compare(
    argument: Argument,
    operator: CompareOperator,
    value: bigint,
    whenTrue: number,
    whenFalse: number,
  ): number {
    switch (operator) {
      case '==':
        return this.test('equal', argument, value, whenTrue, whenFalse);
      case '!=':
        return this.test('equal', argument, value, whenFalse, whenTrue);
      case '>':
        return this.test('greater', argument, value, whenTrue, whenFalse);
      case '>=':
        return this.test('greater', argument, value - 1n, whenTrue, whenFalse);
      case '<':
        return this.test('greater', argument, value - 1n, whenFalse, whenTrue);
      case '<=':
        return this.test('greater', argument, value, whenFalse, whenTrue);
      default: {
        const unreachable: never = operator;
        return unreachable;
      }
    }
  }

  /** Numbers beyond 64 bits keep their mathematical meaning: no argument equals them. */
  private test(
    comparison: 'equal' | 'greater',
    argument: Argument,
    value: bigint,
    whenTrue: number,
    whenFalse: number,
  ): number {
    if (value < 0n) return comparison === 'equal' ? whenFalse : whenTrue;
    if (value > widest) return whenFalse;
    return this.diagrams.branchLong(comparison, argument.slot, argument.mask, long(value), whenTrue, whenFalse);
  }

  /** The ranges are sorted and disjoint: a number above one range is looked for in the next. */
  private ranges(predicate: Extract<Predicate, { kind: 'in-ranges' }>, whenTrue: number, whenFalse: number): number {
    const argument = this.operand(predicate.term);
    if (argument.kind !== 'argument') throw new Unsupported('ranges of something that is not an argument');
    let node = whenFalse;
    for (let at = predicate.ranges.length - 1; at >= 0 && !this.diagrams.exhausted; at -= 1) {
      const { low, high } = predicate.ranges[at]!;
      node = this.test('greater', argument, high, node, whenTrue);
      node = this.test('greater', argument, low - 1n, node, whenFalse);
    }
    return node;
  }

  private operand(term: Term): Argument | { readonly kind: 'number'; readonly value: bigint } {
    let mask = widest;
    let inner = term;
    while (inner.kind === 'mask') {
      if (inner.mask < 0n) throw new Unsupported('a mask is negative');
      mask &= inner.mask;
      inner = inner.term;
    }
    if (inner.kind === 'attribute') {
      const slot = argumentSlot(inner);
      if (slot === undefined) throw new Unsupported(`an argument is compared with the attribute ${inner.name}`);
      return { kind: 'argument', slot, mask: long(mask) };
    }
    const value = inner.kind === 'literal' ? inner.value : this.parameters[inner.name];
    if (inner.kind === 'parameter' && value === undefined) {
      throw new Unsupported(`the parameter ${inner.name} has no value`);
    }
    if (typeof value !== 'bigint')
      throw new Unsupported('an argument is compared with something that is not an integer');
    return { kind: 'number', value: inner === term ? value : value & mask };
  }
}

interface Argument extends Operand {
  readonly kind: 'argument';
}

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function long(value: bigint): Long {
  return { high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) };
}
