import { compareValues } from '../../expressions/evaluate.ts';
import { matchesGlob } from '../../expressions/glob.ts';
import { mirroredOperator } from '../../expressions/operators.ts';
import type { CompareOperator, Predicate, Term, Value } from '../../expressions/predicate.ts';
import { type FormulaId, type FormulaTable, falseFormula, trueFormula, type WordRange } from './formula.ts';
import type { NumberSpace } from './number-space.ts';
import { isConstant, splitTerm, type WordPair, wordKey } from './words.ts';

/**
 * What is left of a predicate when the architecture is known: `base` for every slot of its numbers but those listed.
 * No slot is listed twice.
 */
export interface Residual {
  readonly base: FormulaId;
  readonly slots: readonly number[];
  /** For each of `slots`. */
  readonly formulas: readonly FormulaId[];
}

/** A predicate that has no form in seccomp, such as a glob over the unbounded names `#N`. */
export interface Inexpressible {
  readonly reason: string;
}

export function isInexpressible(residual: Residual | Inexpressible): residual is Inexpressible {
  return 'reason' in residual;
}

const nowhere: Residual = { base: falseFormula, slots: [], formulas: [] };
const everywhere: Residual = { base: trueFormula, slots: [], formulas: [] };

/** Evaluates predicates for one convention as far as it and the number decide them. */
export class ResidualEvaluator {
  readonly #space: NumberSpace;
  readonly #table: FormulaTable;
  readonly #atoms: Map<Predicate, FormulaId>;
  /** Scratch for junctions of two residuals that both list slots: each slot's formula of the left one. */
  readonly #left: Int32Array;

  /** @param atoms shared by the evaluators of one program, so that an argument's condition is lowered once. */
  constructor(space: NumberSpace, table: FormulaTable, atoms: Map<Predicate, FormulaId>) {
    this.#space = space;
    this.#table = table;
    this.#atoms = atoms;
    this.#left = new Int32Array(space.slots);
  }

  evaluate(predicate: Predicate): Residual | Inexpressible {
    switch (predicate.kind) {
      case 'constant':
        return predicate.value ? everywhere : nowhere;
      case 'not': {
        const inner = this.evaluate(predicate.of);
        if (isInexpressible(inner)) return inner;
        return {
          base: this.#table.not(inner.base),
          slots: inner.slots,
          formulas: inner.formulas.map((formula) => this.#table.not(formula)),
        };
      }
      case 'and':
      case 'or':
        return this.#junction(predicate.kind, predicate.of);
      case 'in-set':
        return this.#inSet(predicate.term, predicate.values);
      case 'glob':
        return this.#glob(predicate.term, predicate.pattern);
      case 'compare':
        return this.#compare(predicate);
      case 'in-ranges':
        return this.#atom(predicate, predicate.term, () => {
          const pair = splitTerm(predicate.term);
          if (pair === undefined) return undefined;
          const ranges = predicate.ranges.flatMap((range) => wordRange(range.low, range.high));
          return this.#inRanges(pair, ranges);
        });
      case 'beneath':
      case 'in-network':
        return { reason: `a system call has nothing that \`${predicate.kind}\` could test` };
      default: {
        const unreachable: never = predicate;
        return unreachable;
      }
    }
  }

  #junction(kind: 'and' | 'or', of: readonly Predicate[]): Residual | Inexpressible {
    let parts: Residual[] = [];
    for (const operand of of) {
      const next = this.evaluate(operand);
      if (isInexpressible(next)) return next;
      parts.push(next);
    }
    // Joined in pairs, so that a condition of thousands of operands is no deeper than their logarithm.
    while (parts.length > 1) {
      const joined: Residual[] = [];
      for (let at = 0; at < parts.length; at += 2) {
        joined.push(at + 1 < parts.length ? this.#combine(kind, parts[at]!, parts[at + 1]!) : parts[at]!);
      }
      parts = joined;
    }
    return parts[0] ?? (kind === 'and' ? everywhere : nowhere);
  }

  #combine(kind: 'and' | 'or', left: Residual, right: Residual): Residual {
    const join = (a: FormulaId, b: FormulaId) => (kind === 'and' ? this.#table.and(a, b) : this.#table.or(a, b));
    const base = join(left.base, right.base);
    if (right.slots.length === 0) {
      if (left.slots.length === 0) return { base, slots: [], formulas: [] };
      return { base, slots: left.slots, formulas: left.formulas.map((formula) => join(formula, right.base)) };
    }
    if (left.slots.length === 0) {
      return { base, slots: right.slots, formulas: right.formulas.map((formula) => join(left.base, formula)) };
    }
    // -1 marks a slot that the left side lists and the right side does not.
    const scratch = this.#left.fill(left.base);
    left.slots.forEach((slot, index) => {
      scratch[slot] = left.formulas[index]!;
    });
    const slots = [...right.slots];
    const formulas = right.formulas.map((formula, index) => {
      const slot = right.slots[index]!;
      const joined = join(scratch[slot]!, formula);
      scratch[slot] = -1;
      return joined;
    });
    left.slots.forEach((slot, index) => {
      if (scratch[slot] === -1) return;
      slots.push(slot);
      formulas.push(join(left.formulas[index]!, right.base));
    });
    return { base, slots, formulas };
  }

  #inSet(term: Term, values: readonly string[]): Residual | Inexpressible {
    if (term.kind === 'literal') return values.includes(term.value as string) ? everywhere : nowhere;
    if (isAttribute(term, 'arch')) return values.includes(this.#space.convention) ? everywhere : nowhere;
    if (!isAttribute(term, 'syscall')) return { reason: 'a set of names is only for `arch` and `syscall`' };
    const slots: number[] = [];
    for (const name of values) {
      const slot = this.#space.slotOf(name);
      if (slot !== undefined) slots.push(slot);
    }
    return truthOf(slots);
  }

  #glob(term: Term, pattern: string): Residual | Inexpressible {
    if (!isAttribute(term, 'arch')) return { reason: 'a pattern over system calls has no end of names to match' };
    return matchesGlob(this.#space.convention, pattern) ? everywhere : nowhere;
  }

  #compare(predicate: Predicate & { readonly kind: 'compare' }): Residual | Inexpressible {
    const { left, operator, right } = predicate;
    if (left.kind !== 'attribute' && right.kind === 'attribute' && !right.name.startsWith('arg')) {
      return this.#compare({ ...predicate, left: right, operator: mirroredOperator[operator], right: left });
    }
    if (left.kind === 'attribute' && !left.name.startsWith('arg')) {
      if (right.kind !== 'literal') return { reason: `\`${left.name}\` can be compared with a literal only` };
      return this.#compareAttribute(left.name, operator, right.value);
    }
    if (left.kind === 'literal' && right.kind === 'literal' && typeof left.value !== 'bigint') {
      return compareValues(left.value, operator, right.value) ? everywhere : nowhere;
    }
    return this.#atom(predicate, left, () => this.#comparison(left, operator, right));
  }

  #compareAttribute(name: string, operator: CompareOperator, value: Value): Residual | Inexpressible {
    if (name === 'arch') return compareValues(this.#space.convention, operator, value) ? everywhere : nowhere;
    if (operator !== '==' && operator !== '!=') return { reason: `\`${name}\` has no order` };
    const equal = name === 'newer' ? this.#newerIs(value) : this.#inSet({ kind: 'attribute', name }, [String(value)]);
    if (operator === '==' || isInexpressible(equal)) return equal;
    return {
      base: this.#table.not(equal.base),
      slots: equal.slots,
      formulas: equal.formulas.map((formula) => this.#table.not(formula)),
    };
  }

  #newerIs(value: Value): Residual {
    if (typeof value !== 'boolean') return nowhere;
    const newer = truthOf(this.#space.newer);
    if (value) return newer;
    return { base: trueFormula, slots: newer.slots, formulas: newer.slots.map(() => falseFormula) };
  }

  #atom(predicate: Predicate, term: Term, lower: () => FormulaId | undefined): Residual | Inexpressible {
    let formula = this.#atoms.get(predicate);
    if (formula === undefined) {
      formula = lower();
      if (formula === undefined) return { reason: `\`${termText(term)}\` is no number that seccomp sees` };
      this.#atoms.set(predicate, formula);
    }
    return { base: formula, slots: [], formulas: [] };
  }

  #comparison(left: Term, operator: CompareOperator, right: Term): FormulaId | undefined {
    if (operator === '!=') return negated(this.#table, this.#comparison(left, '==', right));
    if (operator === '>') return this.#comparison(right, '<', left);
    if (operator === '>=') return this.#comparison(right, '<=', left);
    const leftPair = splitTerm(left);
    const rightPair = splitTerm(right);
    if (leftPair === undefined || rightPair === undefined) return undefined;
    if (right.kind === 'literal' && typeof right.value === 'bigint') {
      const bound = right.value;
      const low = operator === '==' ? bound : 0n;
      return this.#inRanges(leftPair, wordRange(low, operator === '<' ? bound - 1n : bound));
    }
    if (left.kind === 'literal' && typeof left.value === 'bigint') {
      const bound = left.value;
      const high = operator === '==' ? bound : highest;
      return this.#inRanges(rightPair, wordRange(operator === '<' ? bound + 1n : bound, high));
    }
    if (wordKey(leftPair.high) === wordKey(rightPair.high) && wordKey(leftPair.low) === wordKey(rightPair.low)) {
      return operator === '<' ? falseFormula : trueFormula;
    }
    return this.#table.add({ kind: 'relation', operator, left: leftPair, right: rightPair });
  }

  #inRanges(term: WordPair, ranges: readonly WordRange[]): FormulaId {
    if (ranges.length === 0) return falseFormula;
    const { high, low } = term;
    if (isConstant(high) && isConstant(low)) {
      const inside = ranges.some(
        (range) =>
          !before(high.value, low.value, range.lowHigh, range.lowLow) &&
          !before(range.highHigh, range.highLow, high.value, low.value),
      );
      return inside ? trueFormula : falseFormula;
    }
    return this.#table.add({ kind: 'ranges', term, ranges });
  }
}

const highest = 0xffff_ffff_ffff_ffffn;

/** The range in words, cut to 64 bits; none where nothing of it is left. */
function wordRange(low: bigint, high: bigint): readonly WordRange[] {
  const from = low < 0n ? 0n : low;
  const to = high > highest ? highest : high;
  if (from > to) return [];
  return [
    {
      lowHigh: Number(from >> 32n),
      lowLow: Number(from & 0xffff_ffffn),
      highHigh: Number(to >> 32n),
      highLow: Number(to & 0xffff_ffffn),
    },
  ];
}

function before(high: number, low: number, otherHigh: number, otherLow: number): boolean {
  return high < otherHigh || (high === otherHigh && low < otherLow);
}

function negated(table: FormulaTable, formula: FormulaId | undefined): FormulaId | undefined {
  return formula === undefined ? undefined : table.not(formula);
}

function truthOf(slots: readonly number[]): Residual {
  return { base: falseFormula, slots, formulas: slots.map(() => trueFormula) };
}

function isAttribute(term: Term, name: string): boolean {
  return term.kind === 'attribute' && term.name === name;
}

function termText(term: Term): string {
  switch (term.kind) {
    case 'literal':
      return String(term.value);
    case 'attribute':
    case 'parameter':
      return term.name;
    case 'mask':
      return `${termText(term.term)} & 0x${term.mask.toString(16)}`;
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}
