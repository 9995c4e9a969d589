import type { CodeGraph, CodeNode } from './code-graph.ts';
import { decisionTree } from './decision-tree.ts';
import type { Diagram, DiagramNode, Variable } from './diagram.ts';
import { opcode } from './instruction.ts';
import { emitRelation, isImmediate } from './relation-code.ts';
import type { Relocations } from './relocations.ts';
import { fullMask } from './words.ts';

/** What the accumulator is known to hold: a word of the arguments under a mask. */
interface Accumulator {
  readonly offset: number;
  readonly mask: number;
}

/** Turns diagrams into code that looks at each word once on a path. */
export class ArgumentCode {
  readonly #diagram: Diagram;
  readonly #graph: CodeGraph;
  readonly #relocations: Relocations;
  /** By node and accumulator, where it helps. */
  readonly #known = new Map<string, CodeNode>();

  constructor(diagram: Diagram, graph: CodeGraph, relocations: Relocations) {
    this.#diagram = diagram;
    this.#graph = graph;
    this.#relocations = relocations;
  }

  /** Code that may begin with anything in the accumulator. */
  codeOf(node: DiagramNode): CodeNode {
    return this.#code(node, undefined);
  }

  #code(node: DiagramNode, held: Accumulator | undefined): CodeNode {
    if (this.#diagram.isTerminal(node)) return this.#graph.return(this.#diagram.actionOf(node));
    const variable = this.#diagram.variableOf(node);
    const useful = held !== undefined && holds(held, variable) ? held : undefined;
    const key = useful === undefined ? `${node}` : `${node}@${useful.mask}`;
    let code = this.#known.get(key);
    if (code === undefined) {
      code = variable.kind === 'word' ? this.#word(node, variable, useful) : this.#relation(node, variable, useful);
      this.#known.set(key, code);
    }
    return code;
  }

  #word(node: DiagramNode, variable: Variable & { readonly kind: 'word' }, held: Accumulator | undefined): CodeNode {
    const { offset, mask } = variable;
    const starts = this.#diagram.startsOf(node);
    const children = this.#diagram.childrenOf(node);
    const atZero = starts.length === 2 && starts[1] === (mask & -mask) >>> 0;
    if (mask !== fullMask && atZero) {
      // A test of bits against zero leaves the accumulator as it is.
      const after = held ?? { offset, mask: fullMask };
      const set = this.#code(children[1]!, after);
      const clear = this.#code(children[0]!, after);
      return this.#load(offset, held, this.#graph.jump(opcode.jumpSet, mask, set, clear));
    }
    const after = { offset, mask };
    const targets = children.map((child) => this.#code(child, after));
    const tree = decisionTree(this.#graph, { starts, targets, weights: guessWeights(starts, mask), highest: mask });
    const masked = mask === fullMask || held?.mask === mask ? tree : this.#graph.step(opcode.andK, mask, tree);
    return this.#load(offset, held, masked);
  }

  #relation(
    node: DiagramNode,
    variable: Variable & { readonly kind: 'relation' },
    held: Accumulator | undefined,
  ): CodeNode {
    const { operator, left, right } = variable;
    const [fails, satisfied] = this.#diagram.childrenOf(node);
    const inAccumulator = isImmediate(right) ? left : right;
    const after = inAccumulator.kind === 'data' ? inAccumulator : undefined;
    const next = { holds: this.#code(satisfied!, after), fails: this.#code(fails!, after) };
    return emitRelation(this.#graph, this.#relocations, operator, left, right, next, held !== undefined);
  }

  #load(offset: number, held: Accumulator | undefined, next: CodeNode): CodeNode {
    return held === undefined ? this.#graph.step(opcode.loadAbsolute, offset, next) : next;
  }
}

/** True where the variable can be tested with what the accumulator holds. */
function holds(held: Accumulator, variable: Variable): boolean {
  if (variable.kind === 'word') return variable.offset === held.offset && (variable.mask & ~held.mask) === 0;
  const { left, right } = variable;
  const only =
    left.kind === 'data' && right.kind !== 'data'
      ? left
      : right.kind === 'data' && left.kind !== 'data'
        ? right
        : undefined;
  return only !== undefined && only.offset === held.offset && only.mask === held.mask;
}

/** High words are nearly always 0, and a policy names the values that programs use. */
function guessWeights(starts: readonly number[], highest: number): readonly number[] {
  return starts.map((start, at) => {
    const next = at + 1 < starts.length ? starts[at + 1]! : highest + 1;
    return (start === 0 ? 4 : 0) + (next === start + 1 ? 2 : 1);
  });
}
