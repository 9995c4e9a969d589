import { createToken, Lexer, type TokenType } from 'chevrotain';
import { categories, type TokenName, tokens } from './tokens.ts';

let lexer: Lexer | undefined;
let types: Readonly<Record<TokenName, TokenType>> | undefined;

/** Chevrotain's token types, made from the table when they are first asked for. */
export function tokenTypes(): Readonly<Record<TokenName, TokenType>> {
  types ??= makeTypes();
  return types;
}

/** The lexer, made when it is first asked for: most policies have no argument rule. */
export function ruleLexer(): Lexer {
  lexer ??= new Lexer(Object.values(tokenTypes()), { positionTracking: 'onlyOffset', skipValidations: true });
  return lexer;
}

function makeTypes(): Readonly<Record<TokenName, TokenType>> {
  const made: Partial<Record<TokenName, TokenType>> = {};
  for (const { name, label } of categories) made[name] = createToken({ name, label, pattern: Lexer.NA });
  for (const { name, pattern, label, category } of tokens) {
    made[name] = createToken({
      name,
      pattern,
      label: label ?? `\`${pattern}\``,
      ...(category === undefined ? {} : { categories: [made[category]!] }),
      ...(name === 'Space' ? { group: Lexer.SKIPPED } : {}),
    });
  }
  return made as Readonly<Record<TokenName, TokenType>>;
}
