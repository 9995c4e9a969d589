import type { WordPair } from './words.ts';

/** An inclusive range of 64-bit values, in words, so that no bigint is touched after lowering. */
export interface WordRange {
  readonly lowHigh: number;
  readonly lowLow: number;
  readonly highHigh: number;
  readonly highLow: number;
}

/** A condition on the arguments of a call that is left when architecture and number are known. */
export type Formula =
  | { readonly kind: 'constant'; readonly value: boolean }
  /** The term lies in one of the ranges, which are sorted and disjoint. */
  | { readonly kind: 'ranges'; readonly term: WordPair; readonly ranges: readonly WordRange[] }
  /** Two terms of which the value of neither, or only of masked words of one, is known now. */
  | {
      readonly kind: 'relation';
      readonly operator: '==' | '<' | '<=';
      readonly left: WordPair;
      readonly right: WordPair;
    }
  | { readonly kind: 'not'; readonly of: FormulaId }
  | { readonly kind: 'and' | 'or'; readonly left: FormulaId; readonly right: FormulaId };

export type FormulaId = number;

export const falseFormula: FormulaId = 0;
export const trueFormula: FormulaId = 1;

/** Formulas by number, so that rules which ask the same of many system calls are compiled once. */
export class FormulaTable {
  readonly #formulas: Formula[] = [
    { kind: 'constant', value: false },
    { kind: 'constant', value: true },
  ];
  readonly #junctions = new Map<string, FormulaId>();

  get(id: FormulaId): Formula {
    return this.#formulas[id]!;
  }

  add(formula: Formula): FormulaId {
    return this.#formulas.push(formula) - 1;
  }

  not(of: FormulaId): FormulaId {
    if (of <= trueFormula) return 1 - of;
    const formula = this.get(of);
    return formula.kind === 'not' ? formula.of : this.#junction(`!${of}`, { kind: 'not', of });
  }

  and(left: FormulaId, right: FormulaId): FormulaId {
    if (left === falseFormula || right === falseFormula) return falseFormula;
    if (left === trueFormula || left === right) return right;
    if (right === trueFormula) return left;
    return this.#junction(`${left}&${right}`, { kind: 'and', left, right });
  }

  or(left: FormulaId, right: FormulaId): FormulaId {
    if (left === trueFormula || right === trueFormula) return trueFormula;
    if (left === falseFormula || left === right) return right;
    if (right === falseFormula) return left;
    return this.#junction(`${left}|${right}`, { kind: 'or', left, right });
  }

  #junction(key: string, formula: Formula): FormulaId {
    let id = this.#junctions.get(key);
    if (id === undefined) {
      id = this.add(formula);
      this.#junctions.set(key, id);
    }
    return id;
  }
}
