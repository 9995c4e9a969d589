import { type CelFunction, global, member } from '../environment.ts';
import { isMap, mapKey, mapSize, mapValue } from '../maps.ts';
import { bytes, type CelType, int, listOf, mapOf, parameter, string } from '../types.ts';
import { CelError, isList, none, noSuchOverload, Optional, type Result, Uint, type Value } from '../value.ts';
import { equals } from './comparison.ts';
import { codePointCount } from './strings.ts';

function size(value: Value): Result {
  if (typeof value === 'string') return BigInt(codePointCount(value));
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  return isMap(value) ? BigInt(mapSize(value)) : noSuchOverload('size', value);
}

/** `value in container`. */
export function isIn(value: Value, container: Value): Result {
  if (isList(container)) {
    for (const each of container) {
      const same = equals(value, each);
      if (same !== false) return same;
    }
    return false;
  }
  if (!isMap(container)) return noSuchOverload('@in', value, container);
  const key = mapKey(value);
  return key !== undefined && mapValue(container, key) !== undefined;
}

/** `operand.field`, or the error that there is none. Of an optional the field is optional. */
export function select(operand: Result, field: string): Result {
  if (isMap(operand)) return mapValue(operand, field) ?? noSuchKey(field);
  if (operand instanceof CelError) return operand;
  if (operand instanceof Optional) return optionalSelect(operand, field);
  return noSuchOverload(`select .${field}`, operand);
}

function noSuchKey(key: Value): CelError {
  if (typeof key === 'string') return new CelError(`no such key: '${key}'`);
  return new CelError(`no such key: ${key instanceof Uint ? `${key.value}u` : String(key)}`);
}

/** `operand.?field`. */
export function optionalSelect(operand: Result, field: string): Result {
  if (operand instanceof CelError) return operand;
  if (operand instanceof Optional) return operand.value === undefined ? none : optionalSelect(operand.value, field);
  if (!isMap(operand)) return noSuchOverload(`select .?${field}`, operand);
  const value = mapValue(operand, field);
  return value === undefined ? none : new Optional(value);
}

/** `has(operand.field)`. */
export function has(operand: Result, field: string): Result {
  if (isMap(operand)) return mapValue(operand, field) !== undefined;
  if (operand instanceof CelError) return operand;
  if (operand instanceof Optional) return operand.value === undefined ? false : has(operand.value, field);
  return noSuchOverload(`has .${field}`, operand);
}

/** `operand[index]`, or the error that there is none. */
export function elementAt(operand: Value, index: Value): Result {
  if (operand instanceof Optional) return optionalElementAt(operand, index);
  const found = find(operand, index);
  if (found !== undefined) return found;
  return isList(operand) ? new CelError(`index out of bounds: ${printIndex(index)}`) : noSuchKey(index);
}

/** `operand[?index]`. */
export function optionalElementAt(operand: Value, index: Value): Result {
  if (operand instanceof Optional) return operand.value === undefined ? none : optionalElementAt(operand.value, index);
  const found = find(operand, index);
  if (found === undefined) return none;
  return found instanceof CelError ? found : new Optional(found);
}

/** @returns undefined where the list is shorter or the map has no such key */
function find(operand: Value, index: Value): Result | undefined {
  if (isList(operand)) {
    const key = typeof index === 'string' || typeof index === 'boolean' ? undefined : mapKey(index);
    if (typeof key !== 'bigint') {
      return typeof index === 'number'
        ? new CelError(`index is not an integer: ${index}`)
        : noSuchOverload('_[_]', operand, index);
    }
    return key < 0n || key >= BigInt(operand.length) ? undefined : operand[Number(key)];
  }
  if (!isMap(operand)) return noSuchOverload('_[_]', operand, index);
  const key = mapKey(index);
  if (key !== undefined) return mapValue(operand, key);
  return typeof index === 'number' ? undefined : new CelError('unsupported key type');
}

function printIndex(index: Value): string {
  return index instanceof Uint ? `${index.value}u` : String(index);
}

const a = parameter('A');
const b = parameter('B');
const sized: readonly CelType[] = [string, bytes, listOf(a), mapOf(a, b)];

export const collectionFunctions: readonly CelFunction[] = [
  { name: 'size', overloads: sized.flatMap((each) => [global([each], int), member([each], int)]), call: size },
];
