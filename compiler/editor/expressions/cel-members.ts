import type { Environment, Overload } from '../../expressions/cel/environment.ts';
import { macroNames } from '../../expressions/cel/macros.ts';
import { type CelType, formatType } from '../../expressions/cel/types.ts';
import { isAnything, Substitution } from '../../expressions/cel/unify.ts';

/** A way to call a function, or what a macro takes. */
export interface Call {
  readonly name: string;
  /** What it is called on; absent for a function that stands by itself. */
  readonly target?: string;
  readonly parameters: readonly string[];
  readonly result: string;
}

/** What macros take, since no overload says so; `x` is a name that the macro declares. Source: CEL's language definition. */
const macroCalls: Readonly<Record<string, readonly Omit<Call, 'name'>[]>> = {
  has: [{ parameters: ['field: a.b'], result: 'bool' }],
  all: [{ target: 'list or map', parameters: ['x', 'condition: bool'], result: 'bool' }],
  exists: [{ target: 'list or map', parameters: ['x', 'condition: bool'], result: 'bool' }],
  exists_one: [{ target: 'list or map', parameters: ['x', 'condition: bool'], result: 'bool' }],
  existsOne: [{ target: 'list or map', parameters: ['x', 'condition: bool'], result: 'bool' }],
  filter: [{ target: 'list or map', parameters: ['x', 'condition: bool'], result: 'list' }],
  map: [
    { target: 'list or map', parameters: ['x', 'value'], result: 'list' },
    { target: 'list or map', parameters: ['x', 'condition: bool', 'value'], result: 'list' },
  ],
  optMap: [{ target: 'optional', parameters: ['x', 'value'], result: 'optional' }],
  optFlatMap: [{ target: 'optional', parameters: ['x', 'optional value'], result: 'optional' }],
};

/** The ways to call what may stand behind a dot; `type` is that of what stands before it. */
export function memberCalls(type: CelType, { functions, macros }: Environment): readonly Call[] {
  const methods = [...functions.values()].flatMap(({ name, overloads }) =>
    overloads.filter((overload) => overload.member && takes(overload, type)).map((overload) => callOf(name, overload)),
  );
  return [...methods, ...macrosOn(type, macroNames(macros, true))];
}

/** The ways to call what stands by itself. */
export function globalCalls({ functions, macros }: Environment): readonly Call[] {
  const named = [...functions.values()].flatMap(({ name, overloads }) =>
    overloads.filter(({ member }) => !member).map((overload) => callOf(name, overload)),
  );
  return [...named, ...macroNames(macros, false).flatMap((name) => macroCallsOf(name))];
}

/** The ways to call a macro; none for what is no macro. */
function macroCallsOf(name: string): readonly Call[] {
  const calls = Object.hasOwn(macroCalls, name) ? macroCalls[name]! : [];
  return calls.map((call) => ({ name, ...call }));
}

function macrosOn(type: CelType, names: readonly string[]): readonly Call[] {
  const isLoop = type.kind === 'list' || type.kind === 'map' || type.kind === 'object';
  const isOptional = type.kind === 'opaque' && type.name === 'optional_type';
  return names
    .filter((name) => isAnything(type) || (name.startsWith('opt') ? isOptional : isLoop))
    .flatMap((name) => macroCallsOf(name));
}

function callOf(name: string, { member, parameters, result }: Overload): Call {
  const shown = parameters.map(formatType);
  return {
    name,
    ...(member ? { target: shown[0]! } : {}),
    parameters: member ? shown.slice(1) : shown,
    result: formatType(result),
  };
}

function takes({ parameters }: Overload, type: CelType): boolean {
  const [target] = parameters;
  return target !== undefined && new Substitution().assign(type, target);
}

/** `string.startsWith(string) → bool`. */
export function signatureOf({ name, target, parameters, result }: Call): string {
  return `${target === undefined ? '' : `${target}.`}${name}(${parameters.join(', ')}) → ${result}`;
}
