import { opcode } from './instruction.ts';

/** A node of the program before it is laid out: an instruction whose successors are nodes. */
export type CodeNode = number;

/** A constant that is patched when the program is used; 0 is none. */
export type RelocationId = number;

/**
 * The program as a graph without cycles, in which equal nodes are one. A node's number is above its successors'.
 * Constants under relocation are equal only where the relocation is, never by value.
 */
export class CodeGraph {
  readonly codes: number[] = [];
  readonly constants: number[] = [];
  /** The successor of a step, and of a jump that is taken; -1 for a return. */
  readonly taken: CodeNode[] = [];
  /** The successor of a jump that is not taken; -1 for all else. */
  readonly otherwise: CodeNode[] = [];
  readonly relocations: RelocationId[] = [];
  readonly #known = new Map<string, CodeNode>();

  return(action: number): CodeNode {
    return this.#node(opcode.return, action, -1, -1, 0);
  }

  jump(code: number, k: number, taken: CodeNode, otherwise: CodeNode, relocation: RelocationId = 0): CodeNode {
    return taken === otherwise ? taken : this.#node(code, k, taken, otherwise, relocation);
  }

  /** An instruction that changes the accumulator or X; dropped where what follows does not look at it. */
  step(code: number, k: number, next: CodeNode, relocation: RelocationId = 0): CodeNode {
    const following = this.codes[next]!;
    const overwritten = following === opcode.loadAbsolute || following === opcode.loadImmediate;
    if (following === opcode.return || (overwritten && code !== opcode.copyToIndex)) return next;
    return this.#node(code, k, next, -1, relocation);
  }

  isReturn(node: CodeNode): boolean {
    return this.codes[node] === opcode.return;
  }

  /** True for a node with two successors. */
  isJump(node: CodeNode): boolean {
    return this.otherwise[node] !== -1;
  }

  #node(code: number, k: number, taken: CodeNode, otherwise: CodeNode, relocation: RelocationId): CodeNode {
    const key = `${code},${k},${taken},${otherwise},${relocation}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = this.codes.push(code) - 1;
    this.constants.push(k);
    this.taken.push(taken);
    this.otherwise.push(otherwise);
    this.relocations.push(relocation);
    this.#known.set(key, node);
    return node;
  }
}
