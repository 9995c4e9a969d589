import { CelError, Duration, isList, noSuchOverload, type Result, Timestamp, Uint, type Value } from '../value.ts';
import { durationOf, nanosecondsOf, timestampOf } from './time.ts';

const largestInt = 0x7fff_ffff_ffff_ffffn;
const smallestInt = -0x8000_0000_0000_0000n;
const largestUint = 0xffff_ffff_ffff_ffffn;

/** Longer strings and bytes are not made: doubling in a comprehension would fill the memory. */
export const largestSize = 1 << 24;

/** As many elements may be in one list that `+` makes. */
const longestList = 1 << 20;

const overflow = new CelError('integer overflow');
const byZero = new CelError('divide by zero');
const moduloZero = new CelError('modulus by zero');
export const tooLarge = new CelError('value is too large');

/** The value as an `int`, or the error that it is none. */
export function intOf(value: bigint): Result {
  return value > largestInt || value < smallestInt ? overflow : value;
}

export function uintOf(value: bigint): Result {
  return value > largestUint || value < 0n ? overflow : new Uint(value);
}

/** `+`: of numbers, strings, bytes, lists, and of points and spans of time. */
export function add(left: Value, right: Value): Result {
  switch (typeof left) {
    case 'bigint':
      if (typeof right === 'bigint') return intOf(left + right);
      break;
    case 'number':
      if (typeof right === 'number') return left + right;
      break;
    case 'string':
      if (typeof right === 'string') return left.length + right.length > largestSize ? tooLarge : left + right;
      break;
    default:
      if (left instanceof Uint && right instanceof Uint) return uintOf(left.value + right.value);
      if (isList(left) && isList(right)) {
        return left.length + right.length > longestList ? tooLarge : [...left, ...right];
      }
      if (left instanceof Uint8Array && right instanceof Uint8Array) return joinBytes(left, right);
      if (left instanceof Duration) {
        if (right instanceof Duration) return durationOf(left.nanos + right.nanos);
        if (right instanceof Timestamp) return timestampOf(nanosecondsOf(right) + left.nanos);
      }
      if (left instanceof Timestamp && right instanceof Duration) {
        return timestampOf(nanosecondsOf(left) + right.nanos);
      }
  }
  return noSuchOverload('_+_', left, right);
}

function joinBytes(left: Uint8Array, right: Uint8Array): Result {
  if (left.length + right.length > largestSize) return tooLarge;
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

export function subtract(left: Value, right: Value): Result {
  if (typeof left === 'bigint' && typeof right === 'bigint') return intOf(left - right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (left instanceof Uint && right instanceof Uint) return uintOf(left.value - right.value);
  if (left instanceof Duration && right instanceof Duration) return durationOf(left.nanos - right.nanos);
  if (left instanceof Timestamp) {
    if (right instanceof Timestamp) return durationOf(nanosecondsOf(left) - nanosecondsOf(right));
    if (right instanceof Duration) return timestampOf(nanosecondsOf(left) - right.nanos);
  }
  return noSuchOverload('_-_', left, right);
}

export function multiply(left: Value, right: Value): Result {
  if (typeof left === 'bigint' && typeof right === 'bigint') return intOf(left * right);
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  if (left instanceof Uint && right instanceof Uint) return uintOf(left.value * right.value);
  return noSuchOverload('_*_', left, right);
}

/** `/`: integers truncate towards zero. */
export function divide(left: Value, right: Value): Result {
  if (typeof left === 'bigint' && typeof right === 'bigint') return right === 0n ? byZero : intOf(left / right);
  if (typeof left === 'number' && typeof right === 'number') return left / right;
  if (left instanceof Uint && right instanceof Uint)
    return right.value === 0n ? byZero : uintOf(left.value / right.value);
  return noSuchOverload('_/_', left, right);
}

/** `%`: the sign is the dividend's. */
export function remainder(left: Value, right: Value): Result {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    if (right === 0n) return moduloZero;
    return left === smallestInt && right === -1n ? overflow : left % right;
  }
  if (left instanceof Uint && right instanceof Uint) {
    return right.value === 0n ? moduloZero : new Uint(left.value % right.value);
  }
  return noSuchOverload('_%_', left, right);
}

export function negate(value: Value): Result {
  if (typeof value === 'bigint') return intOf(-value);
  if (typeof value === 'number') return -value;
  return noSuchOverload('-_', value);
}

export function not(value: Value): Result {
  return typeof value === 'boolean' ? !value : noSuchOverload('!_', value);
}
