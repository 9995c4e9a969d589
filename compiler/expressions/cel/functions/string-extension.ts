import { type CelFunction, global, member } from '../environment.ts';
import { int, listOf, string } from '../types.ts';
import { CelError, isList, noSuchOverload, type Result, type Value } from '../value.ts';
import { largestSize, tooLarge } from './arithmetic.ts';
import { codePointCount, unitOffset } from './strings.ts';

function outOfRange(index: bigint): CelError {
  return new CelError(`index out of range: ${index}`);
}

/** The UTF-16 offset, or undefined where the text has no such index; the end is one. */
function offset(text: string, index: bigint): number | undefined {
  return index < 0n || index > BigInt(text.length) ? undefined : unitOffset(text, Number(index));
}

function charAt(text: Value, index: Value): Result {
  if (typeof text !== 'string' || typeof index !== 'bigint') return noSuchOverload('charAt', text, index);
  const at = offset(text, index);
  if (at === undefined) return outOfRange(index);
  const point = text.codePointAt(at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

function indexOf(...values: readonly Value[]): Result {
  const [text, part, from = 0n] = values;
  if (typeof text !== 'string' || typeof part !== 'string' || typeof from !== 'bigint') {
    return noSuchOverload('indexOf', ...values);
  }
  const start = offset(text, from);
  if (start === undefined) return outOfRange(from);
  const found = text.indexOf(part, start);
  return found === -1 ? -1n : BigInt(codePointCount(text.slice(0, found)));
}

function lastIndexOf(...values: readonly Value[]): Result {
  const [text, part, from] = values;
  if (typeof text !== 'string' || typeof part !== 'string' || (from !== undefined && typeof from !== 'bigint')) {
    return noSuchOverload('lastIndexOf', ...values);
  }
  const start = from === undefined ? text.length : offset(text, from);
  if (start === undefined) return outOfRange(from ?? 0n);
  const found = text.lastIndexOf(part, start);
  return found === -1 ? -1n : BigInt(codePointCount(text.slice(0, found)));
}

function ascii(name: string, first: number, shift: number): (text: Value) => Result {
  return (text) => {
    if (typeof text !== 'string') return noSuchOverload(name, text);
    return text.replace(shift > 0 ? /[A-Z]+/g : /[a-z]+/g, (run) => {
      let changed = '';
      for (let index = 0; index < run.length; index++) {
        changed += String.fromCharCode(run.charCodeAt(index) + (run.charCodeAt(index) >= first ? shift : 0));
      }
      return changed;
    });
  };
}

function replace(...values: readonly Value[]): Result {
  const [text, from, to, limit = -1n] = values;
  if (typeof text !== 'string' || typeof from !== 'string' || typeof to !== 'string' || typeof limit !== 'bigint') {
    return noSuchOverload('replace', ...values);
  }
  if (limit === 0n) return text;
  // Go puts the replacement before each code point and at the end.
  const parts = from === '' ? ['', ...text, ''] : text.split(from);
  const most =
    limit < 0n || limit > BigInt(parts.length) ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  if (text.length + most * to.length > largestSize) return tooLarge;
  return (
    parts.slice(0, most + 1).join(to) +
    parts
      .slice(most + 1)
      .map((part) => from + part)
      .join('')
  );
}

function split(...values: readonly Value[]): Result {
  const [text, separator, limit = -1n] = values;
  if (typeof text !== 'string' || typeof separator !== 'string' || typeof limit !== 'bigint') {
    return noSuchOverload('split', ...values);
  }
  if (limit === 0n) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function substring(...values: readonly Value[]): Result {
  const [text, from, to] = values;
  if (typeof text !== 'string' || typeof from !== 'bigint' || (to !== undefined && typeof to !== 'bigint')) {
    return noSuchOverload('substring', ...values);
  }
  const start = offset(text, from);
  if (start === undefined) return outOfRange(from);
  const end = to === undefined ? text.length : offset(text, to);
  if (end === undefined) return outOfRange(to ?? 0n);
  if (end < start) return new CelError(`invalid substring range. start: ${from}, end: ${to}`);
  return text.slice(start, end);
}

/** Unicode's White_Space, which is not quite what JavaScript trims. */
const blanks = '\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000';
const leading = new RegExp(`^[${blanks}]+`);

function trim(text: Value): Result {
  if (typeof text !== 'string') return noSuchOverload('trim', text);
  const rest = text.replace(leading, '');
  let end = rest.length;
  while (end > 0 && leading.test(rest[end - 1]!)) end--;
  return rest.slice(0, end);
}

function join(...values: readonly Value[]): Result {
  const [list, separator = ''] = values;
  if (!isList(list ?? null) || typeof separator !== 'string') return noSuchOverload('join', ...values);
  let size = 0;
  const parts: string[] = [];
  for (const part of list as readonly Value[]) {
    if (typeof part !== 'string') return noSuchOverload('join', ...values);
    size += part.length + separator.length;
    if (size > largestSize) return tooLarge;
    parts.push(part);
  }
  return parts.join(separator);
}

function reverse(text: Value): Result {
  return typeof text === 'string' ? [...text].reverse().join('') : noSuchOverload('reverse', text);
}

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: Value): Result {
  if (typeof text !== 'string') return noSuchOverload('strings.quote', text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return `"${text.replace(/[\u0007\b\f\n\r\t\v\\"]/g, (each) => escapes[each]!)}"`;
}

const strings = listOf(string);

/** cel-go's strings extension without `format`. */
export const stringExtensionFunctions: readonly CelFunction[] = [
  { name: 'charAt', overloads: [member([string, int], string)], call: charAt },
  {
    name: 'indexOf',
    overloads: [member([string, string], int), member([string, string, int], int)],
    call: indexOf,
  },
  {
    name: 'lastIndexOf',
    overloads: [member([string, string], int), member([string, string, int], int)],
    call: lastIndexOf,
  },
  { name: 'lowerAscii', overloads: [member([string], string)], call: ascii('lowerAscii', 65, 32) },
  { name: 'upperAscii', overloads: [member([string], string)], call: ascii('upperAscii', 97, -32) },
  {
    name: 'replace',
    overloads: [member([string, string, string], string), member([string, string, string, int], string)],
    call: replace,
  },
  {
    name: 'split',
    overloads: [member([string, string], strings), member([string, string, int], strings)],
    call: split,
  },
  {
    name: 'substring',
    overloads: [member([string, int], string), member([string, int, int], string)],
    call: substring,
  },
  { name: 'trim', overloads: [member([string], string)], call: trim },
  { name: 'join', overloads: [member([strings], string), member([strings, string], string)], call: join },
  { name: 'reverse', overloads: [member([string], string)], call: reverse },
  { name: 'strings.quote', overloads: [global([string], string)], call: quote },
];
