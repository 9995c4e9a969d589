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
  const frequencies = slotFrequencies(space);
  for (let slot = 0; slot < weights.length; slot += 1) {
    const frequency = frequencies[slot]!;
    if (frequency === 0) continue;
    const target = targets[slot]!;
    if (graph.isReturn(target) && !letsThrough(graph.constants[target]!)) continue;
    weights[slot] = kind === 'uniform' ? 1 : frequency;
  }
  return weights;
}

const frequenciesOf = new WeakMap<NumberSpace, Float64Array>();

/** For each slot the frequency of its call, 0 where it has no name. */
function slotFrequencies(space: NumberSpace): Float64Array {
  let frequencies = frequenciesOf.get(space);
  if (frequencies === undefined) {
    frequencies = new Float64Array(space.slots);
    frequenciesOf.set(space, frequencies);
    if (space.convention === 'other') return frequencies;
    for (const name of syscallNumbers(space.convention).keys()) {
      frequencies[space.slotOf(name)!] = syscallFrequency(name);
    }
  }
  return frequencies;
}
