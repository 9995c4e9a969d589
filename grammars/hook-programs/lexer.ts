import { createToken, createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import type { Token } from './scan.ts';
import { categories, type TokenName, tokens } from './tokens.ts';

let types: Readonly<Record<TokenName, TokenType>> | undefined;

/** Chevrotain's token types, made from the table when they are first asked for. */
export function tokenTypes(): Readonly<Record<TokenName, TokenType>> {
  types ??= makeTypes();
  return types;
}

/** The tokens of a statement as Chevrotain's parser reads them; its own lexer takes longer to make than a program to read. */
export function chevrotainTokens(text: string, scanned: readonly Token[]): IToken[] {
  const known = tokenTypes();
  return scanned.map(({ name, start, end }) =>
    createTokenInstance(known[name], text.slice(start, end), start, end - 1, NaN, NaN, NaN, NaN),
  );
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
