import { classNames, classRanges, type Ranges } from '../../tables/unicode-classes.ts';
import { anyCodePoint, complement, joined } from './code-points.ts';

const digit: Ranges = [0x30, 0x39];
const lower: Ranges = [0x61, 0x7a];
const upper: Ranges = [0x41, 0x5a];
const alpha: Ranges = [...upper, ...lower];
const word: Ranges = [...digit, ...upper, 0x5f, 0x5f, ...lower];

/** `\d`, `\s` and `\w` by their letters (RE2's syntax page, “Perl character classes”); a capital is their complement. */
export const perlClasses: ReadonlyMap<string, Ranges> = new Map([
  ['d', digit],
  ['s', [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]],
  ['w', word],
]);

/** `[[:alpha:]]` by its name (RE2's syntax page, “ASCII character classes”). */
export const asciiClasses: ReadonlyMap<string, Ranges> = new Map([
  ['alnum', [...digit, ...alpha]],
  ['alpha', alpha],
  ['ascii', [0x00, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0x00, 0x1f, 0x7f, 0x7f]],
  ['digit', digit],
  ['graph', [0x21, 0x7e]],
  ['lower', lower],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', upper],
  ['word', word],
  ['xdigit', [...digit, 0x41, 0x46, 0x61, 0x66]],
]);

/** `\p{Greek}`, `\pL`: a general category, the categories that begin with a letter, a script, or `Any`. */
export function unicodeClass(name: string): Ranges | undefined {
  if (name === 'Any') return anyCodePoint;
  if (!/^[CLMNPSZ]$/.test(name)) return classRanges(name);
  const categories = classNames().filter((each) => each.length === 2 && each.startsWith(name));
  return joined(categories.flatMap((each) => classRanges(each)!));
}

export function signed(ranges: Ranges, negative: boolean): Ranges {
  return negative ? complement(ranges) : ranges;
}
