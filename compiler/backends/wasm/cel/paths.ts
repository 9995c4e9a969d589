import { indexOperator } from '../../../expressions/cel/operators.ts';
import type { Call, Plan } from '../../../expressions/cel/plan-tree.ts';
import { quoted } from '../../../expressions/cel/quote.ts';

/** A variable, and the keys of maps that lead from it to what is read. */
export type Path = readonly [variable: string, ...keys: readonly string[]];

/** The path that an expression is; undefined where it is none. */
export function pathOf(plan: Plan): Path | undefined {
  switch (plan.op) {
    case 'variable':
      return [plan.name];
    case 'select': {
      const operand = pathOf(plan.operand);
      return operand && [...operand, plan.field];
    }
    case 'call': {
      const [from, key] = plan.operands;
      if (plan.call !== (indexOperator.call as Call) || from === undefined) return undefined;
      if (key?.op !== 'constant' || typeof key.value !== 'string') return undefined;
      const operand = pathOf(from);
      return operand && [...operand, key.value];
    }
    default:
      return undefined;
  }
}

/** `auth.identity.labels['maas/team']`. */
export function printPath([variable, ...keys]: Path): string {
  return variable + keys.map((key) => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${quoted(key)}]`)).join('');
}

/** The paths that are read; each once. */
export function pathsIn(plan: Plan): readonly Path[] {
  const found = new Map<string, Path>();
  collect(plan, (path) => found.set(JSON.stringify(path), path));
  return [...found.values()];
}

function collect(plan: Plan, add: (path: Path) => void): void {
  const path = pathOf(plan.op === 'has' ? { ...plan, op: 'select' } : plan);
  if (path !== undefined) {
    add(path);
    return;
  }
  for (const part of partsOf(plan)) collect(part, add);
}

/** The expressions that an expression is made of. */
export function partsOf(plan: Plan): readonly Plan[] {
  switch (plan.op) {
    case 'select':
    case 'optional-select':
    case 'has':
      return [plan.operand];
    case 'call':
    case 'junction':
      return plan.operands;
    case 'conditional':
      return [plan.condition, plan.positive, plan.negative];
    case 'list':
      return plan.elements.map(({ value }) => value);
    case 'map':
      return plan.entries.flatMap(({ key, value }) => [key, value]);
    case 'loop':
      return [plan.over, ...(plan.filter === undefined ? [] : [plan.filter]), plan.body];
    case 'bind':
      return [plan.value, plan.body];
    case 'optional-map':
      return [plan.operand, plan.body];
    case 'optional-or':
      return [plan.operand, plan.alternative];
    default:
      return [];
  }
}
