import { type TokenEntry, type TokenName, tokens } from './tokens.ts';
import type { TextRange } from './tree.ts';

/** One token: where it stands and what the table calls it. */
export interface Token extends TextRange {
  readonly name: TokenName;
}

export interface ScannedProgram {
  /** Without white space and comments. */
  readonly tokens: readonly Token[];
  readonly comments: readonly TextRange[];
  /** Characters that begin no token; neighbours are one range. */
  readonly strange: readonly TextRange[];
}

/** A path or an IPv4 address that lacks its quotes: one mistake, not one for each of its slashes. */
const unquoted = /\/[^\s()[\],"&|#]*|[0-9]+(?:\.[0-9]+){3}(?:\/[0-9]+)?/y;

/** The entries that may match where a character below 128 stands, in their order; computed from the table. */
let byFirst: readonly (readonly TokenEntry[])[] | undefined;

/** Splits a program into tokens by the table. */
export function scan(text: string): ScannedProgram {
  byFirst ??= entriesByFirst();
  const read: Token[] = [];
  const comments: TextRange[] = [];
  const strange: { start: number; end: number }[] = [];
  for (let at = 0; at < text.length; ) {
    const bare = lengthAt(unquoted, text, at);
    if (bare > 0) {
      strange.push({ start: at, end: at + bare });
      at += bare;
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
}

function entriesByFirst(): readonly (readonly TokenEntry[])[] {
  return Array.from({ length: 128 }, (_, code) => {
    const first = String.fromCharCode(code);
    return tokens.filter(({ pattern }) =>
      // Of a word, its first letter; of any other expression, whether it matches the character alone or begins a text.
      typeof pattern === 'string' ? pattern[0] === first : mayBegin(pattern, first),
    );
  });
}

function mayBegin(pattern: RegExp, first: string): boolean {
  const word = /^[a-z]+(?=\\b$)/.exec(pattern.source)?.[0];
  return word === undefined ? lengthAt(pattern, first, 0) > 0 : word[0] === first;
}

/** How much of the text the pattern matches at this place; 0 where it does not. */
function lengthAt(pattern: TokenEntry['pattern'], text: string, at: number): number {
  if (typeof pattern === 'string') return text.startsWith(pattern, at) ? pattern.length : 0;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}
