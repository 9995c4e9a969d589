import { createToken, createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import type { Token } from './scan.ts';
import type { Category, TokenEntry } from './tokens.ts';

export type TokenTypes<Name extends string> = Readonly<Record<Name, TokenType>>;

/** Chevrotain's types of the tokens in a table. */
export function tokenTypes<Name extends string>(
  tokens: readonly TokenEntry<Name>[],
  categories: readonly Category<Name>[],
): TokenTypes<Name> {
  const made: Partial<Record<Name, TokenType>> = {};
  for (const { name, label } of categories) made[name] = createToken({ name, label });
  for (const { name, pattern, label, category } of tokens) {
    made[name] = createToken({
      name,
      label: label ?? `\`${pattern}\``,
      ...(category === undefined ? {} : { categories: [made[category]!] }),
    });
  }
  return made as TokenTypes<Name>;
}

/**
 * Tokens as Chevrotain's parser reads them.
 *
 * Chevrotain's own lexer analyses its patterns when it is made, which took longer than making the parser and parsing
 * (docs/measurements.md).
 */
export function chevrotainTokens<Name extends string>(
  types: TokenTypes<Name>,
  text: string,
  scanned: readonly Token<Name>[],
): IToken[] {
  return scanned.map(({ name, start, end }) =>
    createTokenInstance(types[name], text.slice(start, end), start, end - 1, NaN, NaN, NaN, NaN),
  );
}
