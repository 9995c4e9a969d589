import { type CelFunction, global, type Overload } from '../environment.ts';
import { bool, type CelType, double, dyn, int, listOf, uint } from '../types.ts';
import { CelError, isList, noSuchOverload, type Result, Uint, type Value } from '../value.ts';
import { intOf } from './arithmetic.ts';
import { greater, less } from './comparison.ts';

function isNumber(value: Value | undefined): value is bigint | number | Uint {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** The first of the numbers that none of the others beats. */
function extreme(name: string, beats: (one: Value, other: Value) => Result): (...values: readonly Value[]) => Result {
  return (...values) => {
    const [first] = values;
    const numbers = values.length === 1 && first !== undefined && isList(first) ? first : values;
    let best = numbers[0];
    if (best === undefined) return new CelError(`${name}: the list is empty`);
    for (const each of numbers) {
      if (!isNumber(each)) return noSuchOverload(name, ...values);
      if (beats(each, best) === true) best = each;
    }
    return best;
  };
}

function ofDouble(name: string, result: CelType, apply: (value: number) => Value): CelFunction {
  return {
    name,
    overloads: [global([double], result)],
    call: (value) => (typeof value === 'number' ? apply(value) : noSuchOverload(name, value!)),
  };
}

/** Halves go away from zero. */
function round(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function absolute(value: Value): Result {
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'bigint') return intOf(value < 0n ? -value : value);
  return value instanceof Uint ? value : noSuchOverload('math.abs', value);
}

function sign(value: Value): Result {
  if (typeof value === 'number') return Math.sign(value);
  if (typeof value === 'bigint') return value < 0n ? -1n : value > 0n ? 1n : 0n;
  return value instanceof Uint ? new Uint(value.value === 0n ? 0n : 1n) : noSuchOverload('math.sign', value);
}

function root(value: Value): Result {
  if (typeof value === 'number') return Math.sqrt(value);
  if (typeof value === 'bigint') return Math.sqrt(Number(value));
  return value instanceof Uint ? Math.sqrt(Number(value.value)) : noSuchOverload('math.sqrt', value);
}

function bitwise(name: string, apply: (left: bigint, right: bigint) => bigint): CelFunction {
  return {
    name,
    overloads: [global([int, int], int), global([uint, uint], uint)],
    call: (left, right) => {
      if (typeof left === 'bigint' && typeof right === 'bigint') return BigInt.asIntN(64, apply(left, right));
      if (left instanceof Uint && right instanceof Uint) {
        return new Uint(BigInt.asUintN(64, apply(left.value, right.value)));
      }
      return noSuchOverload(name, left!, right!);
    },
  };
}

/** Both shifts fill with zeros; 64 places and more leave nothing. */
function shift(name: string, apply: (value: bigint, places: bigint) => bigint): CelFunction {
  return {
    name,
    overloads: [global([int, int], int), global([uint, int], uint)],
    call: (value, places) => {
      if (typeof places !== 'bigint' || !(typeof value === 'bigint' || value instanceof Uint)) {
        return noSuchOverload(name, value!, places!);
      }
      if (places < 0n) return new CelError(`${name} negative offset: ${places}`);
      const bits = value instanceof Uint ? value.value : BigInt.asUintN(64, value);
      const shifted = places > 63n ? 0n : BigInt.asUintN(64, apply(bits, places));
      return value instanceof Uint ? new Uint(shifted) : BigInt.asIntN(64, shifted);
    },
  };
}

const numbers = [int, uint, double];

/** As cel-go declares them: numbers of one type stay of it, of several they are `dyn`. */
const extremes: readonly Overload[] = [
  ...numbers.map((each) => global([each], each)),
  ...numbers.flatMap((left) => numbers.map((right) => global([left, right], left === right ? left : dyn))),
  ...numbers.map((each) => global([listOf(each)], each)),
];

const same: readonly Overload[] = numbers.map((each) => global([each], each));

/** cel-go's math extension. */
export const mathFunctions: readonly CelFunction[] = [
  { name: 'math.greatest', overloads: extremes, call: extreme('math.greatest', greater) },
  { name: 'math.least', overloads: extremes, call: extreme('math.least', less) },
  ofDouble('math.ceil', double, Math.ceil),
  ofDouble('math.floor', double, Math.floor),
  ofDouble('math.round', double, round),
  ofDouble('math.trunc', double, Math.trunc),
  ofDouble('math.isInf', bool, (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  ofDouble('math.isNaN', bool, Number.isNaN),
  ofDouble('math.isFinite', bool, Number.isFinite),
  { name: 'math.abs', overloads: same, call: absolute },
  { name: 'math.sign', overloads: same, call: sign },
  { name: 'math.sqrt', overloads: numbers.map((each) => global([each], double)), call: root },
  bitwise('math.bitAnd', (left, right) => left & right),
  bitwise('math.bitOr', (left, right) => left | right),
  bitwise('math.bitXor', (left, right) => left ^ right),
  {
    name: 'math.bitNot',
    overloads: [global([int], int), global([uint], uint)],
    call: (value) => {
      if (typeof value === 'bigint') return ~value;
      return value instanceof Uint ? new Uint(BigInt.asUintN(64, ~value.value)) : noSuchOverload('math.bitNot', value!);
    },
  },
  shift('math.bitShiftLeft', (value, places) => value << places),
  shift('math.bitShiftRight', (value, places) => value >> places),
];
