import type { IToken } from 'chevrotain';
import { tokenName } from '../lexer.ts';
import type { Range } from '../syntax-tree.ts';
import type { TokenName } from '../tokens.ts';

export function nameOf({ tokenType }: IToken): TokenName {
  return tokenName(tokenType);
}

export function rangeOf({ startOffset, image }: IToken): Range {
  return { start: startOffset, end: startOffset + image.length };
}

export function isEscaped(token: IToken): boolean {
  const name = nameOf(token);
  return name === 'Escaped' || name === 'BadEscaped';
}

export function fieldOf(token: IToken): string {
  return isEscaped(token) ? token.image.replaceAll('`', '') : token.image;
}

export function isKeyword(name: TokenName): boolean {
  return name === 'In' || name === 'True' || name === 'False' || name === 'Null';
}
