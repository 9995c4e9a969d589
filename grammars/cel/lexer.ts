import { createToken, createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import type { Token } from './scan.ts';
import { type TokenName, tokens } from './tokens.ts';

/** Kinds that only group others, for the parser. */
export interface TokenTypes {
  readonly of: Readonly<Record<TokenName, TokenType>>;
  readonly literal: TokenType;
  readonly name: TokenType;
  readonly binary: TokenType;
  readonly prefix: TokenType;
}

let types: TokenTypes | undefined;

/** Chevrotain's token types, made from the table when they are first asked for. */
export function tokenTypes(): TokenTypes {
  types ??= makeTypes();
  return types;
}

/**
 * Tokens as Chevrotain's parser reads them. Chevrotain's own lexer would analyse its patterns first, which takes longer than
 * everything else.
 */
export function chevrotainTokens(text: string, scanned: readonly Token[]): IToken[] {
  const known = tokenTypes().of;
  return scanned.map(({ name, start, end }) =>
    createTokenInstance(known[name], text.slice(start, end), start, end - 1, NaN, NaN, NaN, NaN),
  );
}

const literals: ReadonlySet<TokenName> = new Set([
  'String',
  'Bytes',
  'UnclosedString',
  'Double',
  'Uint',
  'Int',
  'BadNumber',
  'True',
  'False',
  'Null',
]);
const names: ReadonlySet<TokenName> = new Set(['Identifier', 'Reserved', 'Escaped', 'BadEscaped']);
const binary: ReadonlySet<TokenName> = new Set([
  'Or',
  'And',
  'Equal',
  'NotEqual',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'In',
  'Plus',
  'Minus',
  'Times',
  'Divide',
  'Modulo',
]);
const prefixes: ReadonlySet<TokenName> = new Set(['Not', 'Minus']);

function makeTypes(): TokenTypes {
  const groups = {
    literal: createToken({ name: 'Literal', label: 'a literal' }),
    name: createToken({ name: 'Name', label: 'a name' }),
    binary: createToken({ name: 'BinaryOperator', label: 'an operator' }),
    prefix: createToken({ name: 'Prefix', label: '`!` or `-`' }),
  };
  const of: Partial<Record<TokenName, TokenType>> = {};
  for (const { name, pattern, label } of tokens) {
    const categories = [];
    if (literals.has(name)) categories.push(groups.literal);
    if (names.has(name)) categories.push(groups.name);
    if (binary.has(name)) categories.push(groups.binary);
    if (prefixes.has(name)) categories.push(groups.prefix);
    of[name] = createToken({ name, label: label ?? `\`${pattern}\``, categories });
  }
  return { of: of as Readonly<Record<TokenName, TokenType>>, ...groups };
}

const known: ReadonlyMap<string, TokenName> = new Map(tokens.map(({ name }) => [name, name]));

/** The name in the table; that of Chevrotain's end of the text is `End`. */
export function tokenName({ name }: TokenType): TokenName {
  return known.get(name) ?? 'End';
}
