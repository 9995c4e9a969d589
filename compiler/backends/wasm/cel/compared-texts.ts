import { binaryOperators } from '../../../expressions/cel/operators.ts';
import type { Call, Plan } from '../../../expressions/cel/plan-tree.ts';
import type { ComparedTexts } from '../layout.ts';
import { partsOf, pathOf, printPath } from './paths.ts';

const equals = binaryOperators['=='].call as Call;
const differs = binaryOperators['!='].call as Call;

/** What an expression does with a value: the texts that it compares it with, or more than comparing. */
type Use = { texts: Set<string>; more: boolean };

/**
 * For each path, by its printed form, the texts that it, or the elements of it, are compared with where nothing else is done
 * with them: whoever writes the record need not copy such a text, only say which of those it is, if any.
 */
export function comparedTexts(plan: Plan): ReadonlyMap<string, ComparedTexts> {
  const uses = new Map<string, { own: Use; elements: Use }>();
  collect(plan, new Map(), uses);
  return new Map(
    [...uses].map(([path, { own, elements }]) => [
      path,
      { own: own.more ? undefined : [...own.texts], elements: elements.more ? undefined : [...elements.texts] },
    ]),
  );
}

type Uses = Map<string, { own: Use; elements: Use }>;
/** The elements of paths that macros' variables are, by slot; what is none is not there. */
type Elements = ReadonlyMap<number, string>;

function useOf(uses: Uses, path: string): { own: Use; elements: Use } {
  const fresh = () => ({ texts: new Set<string>(), more: false });
  const use = uses.get(path) ?? { own: fresh(), elements: fresh() };
  uses.set(path, use);
  return use;
}

/** The use of a path, or of an element of one. */
function find(plan: Plan, elements: Elements, uses: Uses): Use | undefined {
  if (plan.op === 'local') {
    const path = elements.get(plan.slot);
    return path === undefined ? undefined : useOf(uses, path).elements;
  }
  const path = pathOf(plan);
  return path && useOf(uses, printPath(path)).own;
}

function collect(plan: Plan, elements: Elements, uses: Uses): void {
  if (plan.op === 'call') {
    const texts = textsOf(plan);
    const subject = texts && plan.operands.find(({ op }) => op !== 'constant');
    const use = subject && find(subject, elements, uses);
    if (texts !== undefined && use !== undefined) {
      for (const text of texts) use.texts.add(text);
      if (pathOf(subject!) !== undefined) useOf(uses, printPath(pathOf(subject!)!)).elements.more = true;
      return;
    }
  }
  if (plan.op === 'has') {
    const path = pathOf({ ...plan, op: 'select' });
    if (path !== undefined) {
      // Whether it is there says nothing of what it is.
      useOf(uses, printPath(path));
      return;
    }
  }
  const use = find(plan, elements, uses);
  if (use !== undefined) {
    use.more = true;
    const path = pathOf(plan);
    if (path !== undefined) useOf(uses, printPath(path)).elements.more = true;
    return;
  }
  if (plan.op === 'loop') {
    const path = pathOf(plan.over);
    const tests = plan.form === 'all' || plan.form === 'exists' || plan.form === 'existsOne';
    if (path !== undefined && tests && plan.slots.length === 1) {
      const printed = printPath(path);
      useOf(uses, printed).own.more = true;
      collect(plan.body, new Map([...elements, [plan.slots[0], printed]]), uses);
      return;
    }
    const inner = new Map(elements);
    for (const slot of plan.slots) inner.delete(slot);
    collect(plan.over, elements, uses);
    if (plan.filter !== undefined) collect(plan.filter, inner, uses);
    collect(plan.body, inner, uses);
    return;
  }
  if (plan.op === 'bind') {
    const inner = new Map(elements);
    inner.delete(plan.slot);
    collect(plan.value, elements, uses);
    collect(plan.body, inner, uses);
    return;
  }
  for (const part of partsOf(plan)) collect(part, elements, uses);
}

/** The texts that a call compares its other operand with; undefined where it does something else. */
function textsOf({ name, call, operands, constant }: Plan & { op: 'call' }): readonly string[] | undefined {
  if (name === 'in constant') return constant as readonly string[];
  if (call !== equals && call !== differs) return undefined;
  const [left, right] = operands;
  for (const [one, other] of [
    [left, right],
    [right, left],
  ]) {
    if (one?.op === 'constant' && typeof one.value === 'string' && other?.op !== 'constant') return [one.value];
  }
  return undefined;
}
