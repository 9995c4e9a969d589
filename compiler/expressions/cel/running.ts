import type { Range } from '../../../grammars/cel/syntax-tree.ts';
import { isMap, type MapBuilder, mapKey, mapKeys, mapValue } from './maps.ts';
import { CelError, isList, kindOf, located, none, noSuchOverload, Optional, type Result, type Value } from './value.ts';

/** What both evaluators do in the same way. */

/** The values of an environment's variables, by their names. Own properties only count. */
export interface Bindings {
  readonly [variable: string]: Value | undefined;
}

/** An expression that is ready to run. Never throws. */
export type Program = (bindings: Bindings) => Result;

/** Steps that one evaluation may take: elements of comprehensions, and what is long counts for more. */
export const mostSteps = 1_000_000;

/** Not absorbed by anything: the whole expression has this value then. */
export const exhausted = new CelError(`the expression takes more than ${mostSteps} steps`);

export function unbound(name: string, range: Range): CelError {
  return new CelError(`no value for '${name}'`, range);
}

/** The error of an operand of `&&` or `||` that is not a boolean; the first error stays. */
export function failedOperand(before: Result, operand: Result, operator: '&&' | '||', range: Range): Result {
  if (before instanceof CelError) return before;
  if (operand instanceof CelError) return operand;
  return located(noSuchOverload(operator, operand), range);
}

/** The error of a condition that is not a boolean. */
export function failedCondition(condition: Result, range: Range): Result {
  return condition instanceof CelError ? condition : located(noSuchOverload('condition', condition), range);
}

/** What a comprehension with one variable goes through: elements, or keys. */
export function items(over: Result, range: Range): readonly Value[] | CelError {
  if (isList(over)) return over;
  if (isMap(over)) return mapKeys(over);
  if (over instanceof CelError) return over;
  return new CelError(`no such overload: a comprehension over ${kindOf(over)}`, range);
}

export interface Pairs {
  readonly first: readonly Value[];
  readonly second: readonly Value[];
}

/** What a comprehension with two variables goes through: indexes and elements, or keys and values. */
export function pairs(over: Result, range: Range): Pairs | CelError {
  if (isList(over)) return { first: over.map((_, index) => BigInt(index)), second: over };
  if (isMap(over)) {
    const keys = mapKeys(over);
    return { first: keys, second: keys.map((key) => mapValue(over, mapKey(key)!)!) };
  }
  const found = items(over, range);
  return found instanceof CelError ? found : { first: [], second: found };
}

/** Adds the entries of `{key: value}`, the body of transformMapEntry. */
export function addEntries(map: MapBuilder, entries: Result, range: Range): CelError | undefined {
  if (entries instanceof CelError) return entries;
  if (!isMap(entries)) return new CelError('no such overload: transformMapEntry makes a map', range);
  for (const key of mapKeys(entries)) {
    const error = map.set(key, mapValue(entries, mapKey(key)!)!);
    if (error !== undefined) return new CelError(error.message, range);
  }
  return undefined;
}

/** What stands behind `?` in a list or map: undefined where the optional has no value. */
export function optionalPart(value: Result, range: Range): Result | undefined {
  if (value instanceof Optional) return value.value;
  return value instanceof CelError ? value : new CelError('no such overload: `?` needs an optional', range);
}

/** The value inside an optional, undefined where it has none, or an error. */
export function openOptional(operand: Result, range: Range): Result | undefined {
  if (operand instanceof Optional) return operand.value;
  return operand instanceof CelError ? operand : located(noSuchOverload('optMap', operand), range);
}

export function closeOptional(value: Result | undefined, flat: boolean): Result {
  if (value === undefined) return none;
  return flat || value instanceof CelError ? value : new Optional(value);
}
