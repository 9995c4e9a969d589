import { slots } from './bit-order.ts';
import type { Diagrams } from './diagram.ts';

/** A range of system call numbers, both ends included, and the diagram of what holds there. */
export interface NodeRange {
  readonly low: number;
  readonly high: number;
  readonly node: number;
}

/** Joins the diagrams of ranges that cover all 32-bit numbers, ascending and without gaps, over the number's bits. */
export function numbersDiagram(diagrams: Diagrams, ranges: readonly NodeRange[]): number {
  const highs: number[] = [];
  const nodes: number[] = [];
  for (const { high, node } of ranges) {
    if (nodes.at(-1) === node) {
      highs[highs.length - 1] = high;
    } else {
      highs.push(high);
      nodes.push(node);
    }
  }
  let at = 0;
  /** The numbers from `low` on that agree in the `bits` most significant bits; called in ascending order. */
  const build = (low: number, bits: number): number => {
    const size = 2 ** (32 - bits);
    while (highs[at]! < low) at += 1;
    if (highs[at]! >= low + size - 1) return nodes[at]!;
    const clear = build(low, bits + 1);
    const set = build(low + size / 2, bits + 1);
    return diagrams.make(diagrams.levelAt(slots.number, bits), clear, set);
  };
  return build(0, 0);
}
