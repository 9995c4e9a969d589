import type { Expression, Range } from '../../../grammars/cel/syntax-tree.ts';
import type { MacroGroup } from './environment.ts';

type Call = Expression & { readonly kind: 'call' };

export interface MacroVariable {
  readonly name: string;
  readonly range: Range;
}

/** What a comprehension makes of its elements. */
export type LoopForm = 'all' | 'exists' | 'existsOne' | 'list' | 'map' | 'entries';

export interface Loop {
  readonly kind: 'loop';
  readonly form: LoopForm;
  /** The list or map that is gone through. */
  readonly over: Expression;
  /** One variable: the element, or the key of a map. Two: index or key, and value. */
  readonly variables: readonly [MacroVariable] | readonly [MacroVariable, MacroVariable];
  readonly filter: Expression | undefined;
  /** Absent where the element itself is meant: `filter`. */
  readonly body: Expression | undefined;
}

export type Macro =
  | { readonly kind: 'has'; readonly operand: Expression; readonly field: string; readonly select: Expression }
  | Loop
  | { readonly kind: 'bind'; readonly variable: MacroVariable; readonly value: Expression; readonly body: Expression }
  | {
      readonly kind: 'optional';
      /** `optFlatMap`: the body is an optional itself. */
      readonly flat: boolean;
      readonly operand: Expression;
      readonly variable: MacroVariable;
      readonly body: Expression;
    }
  /** `math.greatest(a, b, c)`: more arguments than any overload has are one list. */
  | { readonly kind: 'variadic'; readonly call: Expression }
  /** A macro's name with an argument that it cannot have. */
  | {
      readonly kind: 'wrong';
      readonly range: Range;
      readonly name: string;
      readonly wants: 'name' | 'field' | 'other name';
    };

interface LoopShape {
  readonly group: MacroGroup;
  readonly form: LoopForm;
  readonly variables: 1 | 2;
  /** Whether a filter stands before the last argument. */
  readonly filtered: boolean;
}

const loops: Readonly<Record<string, readonly LoopShape[]>> = {
  all: [loop('all', 1), loop('all', 2)],
  exists: [loop('exists', 1), loop('exists', 2)],
  exists_one: [loop('existsOne', 1)],
  existsOne: [loop('existsOne', 1), loop('existsOne', 2)],
  map: [loop('list', 1), loop('list', 1, true)],
  transformList: [loop('list', 2), loop('list', 2, true)],
  transformMap: [loop('map', 2), loop('map', 2, true)],
  transformMapEntry: [loop('entries', 2), loop('entries', 2, true)],
};

function loop(form: LoopForm, variables: 1 | 2, filtered = false): LoopShape {
  return { group: variables === 1 ? 'standard' : 'comprehensions2', form, variables, filtered };
}

/** The names of the macros that are called on a target, or of those that are not. */
export function macroNames(groups: ReadonlySet<MacroGroup>, onTarget: boolean): readonly string[] {
  if (!onTarget) return groups.has('standard') ? ['has'] : [];
  return [
    ...(groups.has('standard') ? ['filter'] : []),
    ...(groups.has('optionals') ? ['optMap', 'optFlatMap'] : []),
    ...Object.keys(loops).filter((name) => loops[name]!.some(({ group }) => groups.has(group))),
  ];
}

/** The macro that a call is, or undefined where it is a call. */
export function macroOf(call: Call, groups: ReadonlySet<MacroGroup>): Macro | undefined {
  const { target, name, arguments: given } = call;
  if (target === undefined) {
    if (name !== 'has' || given.length !== 1 || !groups.has('standard')) return undefined;
    const select = given[0]!;
    if (select.kind !== 'select') return { kind: 'wrong', range: select.range, name, wants: 'field' };
    return { kind: 'has', operand: select.operand, field: select.field, select };
  }
  if (target.kind === 'identifier') {
    if (target.name === 'cel' && name === 'bind' && given.length === 3 && groups.has('bindings')) {
      const variable = given[0]!;
      if (variable.kind !== 'identifier')
        return { kind: 'wrong', range: variable.range, name: 'cel.bind', wants: 'name' };
      return { kind: 'bind', variable, value: given[1]!, body: given[2]! };
    }
    if (target.name === 'math' && (name === 'greatest' || name === 'least') && given.length > 2) {
      const elements = given.map((value) => ({ value, optional: false }));
      return { kind: 'variadic', call: { ...call, arguments: [{ kind: 'list', range: call.range, elements }] } };
    }
  }
  if ((name === 'optMap' || name === 'optFlatMap') && given.length === 2 && groups.has('optionals')) {
    const variable = given[0]!;
    if (variable.kind !== 'identifier') return { kind: 'wrong', range: variable.range, name, wants: 'name' };
    return { kind: 'optional', flat: name === 'optFlatMap', operand: target, variable, body: given[1]! };
  }
  return loopOf(call, target, groups);
}

function loopOf(call: Call, over: Expression, groups: ReadonlySet<MacroGroup>): Macro | undefined {
  const { name, arguments: given } = call;
  if (name === 'filter' && given.length === 2 && groups.has('standard')) {
    const variable = given[0]!;
    if (variable.kind !== 'identifier') return { kind: 'wrong', range: variable.range, name, wants: 'name' };
    return { kind: 'loop', form: 'list', over, variables: [variable], filter: given[1]!, body: undefined };
  }
  const shapes = Object.hasOwn(loops, name) ? loops[name]! : [];
  const shape = shapes.find(
    ({ group, variables, filtered }) => groups.has(group) && given.length === variables + (filtered ? 2 : 1),
  );
  if (shape === undefined) return undefined;
  const [first, second] = given;
  if (first?.kind !== 'identifier') return { kind: 'wrong', range: first!.range, name, wants: 'name' };
  const rest = given.slice(shape.variables);
  const filter = shape.filtered ? rest[0] : undefined;
  const body = rest.at(-1)!;
  if (shape.variables === 1) return { kind: 'loop', form: shape.form, over, variables: [first], filter, body };
  if (second?.kind !== 'identifier') return { kind: 'wrong', range: second!.range, name, wants: 'name' };
  if (second.name === first.name) return { kind: 'wrong', range: second.range, name, wants: 'other name' };
  return { kind: 'loop', form: shape.form, over, variables: [first, second], filter, body };
}
