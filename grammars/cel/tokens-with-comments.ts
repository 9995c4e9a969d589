import { Scanner, type Token } from './scan.ts';
import type { Range } from './syntax-tree.ts';

/** The tokens and the comments of a text, each in its order. */
export function readTokens(text: string): { readonly tokens: readonly Token[]; readonly comments: readonly Range[] } {
  const comments: Range[] = [];
  const scanner = new Scanner(text, comments);
  const tokens: Token[] = [];
  for (scanner.next(); scanner.name !== 'End'; scanner.next()) {
    tokens.push({ name: scanner.name, start: scanner.start, end: scanner.end });
  }
  return { tokens, comments };
}
