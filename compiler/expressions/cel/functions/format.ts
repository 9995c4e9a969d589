import { type CelFunction, member } from '../environment.ts';
import { isMap, mapKey, mapKeys, mapValue } from '../maps.ts';
import { dyn, listOf, string } from '../types.ts';
import {
  CelError,
  Duration,
  isList,
  kindOf,
  noSuchOverload,
  type Result,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../value.ts';
import { largestSize, tooLarge } from './arithmetic.ts';
import { compareCodePoints } from './comparison.ts';
import { printPlainDouble, readUtf8 } from './conversions.ts';
import { printDuration, printTimestamp } from './time.ts';

/** Decimals that one clause may ask for. */
const mostDecimals = 100;

/** `text.format([…])`: cel-go's clauses `%s %d %f %e %b %o %x %X %%`. */
function format(text: Value, values: Value): Result {
  if (typeof text !== 'string' || !isList(values)) return noSuchOverload('format', text, values);
  let formatted = '';
  let next = 0;
  let copied = 0;
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', copied)) {
    formatted += text.slice(copied, at);
    const clause = /%(%|(?:\.(\d{1,3}))?(.))/suy;
    clause.lastIndex = at;
    const match = clause.exec(text);
    if (match === null) return new CelError('could not parse formatting clause: unexpected end of string');
    copied = clause.lastIndex;
    if (match[1] === '%') {
      formatted += '%';
      continue;
    }
    const value = values[next];
    if (value === undefined) return new CelError(`index ${next} out of range`);
    next++;
    const part = formatOne(match[3] ?? '', match[2] === undefined ? 6 : Number(match[2]), value, { left: largestSize });
    if (typeof part !== 'string') return part;
    formatted += part;
    if (formatted.length > largestSize) return tooLarge;
  }
  return formatted + text.slice(copied);
}

function formatOne(clause: string, decimals: number, value: Value, room: { left: number }): string | CelError {
  if (decimals > mostDecimals) return new CelError(`could not parse formatting clause: precision over ${mostDecimals}`);
  switch (clause) {
    case 's':
      return printed(value, room);
    case 'd':
      if (typeof value === 'number') return named(value) ?? printPlainDouble(value);
      return inBase(value, 10) ?? wrongKind('decimal clause can only be used on integers', value);
    case 'f':
      return typeof value === 'number'
        ? (named(value) ?? fixed(value, decimals))
        : (asDouble(value, (each) => fixed(each, decimals)) ??
            wrongKind('fixed-point clause can only be used on doubles', value));
    case 'e':
      return (
        asDouble(value, (each) => each.toExponential(decimals).replace(/e([+-])(\d)$/, 'e$10$2')) ??
        wrongKind('scientific clause can only be used on doubles', value)
      );
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return inBase(value, 2) ?? wrongKind('only integers and bools can be formatted as binary', value);
    case 'o':
      return inBase(value, 8) ?? wrongKind('octal clause can only be used on integers', value);
    case 'x':
      return hexadecimal(value);
    case 'X': {
      const lower = hexadecimal(value);
      return typeof lower === 'string' ? lower.toUpperCase() : lower;
    }
    default:
      return new CelError(`could not parse formatting clause: unrecognized formatting clause "${clause}"`);
  }
}

function wrongKind(message: string, value: Value): CelError {
  return new CelError(`error during formatting: ${message}, was given ${kindOf(value)}`);
}

/** NaN and the infinities, which have no digits. */
function named(value: number): string | undefined {
  return Number.isFinite(value) ? undefined : String(value);
}

function asDouble(value: Value, print: (value: number) => string): string | undefined {
  if (typeof value === 'number') return named(value) ?? print(value);
  if (typeof value === 'bigint') return print(Number(value));
  return value instanceof Uint ? print(Number(value.value)) : undefined;
}

/** With so many decimals, of two equally near ones the even, as Go rounds. */
function fixed(value: number, decimals: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${decimals === 0 ? '' : `.${'0'.repeat(decimals)}`}`;
  const rounded = value.toFixed(decimals);
  const exact = value.toFixed(100);
  const cut = exact.indexOf('.') + 1 + decimals;
  const tie = decimals < 100 && /^50*$/.test(exact.slice(cut));
  if (!tie || Number(rounded.at(-1)) % 2 === 0) return rounded;
  return decimals === 0 ? exact.slice(0, cut - 1) : exact.slice(0, cut);
}

function inBase(value: Value, base: number): string | undefined {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function hexadecimal(value: Value): string | CelError {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (bytes instanceof Uint8Array) return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return inBase(value, 16) ?? wrongKind('only integers, byte buffers, and strings can be formatted as hex', value);
}

/** As `%s` prints a value; maps by their keys' texts. */
function printed(value: Value, room: { left: number }): string | CelError {
  room.left--;
  if (room.left < 0) return tooLarge;
  switch (typeof value) {
    case 'string':
      room.left -= value.length;
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return named(value) ?? printPlainDouble(value);
    default:
      break;
  }
  if (value === null) return 'null';
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return printTimestamp(value);
  if (value instanceof Duration) return printDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) {
    const text = readUtf8(value);
    return typeof text === 'string' ? text : new CelError('invalid UTF-8');
  }
  const parts: string[] = [];
  if (isList(value)) {
    for (const each of value) {
      const part = printed(each, room);
      if (typeof part !== 'string') return part;
      parts.push(part);
    }
    return `[${parts.join(', ')}]`;
  }
  if (isMap(value)) {
    const entries: (readonly [string, string])[] = [];
    for (const key of mapKeys(value)) {
      const name = printed(key, room);
      const part = printed(mapValue(value, mapKey(key)!)!, room);
      if (typeof name !== 'string') return name;
      if (typeof part !== 'string') return part;
      entries.push([name, part]);
    }
    entries.sort(([one], [other]) => compareCodePoints(one, other));
    return `{${entries.map((entry) => entry.join(': ')).join(', ')}}`;
  }
  return wrongKind(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}

/** Apart from the other string functions, since not every engine with those has it. */
export const formatFunctions: readonly CelFunction[] = [
  { name: 'format', overloads: [member([string, listOf(dyn)], string)], call: format },
];
