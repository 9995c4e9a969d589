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
  /** The latest node of a hash, and for each node the one of its hash before it; -1 is none. */
  readonly #latest = new Map<number, CodeNode>();
  readonly #earlier: CodeNode[] = [];

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
    const hash =
      Math.imul(k, 0x9e37_79b1) ^
      Math.imul(taken, 0x85eb_ca6b) ^
      Math.imul(otherwise, 0xc2b2_ae35) ^
      (code << 12) ^
      relocation;
    const latest = this.#latest.get(hash) ?? -1;
    for (let node = latest; node !== -1; node = this.#earlier[node]!) {
      if (
        this.codes[node] === code &&
        this.constants[node] === k &&
        this.taken[node] === taken &&
        this.otherwise[node] === otherwise &&
        this.relocations[node] === relocation
      )
        return node;
    }
    const node = this.codes.push(code) - 1;
    this.constants.push(k);
    this.taken.push(taken);
    this.otherwise.push(otherwise);
    this.relocations.push(relocation);
    this.#earlier.push(latest);
    this.#latest.set(hash, node);
    return node;
  }
}
