import { scan as scanRule } from '../../grammars/argument-rules/scan.ts';
import type { TokenName as RuleToken } from '../../grammars/argument-rules/tokens.ts';
import type { Token as CelToken } from '../../grammars/cel/scan.ts';
import type { TokenName as CelName } from '../../grammars/cel/tokens.ts';
import { readTokens } from '../../grammars/cel/tokens-with-comments.ts';
import { scalarMap } from '../source/scalar-map.ts';
import type { SourceText } from '../source/text.ts';
import type { ScalarNode } from '../source/tree.ts';
import type { SemanticToken } from './semantic-legend.ts';

type Piece = Omit<SemanticToken, 'start' | 'end'>;

/** The tokens of an expression inside a scalar, where they stand in the file; one may go over several lines. */
export function expressionTokens(
  source: SourceText,
  scalar: ScalarNode,
  language: 'cel' | 'argument-rule',
): readonly SemanticToken[] {
  const map = scalarMap(source, scalar);
  const pieces = language === 'cel' ? celPieces(scalar.text) : rulePieces(scalar.text);
  return pieces.map(({ start, end, type, modifiers }) => {
    const span = map.span(start, end);
    return { start: span.start, end: span.end, type, modifiers };
  });
}

function piece(type: Piece['type'], ...modifiers: Piece['modifiers']): Piece {
  return { type, modifiers };
}

const operator = piece('operator');
const number = piece('number');

const ruleTypes: Readonly<Partial<Record<RuleToken, Piece>>> = {
  Integer: number,
  Argument: piece('parameter'),
  Name: piece('enumMember', 'readonly', 'defaultLibrary'),
  In: piece('keyword'),
  AndWord: piece('keyword'),
  OrWord: piece('keyword'),
  NotWord: piece('keyword'),
  Equal: operator,
  NotEqual: operator,
  LessOrEqual: operator,
  GreaterOrEqual: operator,
  Less: operator,
  Greater: operator,
  And: operator,
  Or: operator,
  Not: operator,
  BitAnd: operator,
  BitOr: operator,
  Complement: operator,
  Minus: operator,
  Between: operator,
};

function rulePieces(text: string): readonly SemanticToken[] {
  return scanRule(text).tokens.flatMap(({ name, start, end }) => {
    const known = ruleTypes[name];
    return known === undefined ? [] : [{ start, end, ...known }];
  });
}

const celTypes: Readonly<Partial<Record<CelName, Piece>>> = {
  String: piece('string'),
  Bytes: piece('string'),
  UnclosedString: piece('string'),
  Double: number,
  Uint: number,
  Int: number,
  In: piece('keyword'),
  True: piece('keyword'),
  False: piece('keyword'),
  Null: piece('keyword'),
  Equal: operator,
  NotEqual: operator,
  LessOrEqual: operator,
  GreaterOrEqual: operator,
  Less: operator,
  Greater: operator,
  And: operator,
  Or: operator,
  Not: operator,
  Plus: operator,
  Minus: operator,
  Times: operator,
  Divide: operator,
  Modulo: operator,
  Question: operator,
};

/** The macros of CEL's standard environment: calls by their looks, but they bind names. */
const macros = new Set([
  'has',
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'map',
  'filter',
  'bind',
  'optMap',
  'optFlatMap',
]);

function celPieces(text: string): readonly SemanticToken[] {
  const { tokens, comments } = readTokens(text);
  const pieces: SemanticToken[] = comments.map(({ start, end }) => ({ start, end, ...piece('comment') }));
  for (const [index, token] of tokens.entries()) {
    const known =
      token.name === 'Identifier' || token.name === 'Escaped' ? nameOf(text, tokens, index) : celTypes[token.name];
    if (known !== undefined) pieces.push({ start: token.start, end: token.end, ...known });
  }
  return pieces;
}

function nameOf(text: string, tokens: readonly CelToken[], index: number): Piece {
  const { start, end } = tokens[index]!;
  // `a.?b`
  const before = tokens[index - 1]?.name === 'Question' ? tokens[index - 2]?.name : tokens[index - 1]?.name;
  const isMember = before === 'Dot';
  if (tokens[index + 1]?.name !== 'Open') return piece(isMember ? 'property' : 'variable');
  if (macros.has(text.slice(start, end))) return piece('macro', 'defaultLibrary');
  return piece(isMember ? 'method' : 'function', 'defaultLibrary');
}
