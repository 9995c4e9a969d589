import type { CodeNode } from './code-graph.ts';
import type { NumberSegment, NumberSpace } from './number-space.ts';

/** What each slot of a convention leads to, and how often its calls are made. */
export interface SlotTargets {
  readonly space: NumberSpace;
  readonly targets: ArrayLike<CodeNode>;
  readonly weights: ArrayLike<number>;
  readonly trails: ArrayLike<number>;
}

/** Neighbouring ranges of call numbers; see decision-tree.ts. */
export interface NumberRanges {
  readonly starts: number[];
  readonly targets: CodeNode[];
  readonly weights: number[];
  /** For each range, the trails of the rules that decide its calls. */
  readonly trails: number[][];
}

/**
 * Joins neighbouring numbers that lead to one target. A call that weighs at least `hot` keeps a range of its own, since a
 * test for it alone may be worth its instruction.
 */
export function numberRanges(
  segments: readonly NumberSegment[],
  targetsOf: (segment: NumberSegment) => SlotTargets,
  hot: number,
): NumberRanges {
  const ranges: NumberRanges = { starts: [], targets: [], weights: [], trails: [] };
  let wasHot = false;
  const add = (start: number, slotTargets: SlotTargets, slot: number) => {
    const target = slotTargets.targets[slot]!;
    const weight = slotTargets.weights[slot]!;
    const trail = slotTargets.trails[slot]!;
    const last = ranges.starts.length - 1;
    const isHot = weight >= hot;
    if (last >= 0 && ranges.targets[last] === target && !isHot && !wasHot) {
      ranges.weights[last]! += weight;
      const trails = ranges.trails[last]!;
      if (!trails.includes(trail)) trails.push(trail);
    } else {
      ranges.starts.push(start);
      ranges.targets.push(target);
      ranges.weights.push(weight);
      ranges.trails.push([trail]);
    }
    wasHot = isHot;
  };
  for (const segment of segments) {
    const slotTargets = targetsOf(segment);
    const { base, dense, beyond, slots } = slotTargets.space;
    const rest = slots - 1;
    let at = segment.low;
    if (at <= base && base + dense - 1 <= segment.high) {
      for (let slot = 0; slot < dense; slot += 1) add(base + slot, slotTargets, slot);
      at = base + dense;
    }
    for (let index = 0; index < beyond.length; index += 1) {
      const number = beyond[index]!;
      if (number < at || number > segment.high) continue;
      if (number > at) add(at, slotTargets, rest);
      add(number, slotTargets, dense + index);
      at = number + 1;
    }
    if (at <= segment.high) add(at, slotTargets, rest);
  }
  return ranges;
}

/**
 * Lays the ranges of the numbers with a bit over those without it; both sides have a range for each number that has a
 * weight, so that joined ranges add their weights up.
 *
 * @param plain ranges over numbers without the bit; there is no range for numbers with it.
 * @param marked the same for numbers with the bit, from whose starts it is taken away.
 * @param markedShare how much the weights of `marked` count.
 * @param choose makes the target for numbers that lead to different ones.
 */
export function overlay(
  plain: NumberRanges,
  marked: NumberRanges,
  markedShare: number,
  hot: number,
  choose: (plain: CodeNode, marked: CodeNode) => CodeNode,
): NumberRanges {
  const ranges: NumberRanges = { starts: [], targets: [], weights: [], trails: [] };
  let left = 0;
  let right = 0;
  let wasHot = false;
  for (let start = 0; start !== Number.POSITIVE_INFINITY; ) {
    const target = choose(plain.targets[left]!, marked.targets[right]!);
    const weight =
      (plain.starts[left] === start ? plain.weights[left]! : 0) +
      (marked.starts[right] === start ? marked.weights[right]! * markedShare : 0);
    const last = ranges.starts.length - 1;
    const isHot = weight >= hot;
    if (last >= 0 && ranges.targets[last] === target && !isHot && !wasHot) ranges.weights[last]! += weight;
    else {
      ranges.starts.push(start);
      ranges.targets.push(target);
      ranges.weights.push(weight);
    }
    wasHot = isHot;
    const nextLeft = plain.starts[left + 1] ?? Number.POSITIVE_INFINITY;
    const nextRight = marked.starts[right + 1] ?? Number.POSITIVE_INFINITY;
    start = Math.min(nextLeft, nextRight);
    if (nextLeft === start) left += 1;
    if (nextRight === start) right += 1;
  }
  return ranges;
}
