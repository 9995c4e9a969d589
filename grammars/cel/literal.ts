import type { Literal, Range } from './syntax-tree.ts';

const largestInt = 0x7fff_ffff_ffff_ffffn;
const largestUint = 0xffff_ffff_ffff_ffffn;

/** What is wrong with the text between quotes. */
export interface EscapeProblem {
  readonly reason: 'unknown' | 'digits' | 'surrogate' | 'beyond unicode' | 'bytes';
  readonly range: Range;
}

/** @returns undefined where the number does not fit 64 bits */
export function readInt(text: string, negative: boolean): Literal | undefined {
  const magnitude = BigInt(text);
  if (magnitude > (negative ? largestInt + 1n : largestInt)) return undefined;
  return { type: 'int', value: negative ? -magnitude : magnitude };
}

/** @returns undefined where the number does not fit 64 bits */
export function readUint(text: string): Literal | undefined {
  const value = BigInt(text.slice(0, -1));
  return value > largestUint ? undefined : { type: 'uint', value };
}

/** @returns undefined where the number is greater than the greatest double */
export function readDouble(text: string, negative: boolean): Literal | undefined {
  const value = Number(text);
  return value === Infinity ? undefined : { type: 'double', value: negative ? -value : value };
}

/**
 * The value of a string or of bytes.
 *
 * Source: cel-spec, "String and Bytes Values"; that line ends within three quotes are read as `\n` is cel-go's rule.
 *
 * @param start where the prefix or the quote stands
 * @param end behind the closing quote
 * @param problems takes what is wrong; a wrong escape stands for itself
 */
export function readQuoted(text: string, start: number, end: number, problems: EscapeProblem[]): Literal {
  let at = start;
  let bytes = false;
  let raw = false;
  for (; ; at += 1) {
    const prefix = text.charCodeAt(at) | 32;
    if (prefix === 98) bytes = true;
    else if (prefix === 114) raw = true;
    else break;
  }
  const quotes = end - at >= 6 && text[at + 1] === text[at] && text[at + 2] === text[at] ? 3 : 1;
  const from = at + quotes;
  const to = end - quotes;
  if (bytes) return { type: 'bytes', value: readBytes(text, from, to, raw, problems) };
  return { type: 'string', value: readString(text, from, to, raw, problems) };
}

function readString(text: string, from: number, to: number, raw: boolean, problems: EscapeProblem[]): string {
  if (raw) return withoutReturns(text.slice(from, to));
  let value = '';
  let copied = from;
  for (let at = text.indexOf('\\', from); at !== -1 && at < to; at = text.indexOf('\\', copied)) {
    const read = readEscape(text, at, to, false, problems);
    value += withoutReturns(text.slice(copied, at)) + read.text;
    copied = read.end;
  }
  return value + withoutReturns(text.slice(copied, to));
}

function readBytes(text: string, from: number, to: number, raw: boolean, problems: EscapeProblem[]): Uint8Array {
  const encoder = new TextEncoder();
  if (raw) return encoder.encode(withoutReturns(text.slice(from, to)));
  const parts: Uint8Array[] = [];
  let copied = from;
  for (let at = text.indexOf('\\', from); at !== -1 && at < to; at = text.indexOf('\\', copied)) {
    parts.push(encoder.encode(withoutReturns(text.slice(copied, at))));
    const read = readEscape(text, at, to, true, problems);
    parts.push(read.octet === undefined ? encoder.encode(read.text) : Uint8Array.of(read.octet));
    copied = read.end;
  }
  parts.push(encoder.encode(withoutReturns(text.slice(copied, to))));
  const value = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    value.set(part, filled);
    filled += part.length;
  }
  return value;
}

function withoutReturns(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

interface Escape {
  readonly text: string;
  /** In bytes, `\xHH` and `\377` are octets. */
  readonly octet?: number;
  readonly end: number;
}

/** @param at the backslash */
function readEscape(text: string, at: number, to: number, bytes: boolean, problems: EscapeProblem[]): Escape {
  const letter = text[at + 1] ?? '';
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { text: simple, end: at + 2 };
  const failed = (reason: EscapeProblem['reason'], end: number): Escape => {
    problems.push({ reason, range: { start: at, end } });
    return { text: text.slice(at, end), end };
  };
  if (letter >= '0' && letter <= '3') {
    const digits = /^[0-7]{3}/.exec(text.slice(at + 1, Math.min(at + 4, to)));
    if (digits === null) return failed('digits', at + 1 + octalDigits(text, at + 1, to));
    return character(Number.parseInt(digits[0], 8), at + 4, bytes);
  }
  const length = hexadecimalEscapes[letter];
  if (length === undefined) {
    const end = at + 1 + (text.codePointAt(at + 1)! > 0xffff ? 2 : 1);
    return failed('unknown', Math.min(end, to));
  }
  let end = at + 2;
  while (end < Math.min(at + 2 + length, to) && /[0-9a-fA-F]/.test(text[end]!)) end += 1;
  if (bytes && length > 2) return failed('bytes', end);
  if (end < at + 2 + length) return failed('digits', end);
  const code = Number.parseInt(text.slice(at + 2, end), 16);
  if (code >= 0xd800 && code <= 0xdfff) return failed('surrogate', end);
  if (code > 0x10ffff) return failed('beyond unicode', end);
  return character(code, end, bytes);
}

function character(code: number, end: number, bytes: boolean): Escape {
  return bytes ? { text: '', octet: code, end } : { text: String.fromCodePoint(code), end };
}

function octalDigits(text: string, at: number, to: number): number {
  let count = 0;
  while (count < 3 && at + count < to && text[at + count]! >= '0' && text[at + count]! <= '7') count += 1;
  return count;
}

const simpleEscapes: Readonly<Partial<Record<string, string>>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
};

const hexadecimalEscapes: Readonly<Partial<Record<string, number>>> = { x: 2, X: 2, u: 4, U: 8 };
