import type { Diagram, DiagramNode } from './diagram.ts';
import type { Formula, FormulaId, FormulaTable, WordRange } from './formula.ts';
import { fullMask, isConstant, type Word, type WordPair } from './words.ts';

/** Turns formulas into diagrams that lead to true and false. */
export class FormulaDiagrams {
  readonly #table: FormulaTable;
  readonly #diagram: Diagram;
  readonly #known = new Map<FormulaId, DiagramNode>();

  constructor(table: FormulaTable, diagram: Diagram) {
    this.#table = table;
    this.#diagram = diagram;
  }

  diagramOf(id: FormulaId): DiagramNode {
    let node = this.#known.get(id);
    if (node === undefined) {
      node = this.#build(this.#table.get(id));
      this.#known.set(id, node);
    }
    return node;
  }

  #build(formula: Formula): DiagramNode {
    const { trueNode, falseNode } = this.#diagram;
    switch (formula.kind) {
      case 'constant':
        return formula.value ? trueNode : falseNode;
      case 'not':
        return this.#diagram.choose(this.diagramOf(formula.of), falseNode, trueNode);
      case 'and':
        return this.#diagram.choose(this.diagramOf(formula.left), this.diagramOf(formula.right), falseNode);
      case 'or':
        return this.#diagram.choose(this.diagramOf(formula.left), trueNode, this.diagramOf(formula.right));
      case 'ranges':
        return this.#ranges(formula.term, formula.ranges);
      case 'relation':
        return this.#relation(formula.operator, formula.left, formula.right);
      default: {
        const unreachable: never = formula;
        return unreachable;
      }
    }
  }

  /** Splits the high words where a range begins or ends; between two such places the low words' ranges are the same. */
  #ranges(term: WordPair, ranges: readonly WordRange[]): DiagramNode {
    const cuts = new Set([0]);
    for (const range of ranges) {
      cuts.add(range.lowHigh).add(range.highHigh);
      if (range.lowHigh < fullMask) cuts.add(range.lowHigh + 1);
      if (range.highHigh < fullMask) cuts.add(range.highHigh + 1);
    }
    const starts = [...cuts].sort((left, right) => left - right);
    let first = 0;
    const children = starts.map((high) => {
      while (first < ranges.length && ranges[first]!.highHigh < high) first += 1;
      const lowStarts = [0];
      const lowChildren = [this.#diagram.falseNode];
      for (let at = first; at < ranges.length && ranges[at]!.lowHigh <= high; at += 1) {
        const range = ranges[at]!;
        const from = range.lowHigh === high ? range.lowLow : 0;
        const to = range.highHigh === high ? range.highLow : fullMask;
        if (lowStarts[lowStarts.length - 1] === from) {
          lowChildren[lowChildren.length - 1] = this.#diagram.trueNode;
        } else {
          lowStarts.push(from);
          lowChildren.push(this.#diagram.trueNode);
        }
        if (to < fullMask) {
          lowStarts.push(to + 1);
          lowChildren.push(this.#diagram.falseNode);
        }
      }
      return this.#onWord(term.low, lowStarts, lowChildren);
    });
    return this.#onWord(term.high, starts, children);
  }

  #onWord(word: Word, starts: readonly number[], children: readonly DiagramNode[]): DiagramNode {
    if (word.kind === 'data') return this.#diagram.onWord(word.offset, word.mask, starts, children);
    if (isConstant(word)) return children[starts.findLastIndex((start) => start <= word.value)]!;
    // A parameter beside constants: one comparison for each place where its ranges change.
    let node = children[children.length - 1]!;
    for (let at = starts.length - 2; at >= 0; at -= 1) {
      const isBelow = this.#compareWords('<', word, { kind: 'constant', value: starts[at + 1]! });
      node = this.#diagram.choose(isBelow, children[at]!, node);
    }
    return node;
  }

  #relation(operator: '==' | '<' | '<=', left: WordPair, right: WordPair): DiagramNode {
    const { falseNode, trueNode } = this.#diagram;
    const highEqual = this.#compareWords('==', left.high, right.high);
    if (operator === '==') {
      return this.#diagram.choose(highEqual, this.#compareWords('==', left.low, right.low), falseNode);
    }
    // `left <= right` is `not right < left`.
    const low =
      operator === '<'
        ? this.#compareWords('<', left.low, right.low)
        : this.#diagram.choose(this.#compareWords('<', right.low, left.low), falseNode, trueNode);
    const rest = this.#diagram.choose(highEqual, low, falseNode);
    return this.#diagram.choose(this.#compareWords('<', left.high, right.high), trueNode, rest);
  }

  #compareWords(operator: '==' | '<', left: Word, right: Word): DiagramNode {
    const { falseNode, trueNode } = this.#diagram;
    if (isConstant(left) && isConstant(right)) {
      const holds = operator === '==' ? left.value === right.value : left.value < right.value;
      return holds ? trueNode : falseNode;
    }
    if (left.kind === 'data' && isConstant(right)) {
      const [starts, children] = cutAt(
        operator === '==' ? right.value : 0,
        operator === '==' ? right.value : right.value - 1,
      );
      return this.#diagram.onWord(left.offset, left.mask, starts, this.#truths(children));
    }
    if (right.kind === 'data' && isConstant(left)) {
      const [starts, children] = cutAt(
        operator === '==' ? left.value : left.value + 1,
        operator === '==' ? left.value : fullMask,
      );
      return this.#diagram.onWord(right.offset, right.mask, starts, this.#truths(children));
    }
    // Equality is written one way round, so that it is one variable.
    const swap = operator === '==' && right.kind === 'data' && left.kind !== 'data';
    return swap
      ? this.#diagram.onRelation(operator, right, left, trueNode, falseNode)
      : this.#diagram.onRelation(operator, left, right, trueNode, falseNode);
  }

  #truths(values: readonly boolean[]): readonly DiagramNode[] {
    return values.map((value) => (value ? this.#diagram.trueNode : this.#diagram.falseNode));
  }
}

/** Where 32-bit numbers enter and leave the range from `low` to `high`, which is empty where `low` is above. */
function cutAt(low: number, high: number): [starts: number[], inside: boolean[]] {
  if (low > high) return [[0], [false]];
  const starts = low > 0 ? [0, low] : [0];
  const inside = low > 0 ? [false, true] : [true];
  if (high < fullMask) {
    starts.push(high + 1);
    inside.push(false);
  }
  return [starts, inside];
}
