import type { CodeGraph, CodeNode, RelocationId } from './code-graph.ts';
import { type Instruction, opcode } from './instruction.ts';

/** The farthest that a conditional jump reaches: its offsets have 8 bits. */
const reach = 255;

export interface Layout {
  readonly instructions: readonly Instruction[];
  /** The node that each instruction was made from. */
  readonly nodes: readonly CodeNode[];
  /** For each instruction, the relocation of its constant or 0. */
  readonly relocations: readonly RelocationId[];
}

/**
 * Puts the nodes in an order in which every jump goes forward and reaches its target.
 *
 * The program is written from its end, so that a jump is written when its distances are known. Where a target is out of
 * reach, it gets a copy nearby if it is a return, or else an unconditional jump (whose offset has 32 bits) does.
 */
export function layOut(graph: CodeGraph, root: CodeNode): Layout {
  const writer = new BackwardWriter(graph);
  for (const node of postOrder(graph, root)) writer.write(node);
  return writer.finish(root);
}

/**
 * Successors before predecessors, without the returns, which are written where a jump wants them. Of two successors the one with the smaller subgraph comes
 * last, next to the jump: the other's distance is then the smaller size.
 */
function postOrder(graph: CodeGraph, root: CodeNode): CodeNode[] {
  const sizes = new Float64Array(root + 1);
  for (let node = 0; node <= root; node += 1) {
    const taken = graph.taken[node]!;
    const otherwise = graph.otherwise[node]!;
    sizes[node] = 1 + (taken < 0 ? 0 : sizes[taken]!) + (otherwise < 0 ? 0 : sizes[otherwise]!);
  }
  const order: CodeNode[] = [];
  const state = new Uint8Array(root + 1);
  const stack = [root];
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    if (state[node] !== 0) {
      stack.pop();
      if (state[node] === 1) {
        state[node] = 2;
        order.push(node);
      }
      continue;
    }
    if (graph.isReturn(node)) {
      state[node] = 2;
      stack.pop();
      continue;
    }
    state[node] = 1;
    const taken = graph.taken[node]!;
    const otherwise = graph.otherwise[node]!;
    if (otherwise < 0) {
      if (state[taken] === 0) stack.push(taken);
      continue;
    }
    const larger = sizes[taken]! >= sizes[otherwise]! ? taken : otherwise;
    const smaller = larger === taken ? otherwise : taken;
    if (state[smaller] === 0) stack.push(smaller);
    if (state[larger] === 0) stack.push(larger);
  }
  return order;
}

/** Positions count from the end of the program, whose last instruction is at 0. */
class BackwardWriter {
  readonly #graph: CodeGraph;
  readonly #written: Instruction[] = [];
  readonly #nodes: CodeNode[] = [];
  readonly #relocations: RelocationId[] = [];
  /** The latest position from which a node's code runs, its own or that of a jump to it; -1 before it is written. */
  readonly #position: Int32Array;

  constructor(graph: CodeGraph) {
    this.#graph = graph;
    this.#position = new Int32Array(graph.codes.length).fill(-1);
  }

  write(node: CodeNode): void {
    const graph = this.#graph;
    if (graph.isReturn(node)) {
      this.#put(node, 0, 0);
      return;
    }
    const taken = graph.taken[node]!;
    if (graph.isJump(node)) {
      const otherwise = graph.otherwise[node]!;
      // Bringing one target near moves the jump away from the other.
      while (this.#bringNear(taken) || this.#bringNear(otherwise));
      const from = this.#written.length;
      this.#put(node, from - this.#position[taken]! - 1, from - this.#position[otherwise]! - 1);
      return;
    }
    // A step runs into what follows it, which is written again where it is not the latest.
    if (this.#position[taken] !== this.#written.length - 1) this.write(taken);
    this.#put(node, 0, 0);
  }

  finish(root: CodeNode): Layout {
    if (this.#position[root] !== this.#written.length - 1 || this.#written.length === 0) this.write(root);
    return {
      instructions: this.#written.reverse(),
      nodes: this.#nodes.reverse(),
      relocations: this.#relocations.reverse(),
    };
  }

  /** @returns true where something had to be written. */
  #bringNear(node: CodeNode): boolean {
    const position = this.#position[node]!;
    const distance = this.#written.length - position - 1;
    if (position >= 0 && distance <= reach) return false;
    if (position < 0 || this.#graph.isReturn(node)) {
      this.write(node);
      return true;
    }
    this.#position[node] = this.#written.push({ code: opcode.jump, jt: 0, jf: 0, k: distance }) - 1;
    this.#nodes.push(node);
    this.#relocations.push(0);
    return true;
  }

  #put(node: CodeNode, jt: number, jf: number): void {
    const graph = this.#graph;
    const instruction = { code: graph.codes[node]!, jt, jf, k: graph.constants[node]! };
    this.#position[node] = this.#written.push(instruction) - 1;
    this.#nodes.push(node);
    this.#relocations.push(graph.relocations[node]!);
  }
}
