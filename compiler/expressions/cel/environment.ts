import type { CelType } from './types.ts';
import type { Result, Value } from './value.ts';

/** One way to call a function. Of a member the first parameter is the target: `target.name(…)`. */
export interface Overload {
  readonly member: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
}

/**
 * A function: what the checker knows of it, and what it does. `call` gets as many values as some overload has
 * parameters, of any types, and answers with an error where no overload fits. It neither throws nor gives back errors
 * with a range.
 */
export interface CelFunction {
  readonly name: string;
  readonly overloads: readonly Overload[];
  readonly call: (...values: readonly Value[]) => Result;
}

/** Macros by group: what an engine has or has not. */
export type MacroGroup = 'standard' | 'comprehensions2' | 'optionals' | 'bindings';

/** Functions and macros that come together. */
export interface Library {
  readonly functions: readonly CelFunction[];
  readonly macros: readonly MacroGroup[];
}

/** What an expression may name. Plain data but for what the functions do. */
export interface Environment {
  /** By name; a name may have dots: `request.auth`. */
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: ReadonlyMap<string, CelFunction>;
  readonly macros: ReadonlySet<MacroGroup>;
  /** The name space that names are looked up in first: in `a.b`, `x` is `a.b.x`, `a.x` or `x`. */
  readonly container: string;
}

export interface EnvironmentOptions {
  readonly libraries: readonly Library[];
  readonly variables?: Readonly<Record<string, CelType>>;
  readonly functions?: readonly CelFunction[];
  readonly container?: string;
}

/** Makes an environment. Of two functions with one name the later one adds its overloads and answers for its own. */
export function environmentOf({
  libraries,
  variables = {},
  functions = [],
  container = '',
}: EnvironmentOptions): Environment {
  const byName = new Map<string, CelFunction>();
  for (const each of [...libraries.flatMap((library) => library.functions), ...functions]) {
    const before = byName.get(each.name);
    byName.set(each.name, before === undefined ? each : joined(before, each));
  }
  return {
    variables: new Map(Object.entries(variables)),
    functions: byName,
    macros: new Set(libraries.flatMap((library) => library.macros)),
    container,
  };
}

function joined(first: CelFunction, second: CelFunction): CelFunction {
  return {
    name: first.name,
    overloads: [...first.overloads, ...second.overloads],
    call: (...values) => (takes(second, values.length) ? second : first).call(...values),
  };
}

function takes({ overloads }: CelFunction, count: number): boolean {
  return overloads.some(({ parameters }) => parameters.length === count);
}

/** The names that `name` may stand for in a container, innermost first. */
export function candidateNames(name: string, container: string): readonly string[] {
  if (container === '') return [name];
  const names: string[] = [];
  for (let space = container; space !== ''; space = space.slice(0, Math.max(space.lastIndexOf('.'), 0))) {
    names.push(`${space}.${name}`);
  }
  return [...names, name];
}

/** `name(…)`. */
export function global(parameters: readonly CelType[], result: CelType): Overload {
  return { member: false, parameters, result };
}

/** `target.name(…)`; the first parameter is the target. */
export function member(parameters: readonly CelType[], result: CelType): Overload {
  return { member: true, parameters, result };
}
