/**
 * The value of a name in a table of `name=value` words, found in the text itself: a policy names a handful of constants,
 * and decoding the thousands of a table for them took milliseconds.
 *
 * @param words sorted by name in the order of code units, with one blank or line break between them
 */
export function valueIn(words: string, name: string): string | undefined {
  let low = 0;
  let high = words.length;
  while (true) {
    while (low < high && isBlank(words, low)) low += 1;
    while (low < high && isBlank(words, high - 1)) high -= 1;
    if (low >= high) return undefined;
    let start = (low + high) >> 1;
    while (start > low && !isBlank(words, start - 1)) start -= 1;
    let end = start + 1;
    while (end < high && !isBlank(words, end)) end += 1;
    const equals = words.indexOf('=', start);
    const found = words.slice(start, equals);
    if (found === name) return words.slice(equals + 1, end);
    if (found < name) low = end;
    else high = start;
  }
}

/** The names of such a table, in its order. */
export function namesIn(words: string): readonly string[] {
  return words
    .trim()
    .split(/\s/)
    .map((word) => word.slice(0, word.indexOf('=')));
}

function isBlank(words: string, at: number): boolean {
  return words.charCodeAt(at) <= 32;
}
