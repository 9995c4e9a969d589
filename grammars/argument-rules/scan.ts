import { type TokenEntry, type TokenName, tokens } from './tokens.ts';
import type { TextRange } from './tree.ts';

/** One token: where it stands and what the table calls it. */
export interface Token extends TextRange {
  readonly name: TokenName;
}

export interface ScannedRule {
  /** Without white space. */
  readonly tokens: readonly Token[];
  /** Characters that begin no token; neighbours are one range. */
  readonly strange: readonly TextRange[];
}

/** Splits a rule into tokens by the table. */
export function scan(text: string): ScannedRule {
  const read: Token[] = [];
  const strange: { start: number; end: number }[] = [];
  for (let at = 0; at < text.length; ) {
    const entry = tokens.find(({ pattern }) => lengthAt(pattern, text, at) > 0);
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
    if (entry.name !== 'Space') read.push({ name: entry.name, start: at, end });
    at = end;
  }
  return { tokens: read, strange };
}

/** How much of the text the pattern matches at this place; 0 where it does not. */
function lengthAt(pattern: TokenEntry['pattern'], text: string, at: number): number {
  if (typeof pattern === 'string') return text.startsWith(pattern, at) ? pattern.length : 0;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}
