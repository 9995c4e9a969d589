import { type CelFunction, global, member } from '../environment.ts';
import { bool, string } from '../types.ts';
import { noSuchOverload, type Result, type Value } from '../value.ts';
import { matches } from './matches.ts';

/** The number of code points, each lone surrogate being one. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    if (isPair(text, index)) count--;
  }
  return count;
}

/** True where the unit at `index` is the second of a code point. */
function isPair(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xdc00 || unit > 0xdfff) return false;
  const before = text.charCodeAt(index - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

/** The UTF-16 offset of the code point with that number; undefined past the end. */
export function unitOffset(text: string, codePoint: number): number | undefined {
  if (codePoint < 0 || codePoint > text.length) return undefined;
  let left = codePoint;
  let offset = 0;
  for (; left > 0 && offset < text.length; left--) offset += isPair(text, offset + 1) ? 2 : 1;
  return left === 0 ? offset : undefined;
}

function startsWith(text: Value, prefix: Value): Result {
  return typeof text === 'string' && typeof prefix === 'string'
    ? text.startsWith(prefix)
    : noSuchOverload('startsWith', text, prefix);
}

function endsWith(text: Value, suffix: Value): Result {
  return typeof text === 'string' && typeof suffix === 'string'
    ? text.endsWith(suffix)
    : noSuchOverload('endsWith', text, suffix);
}

function contains(text: Value, part: Value): Result {
  return typeof text === 'string' && typeof part === 'string'
    ? text.includes(part)
    : noSuchOverload('contains', text, part);
}

const test = [member([string, string], bool)];

export const stringFunctions: readonly CelFunction[] = [
  { name: 'startsWith', overloads: test, call: startsWith },
  { name: 'endsWith', overloads: test, call: endsWith },
  { name: 'contains', overloads: test, call: contains },
  { name: 'matches', overloads: [...test, global([string, string], bool)], call: matches },
];
