import { fullMask, type Word, wordKey } from './words.ts';

/** A node of the diagram; the first numbers are its terminals. */
export type DiagramNode = number;

export type Variable =
  /** A word of the arguments, under a mask. */
  | { readonly kind: 'word'; readonly offset: number; readonly mask: number }
  /** A comparison of two words of which neither is a plain constant beside a word: its value is 0 or 1. */
  | { readonly kind: 'relation'; readonly operator: '==' | '<'; readonly left: Word; readonly right: Word };

/**
 * After this many ranges have been made the diagram gives up, within some ten milliseconds: so tangled a condition is
 * compiled as it is written.
 */
const workLimit = 12_000;

/**
 * Interval decision diagrams: functions from the argument words to actions. A node splits the values of one variable
 * into ranges; variables come in one order on every path and equal nodes are one, so equal functions of unmasked words
 * are one node, and a condition that does not matter disappears.
 */
export class Diagram {
  readonly falseNode: DiagramNode = 0;
  readonly trueNode: DiagramNode = 1;
  /** True when the limit was passed; nodes made since then mean nothing. */
  exceeded = false;
  #work = 0;
  readonly #variables: Variable[] = [];
  /** For each variable, what sorts it. */
  readonly #ranks: number[] = [];
  readonly #variableIds = new Map<string, number>();
  /** For each node its variable, -1 for terminals. */
  readonly #variable: number[] = [-1, -1];
  /** For each node where its ranges begin (the first is 0), and where each leads. */
  readonly #starts: (readonly number[])[] = [[], []];
  readonly #children: (readonly DiagramNode[])[] = [[], []];
  readonly #actions: number[] = [-1, -1];
  readonly #known = new Map<string, DiagramNode>();
  readonly #choices = new Map<string, DiagramNode>();

  /** The terminal that answers with `action`. */
  terminal(action: number): DiagramNode {
    return this.#intern(`!${action}`, -1, [], [], action);
  }

  isTerminal(node: DiagramNode): boolean {
    return this.#variable[node] === -1;
  }

  actionOf(terminal: DiagramNode): number {
    return this.#actions[terminal]!;
  }

  variableOf(node: DiagramNode): Variable {
    return this.#variables[this.#variable[node]!]!;
  }

  startsOf(node: DiagramNode): readonly number[] {
    return this.#starts[node]!;
  }

  childrenOf(node: DiagramNode): readonly DiagramNode[] {
    return this.#children[node]!;
  }

  /**
   * The node that leads to `children[i]` where the word lies in `[starts[i], starts[i + 1])`.
   */
  onWord(offset: number, mask: number, starts: readonly number[], children: readonly DiagramNode[]): DiagramNode {
    const variable = this.#wordVariable(offset, mask);
    return this.#node(variable, starts, children);
  }

  onRelation(operator: '==' | '<', left: Word, right: Word, holds: DiagramNode, fails: DiagramNode): DiagramNode {
    const key = `${wordKey(left)}${operator}${wordKey(right)}`;
    let variable = this.#variableIds.get(key);
    if (variable === undefined) {
      variable = this.#addVariable(key, { kind: 'relation', operator, left, right }, relationRank(left, right));
    }
    return this.#node(variable, [0, 1], [fails, holds]);
  }

  /** Where `condition` leads to true what `holds` does, and where to false what `fails` does. */
  choose(condition: DiagramNode, holds: DiagramNode, fails: DiagramNode): DiagramNode {
    if (condition === this.trueNode) return holds;
    if (condition === this.falseNode) return fails;
    if (holds === fails) return holds;
    if (holds === this.trueNode && fails === this.falseNode) return condition;
    const key = `${condition},${holds},${fails}`;
    const known = this.#choices.get(key);
    if (known !== undefined) return known;
    if (this.#work > workLimit) {
      this.exceeded = true;
      return fails;
    }
    const top = this.#first(this.#first(this.#variable[condition]!, this.#variable[holds]!), this.#variable[fails]!);
    const operands = [condition, holds, fails];
    const cursors = operands.map((operand) => (this.#variable[operand] === top ? 0 : -1));
    const starts: number[] = [];
    const children: DiagramNode[] = [];
    for (let start = 0; start !== -1; ) {
      const [a, b, c] = operands.map((operand, index) =>
        cursors[index] === -1 ? operand : this.#children[operand]![cursors[index]!]!,
      );
      starts.push(start);
      children.push(this.choose(a!, b!, c!));
      this.#work += 1;
      start = this.#advance(operands, cursors);
    }
    const chosen = this.#node(top, starts, children);
    this.#choices.set(key, chosen);
    return chosen;
  }

  /** Moves the cursors to the next value at which one of the operands changes; -1 where there is none. */
  #advance(operands: readonly DiagramNode[], cursors: number[]): number {
    let next = -1;
    operands.forEach((operand, index) => {
      if (cursors[index] === -1) return;
      const start = this.#starts[operand]![cursors[index]! + 1];
      if (start !== undefined && (next === -1 || start < next)) next = start;
    });
    if (next === -1) return -1;
    operands.forEach((operand, index) => {
      if (cursors[index] !== -1 && this.#starts[operand]![cursors[index]! + 1] === next) cursors[index]! += 1;
    });
    return next;
  }

  /** Of two variables the one that comes first in the order; -1, a terminal's, comes last. */
  #first(left: number, right: number): number {
    if (left === -1) return right;
    if (right === -1) return left;
    return this.#ranks[left]! <= this.#ranks[right]! ? left : right;
  }

  #wordVariable(offset: number, mask: number): number {
    const key = wordKey({ kind: 'data', offset, mask });
    const known = this.#variableIds.get(key);
    if (known !== undefined) return known;
    return this.#addVariable(key, { kind: 'word', offset, mask }, wordRank(offset));
  }

  /** Of variables of one word the whole word comes first, since its tests leave it in the accumulator. */
  #addVariable(key: string, variable: Variable, rank: number): number {
    const id = this.#variables.push(variable) - 1;
    const whole = variable.kind === 'word' && variable.mask === fullMask;
    this.#ranks.push(rank * 0x10_0000 + (whole ? 0 : id + 1));
    this.#variableIds.set(key, id);
    return id;
  }

  /** Joins neighbouring ranges that lead to one node, and drops values that a masked word cannot have. */
  #node(variable: number, starts: readonly number[], children: readonly DiagramNode[]): DiagramNode {
    const described = this.#variables[variable]!;
    const mask = described.kind === 'word' ? described.mask : 1;
    const kept: number[] = [];
    const leads: DiagramNode[] = [];
    for (let at = 0; at < starts.length; at += 1) {
      const start = nextSubmask(starts[at]!, mask);
      if (start === -1) break;
      const child = children[at]!;
      if (kept.length > 0 && kept[kept.length - 1] === start) {
        kept.pop();
        leads.pop();
      }
      if (leads.length > 0 && leads[leads.length - 1] === child) continue;
      kept.push(start);
      leads.push(child);
    }
    if (leads.length === 1) return leads[0]!;
    return this.#intern(`${variable}:${kept.join()}:${leads.join()}`, variable, kept, leads, -1);
  }

  #intern(
    key: string,
    variable: number,
    starts: readonly number[],
    children: readonly DiagramNode[],
    action: number,
  ): DiagramNode {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = this.#variable.push(variable) - 1;
    this.#starts.push(starts);
    this.#children.push(children);
    this.#actions.push(action);
    this.#known.set(key, node);
    return node;
  }
}

/** Arguments in their order, the high word before the low one, which alone cannot decide an order. */
function wordRank(offset: number): number {
  return (offset & ~7) | (offset & 4 ? 0 : 4);
}

/** A relation stands where its last word does, so that the word may be in the accumulator already. */
function relationRank(left: Word, right: Word): number {
  return Math.max(left.kind === 'data' ? wordRank(left.offset) : 0, right.kind === 'data' ? wordRank(right.offset) : 0);
}

/** The least value that is not below `value` and has no bit outside `mask`; -1 where 32 bits have none. */
function nextSubmask(value: number, mask: number): number {
  const outside = (value & ~mask) >>> 0;
  if (outside === 0) return value;
  // Every bit up to the highest one outside goes to 0; the rest, as a number in the bits of `mask`, goes up by one.
  const below = 2 ** (32 - Math.clz32(outside)) - 1;
  const filled = ((value | ~mask | below) >>> 0) + 1;
  return filled > fullMask ? -1 : (filled & mask) >>> 0;
}
