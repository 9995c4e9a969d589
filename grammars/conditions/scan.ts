import type { TokenEntry } from './tokens.ts';
import type { TextRange } from './tree.ts';

/** One token: where it stands and what the table calls it. */
export interface Token<Name extends string> extends TextRange {
  readonly name: Name;
}

export interface Scanned<Name extends string> {
  /** Without white space and comments. */
  readonly tokens: readonly Token<Name>[];
  readonly comments: readonly TextRange[];
  /** Characters that begin no token; neighbours are one range. */
  readonly strange: readonly TextRange[];
}

/**
 * What splits a text into tokens by a table, in which `Space` and `Comment` are what stands between them.
 *
 * @param whole what is one mistake from its beginning to its end, tried before the table; sticky
 */
export function scanner<Name extends string>(
  tokens: readonly TokenEntry<Name>[],
  whole?: RegExp,
): (text: string) => Scanned<Name> {
  let byFirst: readonly (readonly TokenEntry<Name>[])[] | undefined;
  return (text) => {
    byFirst ??= entriesByFirst(tokens);
    const read: Token<Name>[] = [];
    const comments: TextRange[] = [];
    const strange: { start: number; end: number }[] = [];
    for (let at = 0; at < text.length; ) {
      const mistake = whole === undefined ? 0 : lengthAt(whole, text, at);
      if (mistake > 0) {
        strange.push({ start: at, end: at + mistake });
        at += mistake;
        continue;
      }
      const code = text.charCodeAt(at);
      const entries = code < 128 ? byFirst[code]! : tokens;
      const entry = entries.find(({ pattern }) => lengthAt(pattern, text, at) > 0);
      if (entry === undefined) {
        const last = strange.at(-1);
        // A character beyond the basic plane is two code units.
        const end = at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
        if (last?.end === at) last.end = end;
        else strange.push({ start: at, end });
        at = end;
        continue;
      }
      const end = at + lengthAt(entry.pattern, text, at);
      if (entry.name === 'Comment') comments.push({ start: at, end });
      else if (entry.name !== 'Space') read.push({ name: entry.name, start: at, end });
      at = end;
    }
    return { tokens: read, comments, strange };
  };
}

/** The entries that may match where a character below 128 stands, in their order. */
function entriesByFirst<Name extends string>(
  tokens: readonly TokenEntry<Name>[],
): readonly (readonly TokenEntry<Name>[])[] {
  return Array.from({ length: 128 }, (_, code) => {
    const first = String.fromCharCode(code);
    return tokens.filter(({ pattern }) =>
      // Of a word, its first letters; of any other expression, whether it matches the character alone or begins a text.
      typeof pattern === 'string' ? pattern[0] === first : mayBegin(pattern, first),
    );
  });
}

function mayBegin(pattern: RegExp, first: string): boolean {
  const letters = /^[a-z]+/.exec(pattern.source)?.[0];
  return letters === undefined ? lengthAt(pattern, first, 0) > 0 : letters[0] === first;
}

/** How much of the text the pattern matches at this place; 0 where it does not. */
function lengthAt(pattern: string | RegExp, text: string, at: number): number {
  if (typeof pattern === 'string') return text.startsWith(pattern, at) ? pattern.length : 0;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}
