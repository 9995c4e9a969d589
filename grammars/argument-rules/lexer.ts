import { createToken, createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { categories, type TokenEntry, type TokenName, tokens } from './tokens.ts';
import type { TextRange } from './tree.ts';

export interface LexedRule {
  /** Without white space. */
  readonly tokens: IToken[];
  /** Characters that begin no token; neighbours are one range. */
  readonly strange: readonly TextRange[];
}

let types: Readonly<Record<TokenName, TokenType>> | undefined;

/** Chevrotain's token types, made from the table when they are first asked for. */
export function tokenTypes(): Readonly<Record<TokenName, TokenType>> {
  types ??= makeTypes();
  return types;
}

/**
 * Splits a rule into tokens by the table.
 *
 * Chevrotain's own lexer analyses its patterns when it is made, which took longer than making the parser and parsing
 * (docs/measurements.md); this one makes the same tokens for the same parser.
 */
export function tokenize(text: string): LexedRule {
  const read: IToken[] = [];
  const strange: { start: number; end: number }[] = [];
  const known = tokenTypes();
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
    if (entry.name !== 'Space') {
      const type = known[entry.name];
      read.push(createTokenInstance(type, text.slice(at, end), at, end - 1, NaN, NaN, NaN, NaN));
    }
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

function makeTypes(): Readonly<Record<TokenName, TokenType>> {
  const made: Partial<Record<TokenName, TokenType>> = {};
  for (const { name, label } of categories) made[name] = createToken({ name, label });
  for (const { name, pattern, label, category } of tokens) {
    made[name] = createToken({
      name,
      label: label ?? `\`${pattern}\``,
      ...(category === undefined ? {} : { categories: [made[category]!] }),
    });
  }
  return made as Readonly<Record<TokenName, TokenType>>;
}
