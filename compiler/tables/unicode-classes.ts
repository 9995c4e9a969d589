import { categoryRanges, foldedGroups, scriptRanges } from './unicode-classes.generated.ts';

/** Code points as pairs of first and last, in order; no two ranges touch. */
export type Ranges = readonly number[];

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';

/** Numbers in digits of five bits, the lowest first; each digit of a number but the last has 32 added. */
function decodedNumbers(text: string): readonly number[] {
  const numbers: number[] = [];
  let number = 0;
  let scale = 1;
  for (let index = 0; index < text.length; index++) {
    const digit = digits.indexOf(text[index]!);
    number += (digit & 31) * scale;
    scale *= 32;
    if (digit >= 32) continue;
    numbers.push(number);
    number = 0;
    scale = 1;
  }
  return numbers;
}

function decodedRanges(text: string): Ranges {
  const ranges: number[] = [];
  let end = 0;
  const numbers = decodedNumbers(text);
  for (let index = 0; index < numbers.length; index += 2) {
    const first = end + numbers[index]!;
    const last = first + numbers[index + 1]!;
    ranges.push(first, last);
    end = last + 1;
  }
  return ranges;
}

let encoded: ReadonlyMap<string, string> | undefined;

/** What the tables have under the name of a general category, `Lu`, or of a script, `Greek`; undefined where nothing. */
export function classRanges(name: string): Ranges | undefined {
  encoded ??= new Map(
    `${categoryRanges.trim()}\n${scriptRanges.trim()}`.split('\n').map((line) => {
      const [key = '', ranges = ''] = line.split(' ');
      return [key, ranges];
    }),
  );
  const text = encoded.get(name);
  return text === undefined ? undefined : decodedRanges(text);
}

/** The names of all general categories and scripts. */
export function classNames(): readonly string[] {
  return `${categoryRanges.trim()}\n${scriptRanges.trim()}`.split('\n').map((line) => line.split(' ', 1)[0]!);
}

let groups: ReadonlyMap<number, readonly number[]> | undefined;

/** For each code point that simple case folding makes one with others: all of them, itself included. */
export function caseGroups(): ReadonlyMap<number, readonly number[]> {
  if (groups !== undefined) return groups;
  const found = new Map<number, readonly number[]>();
  const numbers = decodedNumbers(foldedGroups);
  let before = 0;
  for (let index = 0; index < numbers.length; ) {
    const more = numbers[index]!;
    before += numbers[index + 1]!;
    const group = [before];
    for (let each = 0; each < more; each++) group.push(group[each]! + numbers[index + 2 + each]!);
    for (const point of group) found.set(point, group);
    index += 2 + more;
  }
  groups = found;
  return found;
}
