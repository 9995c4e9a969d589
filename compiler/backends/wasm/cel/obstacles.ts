import type { Plan } from '../../../expressions/cel/plan-tree.ts';
import { Optional, type Value } from '../../../expressions/cel/value.ts';
import { patternTable } from '../../../expressions/regular-expressions/table.ts';
import { routineOf } from './calls.ts';

/** The table of a pattern is two bytes for each pair of state and class, which must be this many at most. */
const mostTransitions = 16_384;

/** Why an expression has no function in a module: the first reason that is found; undefined where it has one. */
export function obstacleIn(plan: Plan): string | undefined {
  switch (plan.op) {
    case 'fail': {
      // What is not known here may be known to whoever evaluates it elsewhere.
      const [, name] = /^undeclared reference to '(.*)'$/.exec(plan.error.message) ?? [];
      return name === undefined ? undefined : `\`${name}\``;
    }
    case 'variable':
    case 'local':
      return undefined;
    case 'constant':
      return ofConstant(plan.value);
    case 'select':
    case 'has':
      return obstacleIn(plan.operand);
    case 'call':
      return ofCall(plan) ?? first(plan.operands);
    case 'junction':
      return first(plan.operands);
    case 'conditional':
      return first([plan.condition, plan.positive, plan.negative]);
    case 'list':
      if (plan.elements.some(({ optional }) => optional)) return optionals;
      return first(plan.elements.map(({ value }) => value));
    case 'map':
      if (plan.entries.some(({ optional }) => optional)) return optionals;
      return first(plan.entries.flatMap(({ key, value }) => [key, value]));
    case 'loop':
      if (plan.form === 'entries') return '`transformMapEntry`';
      return first([plan.over, ...(plan.filter === undefined ? [] : [plan.filter]), plan.body]);
    case 'bind':
      return first([plan.value, plan.body]);
    case 'optional-select':
    case 'optional-map':
    case 'optional-or':
      return optionals;
  }
}

const optionals = 'optional values';

function first(plans: readonly Plan[]): string | undefined {
  for (const each of plans) {
    const obstacle = obstacleIn(each);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

function ofConstant(value: Value): string | undefined {
  return value instanceof Optional ? optionals : undefined;
}

function ofCall({ name, call, operands, constant }: Plan & { op: 'call' }): string | undefined {
  if (name === 'in constant') return undefined;
  if (name === 'matches constant') {
    if (typeof constant !== 'string') return undefined;
    const table = patternTable(constant);
    const large = table === 'too large' || (table !== 'invalid' && table.next.length > mostTransitions);
    return large ? 'a pattern whose automaton is too large' : undefined;
  }
  if (name === 'matches') return '`matches` with a pattern that is computed';
  return routineOf(call, operands.length) === undefined ? `\`${name}\`` : undefined;
}
