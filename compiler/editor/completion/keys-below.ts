/** So many lines are looked at: of a longer map, keys far below are offered again at worst. */
const mostLines = 1000;

/** What stands below a line in one column. */
export interface Below {
  /** The keys of a map. */
  readonly keys: readonly string[];
  /** The first line with content is indented so far; undefined where none follows. */
  readonly indent: number | undefined;
}

/**
 * The keys that follow a line in the same column, by the text alone: where a word without a colon stands above them, the
 * tree has none of them.
 */
export function keysBelow(text: string, offset: number, column: number): Below {
  const keys: string[] = [];
  let indent: number | undefined;
  let start = text.indexOf('\n', offset) + 1;
  for (let line = 0; start > 0 && start < text.length && line < mostLines; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    let at = start;
    while (at < end && text[at] === ' ') at += 1;
    // Another document has keys of its own.
    if (at === start && /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(at, at + 4))) break;
    const isContent = at < end && text[at] !== '#' && text[at] !== '\r';
    if (isContent) {
      indent ??= at - start;
      if (at - start < column) break;
      if (at - start === column) {
        const key = /^(["']?)([^"'#:[\]{},\s][^"':]*)\1\s*:(?:\s|$)/.exec(text.slice(at, Math.min(end, at + 200)))?.[2];
        if (key !== undefined) keys.push(key);
      }
    }
    start = newline + 1;
    if (newline === -1) break;
  }
  return { keys, indent };
}
