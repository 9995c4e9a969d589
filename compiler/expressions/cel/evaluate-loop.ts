import { cost } from './charges.ts';
import type { Frame, Step } from './frame.ts';
import { MapBuilder } from './maps.ts';
import type { Plan } from './plan-tree.ts';
import { addEntries, exhausted, failedCondition, failedOperand, items, pairs } from './running.ts';
import { CelError, type Result, type Value } from './value.ts';

type LoopPlan = Plan & { op: 'loop' };

/**
 * The step of a comprehension.
 *
 * @param filter that of `plan.filter`
 * @param looping whether the comprehension stands in another, so that its range must be paid for
 */
export function loopStep(plan: LoopPlan, over: Step, filter: Step | undefined, body: Step, looping: boolean): Step {
  const each = eachStep(plan, filter, body);
  const { overRange } = plan;
  const [slot, secondSlot] = plan.slots;
  if (secondSlot === undefined) {
    return (frame) => {
      const range = over(frame);
      if (looping) frame.steps -= cost(range);
      const found = items(range, overRange);
      if (found instanceof CelError) return found;
      const state = each.start();
      for (const item of found) {
        frame.steps--;
        if (frame.steps < 0) return exhausted;
        frame.locals[slot] = item;
        if (each.step(frame, state)) break;
      }
      return each.end(state);
    };
  }
  return (frame) => {
    const range = over(frame);
    if (looping) frame.steps -= cost(range);
    const found = pairs(range, overRange);
    if (found instanceof CelError) return found;
    const state = each.start();
    for (let index = 0; index < found.first.length; index++) {
      frame.steps--;
      if (frame.steps < 0) return exhausted;
      frame.locals[slot] = found.first[index]!;
      frame.locals[secondSlot] = found.second[index]!;
      if (each.step(frame, state)) break;
    }
    return each.end(state);
  };
}

interface LoopState {
  result: Result;
  count: number;
  readonly list: Value[];
  readonly map: MapBuilder;
}

/** What is done for each element; `step` answers true where no further element is of interest. */
interface Each {
  readonly start: () => LoopState;
  readonly step: (frame: Frame, state: LoopState) => boolean;
  readonly end: (state: LoopState) => Result;
}

function eachStep(plan: LoopPlan, filter: Step | undefined, body: Step): Each {
  const { form, bodyRange, filterRange } = plan;
  const state = (result: Result): LoopState => ({ result, count: 0, list: noValues, map: noMap });
  const result = (end: LoopState) => end.result;
  switch (form) {
    case 'all':
    case 'exists': {
      const decisive = form === 'exists';
      const operator = decisive ? '||' : '&&';
      return {
        start: () => state(!decisive),
        step: (frame, run) => {
          const value = body(frame);
          if (value === decisive) run.result = value;
          else if (value !== !decisive) run.result = failedOperand(run.result, value, operator, bodyRange);
          return value === decisive;
        },
        end: result,
      };
    }
    case 'existsOne':
      return {
        start: () => state(false),
        step: (frame, run) => {
          const value = body(frame);
          if (value === true) run.count++;
          else if (value !== false) run.result = failedCondition(value, bodyRange);
          return run.result !== false;
        },
        end: (end) => (end.result === false ? end.count === 1 : end.result),
      };
    default:
      break;
  }
  /** Undefined where the element is taken. */
  const rejects = (frame: Frame): Result | undefined => {
    if (filter === undefined) return undefined;
    const value = filter(frame);
    if (value === true) return undefined;
    return value === false ? false : failedCondition(value, filterRange);
  };
  const collect = (add: (value: Value, frame: Frame, run: LoopState) => CelError | undefined) => {
    return (frame: Frame, run: LoopState): boolean => {
      const rejected = rejects(frame);
      if (rejected === false) return false;
      const value = rejected ?? body(frame);
      const error = value instanceof CelError ? value : add(value, frame, run);
      if (error !== undefined) run.result = error;
      return error !== undefined;
    };
  };
  const [slot] = plan.slots;
  if (form === 'list') {
    return {
      start: () => ({ result: null, count: 0, list: [], map: noMap }),
      step: collect((value, _, { list }) => {
        list.push(value);
        return undefined;
      }),
      end: (end) => end.result ?? end.list,
    };
  }
  return {
    start: () => ({ result: null, count: 0, list: noValues, map: new MapBuilder() }),
    step: collect((value, frame, { map }) => {
      if (form === 'entries') return addEntries(map, value, bodyRange);
      const key = frame.locals[slot]!;
      return key instanceof CelError ? key : map.set(key, value);
    }),
    end: (end) => end.result ?? end.map.build(),
  };
}

const noValues: Value[] = [];
const noMap = new MapBuilder();
