import { isMap, mapSize, ownField } from '../maps.ts';
import {
  CelError,
  CelMap,
  Duration,
  noSuchOverload,
  Optional,
  type Result,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../value.ts';

/** More pairs than this are not compared: lists can hold one another many times over. */
const mostComparisons = 200_000;

/** `==`: values of types that cannot be compared are unequal, numbers are equal by value whatever their types. */
export function equals(left: Value, right: Value): boolean | CelError {
  // The types that most comparisons are of, without the bookkeeping of nested ones.
  if (typeof left === 'string' || typeof left === 'boolean' || left === null) return left === right;
  const work = { left: mostComparisons };
  const same = equalWithin(left, right, work);
  return work.left < 0 ? new CelError('too large to compare') : same;
}

/** `!=`. */
export function differs(left: Value, right: Value): boolean | CelError {
  const same = equals(left, right);
  return same instanceof CelError ? same : !same;
}

function equalWithin(left: Value, right: Value, work: { left: number }): boolean {
  work.left--;
  if (work.left < 0) return false;
  switch (typeof left) {
    case 'string':
    case 'boolean':
      return left === right;
    case 'bigint':
    case 'number':
      return sameNumber(left, right);
    default:
      break;
  }
  if (left === null || right === null || typeof right !== 'object') {
    return left instanceof Uint && right !== null ? sameNumber(left.value, right) : left === right;
  }
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) {
      if (!equalWithin(left[index], right[index], work)) return false;
    }
    return true;
  }
  if (left instanceof Uint) return sameNumber(left.value, right);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && sameBytes(left, right);
  if (left instanceof Timestamp) {
    return right instanceof Timestamp && left.seconds === right.seconds && left.nanos === right.nanos;
  }
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  if (left instanceof TypeValue) return right instanceof TypeValue && left.name === right.name;
  if (left instanceof Optional) {
    if (!(right instanceof Optional)) return false;
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return equalWithin(left.value, right.value, work);
  }
  if (!isMap(left) || !isMap(right) || mapSize(left) !== mapSize(right)) return false;
  const entries = left instanceof CelMap ? left.entries : Object.entries(left);
  for (const [key, value] of entries) {
    const other =
      right instanceof CelMap ? right.entries.get(key) : typeof key === 'string' ? ownField(right, key) : undefined;
    if (other === undefined || !equalWithin(value, other, work)) return false;
  }
  return true;
}

function sameNumber(left: bigint | number, right: Value): boolean {
  const other = right instanceof Uint ? right.value : right;
  if (typeof left === typeof other) return left === other;
  return typeof other === 'bigint' || typeof other === 'number' ? asDouble(left) === asDouble(other) : false;
}

/** As cel-go and cel-rust compare integers with doubles, and the conformance suite asks: rounded to a double. */
function asDouble(value: bigint | number): number {
  return typeof value === 'number' ? value : Number(value);
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** -1, 0 or 1; NaN where either is not a number; undefined where the types have no order. */
function order(left: Value, right: Value): number | undefined {
  const one = left instanceof Uint ? left.value : left;
  const other = right instanceof Uint ? right.value : right;
  switch (typeof one) {
    case 'bigint':
    case 'number':
      if (typeof other !== 'bigint' && typeof other !== 'number') return undefined;
      return typeof one === typeof other ? compare(one, other) : compare(asDouble(one), asDouble(other));
    case 'string':
      return typeof other === 'string' ? compareCodePoints(one, other) : undefined;
    case 'boolean':
      return typeof other === 'boolean' ? Number(one) - Number(other) : undefined;
    default:
      break;
  }
  if (one instanceof Timestamp && other instanceof Timestamp) {
    return Math.sign(one.seconds - other.seconds || one.nanos - other.nanos);
  }
  if (one instanceof Duration && other instanceof Duration) {
    return one.nanos < other.nanos ? -1 : one.nanos > other.nanos ? 1 : 0;
  }
  if (one instanceof Uint8Array && other instanceof Uint8Array) return compareBytes(one, other);
  return undefined;
}

function compare(left: bigint | number, right: bigint | number): number {
  return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
}

/** By code points: UTF-16 has those past U+FFFF before U+E000. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const one = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (one === other) continue;
    const oneSurrogate = one >= 0xd800 && one < 0xe000;
    const otherSurrogate = other >= 0xd800 && other < 0xe000;
    if (oneSurrogate !== otherSurrogate && one >= 0xd800 && other >= 0xd800) return oneSurrogate ? 1 : -1;
    return one < other ? -1 : 1;
  }
  return Math.sign(left.length - right.length);
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (left[index] !== right[index]) return left[index]! < right[index]! ? -1 : 1;
  }
  return Math.sign(left.length - right.length);
}

export function less(left: Value, right: Value): Result {
  const compared = order(left, right);
  return compared === undefined ? noSuchOverload('_<_', left, right) : compared < 0;
}

export function lessOrEqual(left: Value, right: Value): Result {
  const compared = order(left, right);
  return compared === undefined ? noSuchOverload('_<=_', left, right) : compared <= 0;
}

export function greater(left: Value, right: Value): Result {
  const compared = order(left, right);
  return compared === undefined ? noSuchOverload('_>_', left, right) : compared > 0;
}

export function greaterOrEqual(left: Value, right: Value): Result {
  const compared = order(left, right);
  return compared === undefined ? noSuchOverload('_>=_', left, right) : compared >= 0;
}
