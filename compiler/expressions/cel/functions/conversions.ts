import { type CelFunction, global, type Overload } from '../environment.ts';
import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  dyn,
  int,
  parameter,
  string,
  timestamp,
  typeOf,
  uint,
} from '../types.ts';
import {
  CelError,
  Duration,
  kindOf,
  noSuchOverload,
  type Result,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../value.ts';
import { intOf, uintOf } from './arithmetic.ts';
import { printDuration, printTimestamp, readDuration, readTimestamp, shortened, timestampAt } from './time.ts';

const range = new CelError('range error: the number does not fit');

function toInt(value: Value): Result {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value > 0x7fff_ffff_ffff_ffffn ? range : value.value;
  // Exactly ±2^63 as a double is refused: what was written may have been rounded to it.
  if (typeof value === 'number') return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : range;
  if (typeof value === 'string') {
    if (!/^[+-]?\d{1,40}$/.test(value)) return cannotRead('int', value);
    return intOf(BigInt(value.startsWith('+') ? value.slice(1) : value));
  }
  if (value instanceof Timestamp) return BigInt(value.seconds);
  if (value instanceof Duration) return value.nanos;
  return noSuchOverload('int', value);
}

function toUint(value: Value): Result {
  if (value instanceof Uint) return value;
  if (typeof value === 'bigint') return value < 0n ? range : new Uint(value);
  if (typeof value === 'number') {
    return value >= 0 && value < 2 ** 64 ? new Uint(BigInt(Math.trunc(value))) : range;
  }
  if (typeof value === 'string') return /^\d{1,40}$/.test(value) ? uintOf(BigInt(value)) : cannotRead('uint', value);
  return noSuchOverload('uint', value);
}

function toDouble(value: Value): Result {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (typeof value === 'string') return readDouble(value);
  return noSuchOverload('double', value);
}

/** Decimal numbers, and `NaN`, `Inf` and `Infinity` in any case. */
function readDouble(text: string): Result {
  if (text.length <= 1000 && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : cannotRead('double', text);
  }
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      return cannotRead('double', text);
  }
}

function toBool(value: Value): Result {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return noSuchOverload('bool', value);
  switch (value) {
    case '1':
    case 't':
    case 'T':
    case 'true':
    case 'TRUE':
    case 'True':
      return true;
    case '0':
    case 'f':
    case 'F':
    case 'false':
    case 'FALSE':
    case 'False':
      return false;
    default:
      return cannotRead('bool', value);
  }
}

function toBytes(value: Value): Result {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'string' ? new TextEncoder().encode(value) : noSuchOverload('bytes', value);
}

function toText(value: Value): Result {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return printDouble(value);
    default:
      if (value instanceof Uint) return String(value.value);
      if (value instanceof Uint8Array) return readUtf8(value);
      if (value instanceof Timestamp) return printTimestamp(value);
      if (value instanceof Duration) return printDuration(value);
      return noSuchOverload('string', value);
  }
}

export function readUtf8(value: Uint8Array): Result {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    // Its only way to say that bytes are no UTF-8.
    return new CelError('invalid UTF-8');
  }
}

/**
 * As cel-go prints it, with Go's `%g`: exponents below -4 and from 6 on (strconv/ftoa.go, `%e is used if …`), of two digits
 * at least.
 */
export function printDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A number that is not infinite without an exponent, in as few digits as tell it from others. */
export function printPlainDouble(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  const [, sign = '', first = '', rest = ''] = /^(-?)(\d)(?:\.(\d+))?$/.exec(digits) ?? [];
  const places = Number(exponent);
  if (places < 0) return `${sign}0.${'0'.repeat(-places - 1)}${first}${rest}`;
  return `${sign}${first}${rest.padEnd(places, '0')}`;
}

function toTimestamp(value: Value): Result {
  if (value instanceof Timestamp) return value;
  if (typeof value === 'string') return readTimestamp(value);
  return typeof value === 'bigint' ? timestampAt(Number(value), 0) : noSuchOverload('timestamp', value);
}

function toDuration(value: Value): Result {
  if (value instanceof Duration) return value;
  if (typeof value === 'string') return readDuration(value);
  return typeof value === 'bigint' ? new Duration(value) : noSuchOverload('duration', value);
}

function cannotRead(type: string, text: string): CelError {
  return new CelError(`type conversion error: '${shortened(text)}' is no ${type}`);
}

const a = parameter('A');

function conversions(result: CelType, ...from: readonly CelType[]): readonly Overload[] {
  return from.map((each) => global([each], result));
}

export const conversionFunctions: readonly CelFunction[] = [
  { name: 'int', overloads: conversions(int, int, double, string, timestamp, uint, duration), call: toInt },
  { name: 'uint', overloads: conversions(uint, uint, double, int, string), call: toUint },
  { name: 'double', overloads: conversions(double, double, int, string, uint), call: toDouble },
  { name: 'bool', overloads: conversions(bool, bool, string), call: toBool },
  { name: 'bytes', overloads: conversions(bytes, bytes, string), call: toBytes },
  {
    name: 'string',
    overloads: conversions(string, string, bool, bytes, double, duration, int, timestamp, uint),
    call: toText,
  },
  { name: 'timestamp', overloads: conversions(timestamp, timestamp, int, string), call: toTimestamp },
  { name: 'duration', overloads: conversions(duration, duration, int, string), call: toDuration },
  { name: 'dyn', overloads: [global([a], dyn)], call: (value) => value },
  { name: 'type', overloads: [global([a], typeOf(a))], call: (value) => new TypeValue(kindOf(value)) },
];
