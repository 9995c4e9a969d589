import { syscallFrequency } from '../../tables/frequencies.ts';
import { syscallNumbers } from '../../tables/syscalls.ts';
import type { Target } from '../../target.ts';
import { letsThrough } from './action.ts';
import type { CodeGraph, CodeNode } from './code-graph.ts';
import type { NumberSpace } from './number-space.ts';

/** A call with this share of all calls may have a test of its own in the tree. */
export const hotShare = 0.01;

/**
 * How often each slot's call is made. Calls that are refused weigh nothing: a program that makes them stops.
 */
export function slotWeights(
  space: NumberSpace,
  targets: ArrayLike<CodeNode>,
  graph: CodeGraph,
  kind: Target['weights'],
): Float64Array {
  const weights = new Float64Array(space.slots);
  if (space.convention === 'other') return weights;
  for (const name of syscallNumbers(space.convention).keys()) {
    const slot = space.slotOf(name)!;
    const target = targets[slot]!;
    if (graph.isReturn(target) && !letsThrough(graph.constants[target]!)) continue;
    weights[slot] = kind === 'uniform' ? 1 : syscallFrequency(name);
  }
  return weights;
}
