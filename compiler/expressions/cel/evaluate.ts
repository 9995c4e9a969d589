import type { Expression } from '../../../grammars/cel/syntax-tree.ts';
import { chargeOf, cost, costOfMaking, deepCost } from './charges.ts';
import type { Environment } from './environment.ts';
import { loopStep } from './evaluate-loop.ts';
import type { Frame, Step } from './frame.ts';
import { has, optionalSelect, select } from './functions/collections.ts';
import { MapBuilder } from './maps.ts';
import { planOf } from './plan.ts';
import type { Plan } from './plan-tree.ts';
import {
  closeOptional,
  exhausted,
  failedCondition,
  failedOperand,
  mostSteps,
  openOptional,
  optionalPart,
  type Program,
  unbound,
} from './running.ts';
import { CelError, located, noSuchOverload, Optional, type Result, type Value } from './value.ts';

/**
 * The interpreter: a closure for each subexpression. Never throws; every error is a value, with the range of the
 * smallest expression that failed. An expression of any types can be run, checked or not.
 */
export function interpreter(expression: Expression, environment: Environment): Program {
  const { plan, slots } = planOf(expression, environment);
  const step = stepOf(plan, false);
  return (bindings) => {
    const frame: Frame = { bindings, locals: slots === 0 ? noLocals : new Array<Result>(slots), steps: mostSteps };
    const result = step(frame);
    return frame.steps < 0 ? exhausted : result;
  };
}

const noLocals: Result[] = [];

/** @param looping whether it runs once for each element of something, so that what is long must be paid for */
function stepOf(plan: Plan, looping: boolean): Step {
  switch (plan.op) {
    case 'constant': {
      const { value } = plan;
      return () => value;
    }
    case 'fail': {
      const { error } = plan;
      return () => error;
    }
    case 'local': {
      const { slot } = plan;
      return ({ locals }) => locals[slot]!;
    }
    case 'variable': {
      const { name } = plan;
      const missing = unbound(name, plan.range);
      if (name in Object.prototype) {
        return ({ bindings }) => (Object.hasOwn(bindings, name) ? bindings[name] : undefined) ?? missing;
      }
      return ({ bindings }) => {
        const value = bindings[name];
        return value === undefined ? missing : value;
      };
    }
    case 'select':
      return selectStep(plan, looping);
    case 'optional-select': {
      const { field, range } = plan;
      const operand = stepOf(plan.operand, looping);
      return (frame) => located(optionalSelect(operand(frame), field), range);
    }
    case 'has': {
      const { field, range } = plan;
      const operand = stepOf(plan.operand, looping);
      return (frame) => located(has(operand(frame), field), range);
    }
    case 'call':
      return callStep(plan, looping);
    case 'junction':
      return junctionStep(plan, looping);
    case 'conditional': {
      const { range } = plan;
      const condition = stepOf(plan.condition, looping);
      const positive = stepOf(plan.positive, looping);
      const negative = stepOf(plan.negative, looping);
      return (frame) => {
        const decided = condition(frame);
        if (decided === true) return positive(frame);
        return decided === false ? negative(frame) : failedCondition(decided, range);
      };
    }
    case 'list':
      return listStep(plan, looping);
    case 'map':
      return mapStep(plan, looping);
    case 'loop': {
      const over = stepOf(plan.over, looping);
      const filter = plan.filter === undefined ? undefined : stepOf(plan.filter, true);
      return loopStep(plan, over, filter, stepOf(plan.body, true), looping);
    }
    case 'bind': {
      const { slot } = plan;
      const value = stepOf(plan.value, looping);
      const body = stepOf(plan.body, looping);
      return (frame) => {
        frame.locals[slot] = value(frame);
        return body(frame);
      };
    }
    case 'optional-map': {
      const { slot, flat, range } = plan;
      const operand = stepOf(plan.operand, looping);
      const body = stepOf(plan.body, looping);
      return (frame) => {
        const value = openOptional(operand(frame), range);
        if (value === undefined || value instanceof CelError) return closeOptional(value, flat);
        frame.locals[slot] = value;
        return closeOptional(body(frame), flat);
      };
    }
    case 'optional-or': {
      const { unwrap, range } = plan;
      const operand = stepOf(plan.operand, looping);
      const alternative = stepOf(plan.alternative, looping);
      return (frame) => {
        const first = operand(frame);
        if (first instanceof CelError) return first;
        if (!(first instanceof Optional)) return located(noSuchOverload('or', first), range);
        if (first.value !== undefined) return unwrap ? first.value : first;
        return alternative(frame);
      };
    }
  }
}

function selectStep({ field, range, ...plan }: Plan & { op: 'select' }, looping: boolean): Step {
  return fieldStep(stepOf(plan.operand, looping), field, (from) => located(select(from, field), range));
}

/** The field of what JSON gave: its own fields are all that a name outside Object.prototype can find. */
function fieldStep(operand: Step, field: string, otherwise: (from: Result) => Result): Step {
  if (field in Object.prototype) return (frame) => otherwise(operand(frame));
  return (frame) => {
    const from = operand(frame);
    if (from !== null && (from as object).constructor === Object) {
      const value = (from as { readonly [field: string]: Value })[field];
      if (value !== undefined) return value;
    }
    return otherwise(from);
  };
}

function callStep({ name, call, range, operands }: Plan & { op: 'call' }, looping: boolean): Step {
  const [, index] = operands;
  if (name === '[]' && index?.op === 'constant' && typeof index.value === 'string') {
    const key = index.value;
    return fieldStep(stepOf(operands[0]!, looping), key, (from) =>
      from instanceof CelError ? from : located(call(from, key), range),
    );
  }
  const charge = looping ? chargeOf(name, operands) : undefined;
  const { fixed = 0, result: growing = false } = charge ?? {};
  const [paysFirst = false, paysSecond = false, ...paysRest] = charge?.operands ?? [];
  const pays = fixed > 0 || charge?.operands !== undefined || growing;
  const priced = charge?.deep === true ? deepCost : cost;
  const [first, second, ...rest] = operands.map((each) => stepOf(each, looping));
  if (first === undefined) return () => located(call(), range);
  if (second === undefined) {
    return (frame) => {
      const value = first(frame);
      if (value instanceof CelError) return value;
      if (pays) frame.steps -= fixed + (paysFirst ? priced(value) : 0);
      const result = call(value);
      if (growing) frame.steps -= cost(result);
      return result instanceof CelError ? located(result, range) : result;
    };
  }
  if (rest.length === 0) {
    return (frame) => {
      const left = first(frame);
      if (left instanceof CelError) return left;
      const right = second(frame);
      if (right instanceof CelError) return right;
      if (pays) frame.steps -= fixed + (paysFirst ? priced(left) : 0) + (paysSecond ? priced(right) : 0);
      const result = call(left, right);
      if (growing) frame.steps -= cost(result);
      return result instanceof CelError ? located(result, range) : result;
    };
  }
  const steps = [first, second, ...rest];
  const paid = [paysFirst, paysSecond, ...paysRest];
  return (frame) => {
    const values: Value[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    for (const [index, value] of values.entries()) if (paid[index] === true) frame.steps -= priced(value);
    const result = call(...values);
    frame.steps -= fixed + (growing ? cost(result) : 0);
    return located(result, range);
  };
}

function junctionStep({ decisive, operands, ranges }: Plan & { op: 'junction' }, looping: boolean): Step {
  const steps = operands.map((each) => stepOf(each, looping));
  const operator = decisive ? '||' : '&&';
  return (frame) => {
    let result: Result = !decisive;
    for (let index = 0; index < steps.length; index++) {
      const value = steps[index]!(frame);
      if (value === decisive) return decisive;
      if (value !== !decisive) result = failedOperand(result, value, operator, ranges[index]!);
    }
    return result;
  };
}

function listStep({ elements }: Plan & { op: 'list' }, looping: boolean): Step {
  const parts = elements.map(({ value, optional, range }) => ({ step: stepOf(value, looping), optional, range }));
  const price = looping ? costOfMaking(elements.length) : 0;
  return (frame) => {
    frame.steps -= price;
    const list: Value[] = [];
    for (const { step, optional, range } of parts) {
      const value = optional ? optionalPart(step(frame), range) : step(frame);
      if (value === undefined) continue;
      if (value instanceof CelError) return value;
      list.push(value);
    }
    return list;
  };
}

function mapStep({ entries }: Plan & { op: 'map' }, looping: boolean): Step {
  const parts = entries.map(({ key, value, optional, range }) => ({
    key: stepOf(key, looping),
    value: stepOf(value, looping),
    optional,
    range,
  }));
  const price = looping ? costOfMaking(entries.length) : 0;
  return (frame) => {
    frame.steps -= price;
    const map = new MapBuilder();
    for (const { key, value, optional, range } of parts) {
      const held = key(frame);
      if (held instanceof CelError) return held;
      const kept = optional ? optionalPart(value(frame), range) : value(frame);
      if (kept === undefined) continue;
      if (kept instanceof CelError) return kept;
      const error = map.set(held, kept);
      if (error !== undefined) return located(error, range);
    }
    return map.build();
  };
}
