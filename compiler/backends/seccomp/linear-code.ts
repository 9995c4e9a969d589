import type { CodeGraph, CodeNode } from './code-graph.ts';
import type { Formula, FormulaId, FormulaTable, WordRange } from './formula.ts';
import { type Continuation, emitRelation } from './relation-code.ts';
import type { Relocations } from './relocations.ts';
import { fullMask, type Word, type WordPair } from './words.ts';

/**
 * Conditions on arguments compiled as they are written: short-circuit, each comparison loading its words. It is the
 * form without optimisation, and the one for conditions too tangled for a diagram.
 */
export class LinearCode {
  readonly #table: FormulaTable;
  readonly #graph: CodeGraph;
  readonly #relocations: Relocations;

  constructor(table: FormulaTable, graph: CodeGraph, relocations: Relocations) {
    this.#table = table;
    this.#graph = graph;
    this.#relocations = relocations;
  }

  choose(id: FormulaId, holds: CodeNode, fails: CodeNode): CodeNode {
    if (holds === fails) return holds;
    const formula: Formula = this.#table.get(id);
    switch (formula.kind) {
      case 'constant':
        return formula.value ? holds : fails;
      case 'not':
        return this.choose(formula.of, fails, holds);
      case 'and':
        return this.choose(formula.left, this.choose(formula.right, holds, fails), fails);
      case 'or':
        return this.choose(formula.left, holds, this.choose(formula.right, holds, fails));
      case 'ranges':
        return formula.ranges.reduceRight(
          (rest, range) => this.#inRange(formula.term, range, { holds, fails: rest }),
          fails,
        );
      case 'relation':
        return this.#relation(formula.operator, formula.left, formula.right, { holds, fails });
      default: {
        const unreachable: never = formula;
        return unreachable;
      }
    }
  }

  #inRange(term: WordPair, range: WordRange, { holds, fails }: Continuation): CodeNode {
    const low = { high: constant(range.lowHigh), low: constant(range.lowLow) };
    const high = { high: constant(range.highHigh), low: constant(range.highLow) };
    if (range.lowHigh === range.highHigh && range.lowLow === range.highLow) {
      return this.#relation('==', term, low, { holds, fails });
    }
    const notAbove =
      range.highHigh === fullMask && range.highLow === fullMask
        ? holds
        : this.#relation('<=', term, high, { holds, fails });
    return range.lowHigh === 0 && range.lowLow === 0
      ? notAbove
      : this.#relation('<', term, low, { holds: fails, fails: notAbove });
  }

  #relation(operator: '==' | '<' | '<=', left: WordPair, right: WordPair, next: Continuation): CodeNode {
    if (operator === '<=') {
      return this.#relation('<', right, left, { holds: next.fails, fails: next.holds });
    }
    const low = this.#words(operator, left.low, right.low, next);
    const rest = this.#words('==', left.high, right.high, { holds: low, fails: next.fails });
    return operator === '==' ? rest : this.#words('<', left.high, right.high, { holds: next.holds, fails: rest });
  }

  #words(operator: '==' | '<', left: Word, right: Word, next: Continuation): CodeNode {
    if (left.kind === 'constant' && right.kind === 'constant') {
      const holds = operator === '==' ? left.value === right.value : left.value < right.value;
      return holds ? next.holds : next.fails;
    }
    if (next.holds === next.fails) return next.holds;
    return emitRelation(this.#graph, this.#relocations, operator, left, right, next, false);
  }
}

function constant(value: number): Word {
  return { kind: 'constant', value };
}
