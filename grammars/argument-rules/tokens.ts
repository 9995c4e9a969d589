/**
 * The tokens of argument rules, as data: the lexer is built from this table, and so is the TextMate grammar.
 *
 * The order matters: of two patterns that match, the first wins.
 */
export interface TokenEntry {
  readonly name: TokenName;
  /** Text as it stands, or a sticky regular expression. */
  readonly pattern: string | RegExp;
  /** What a message calls it; absent, the text in backticks. */
  readonly label?: string;
  /** The TextMate scope, without the language's suffix. */
  readonly scope?: string;
  /** The kind of token that this one is an instance of, for the parser. */
  readonly category?: TokenName;
  /** For spellings of other languages: what it is called here. */
  readonly replacement?: string;
}

export type TokenName =
  | 'Space'
  | 'Comparison'
  | 'Equal'
  | 'NotEqual'
  | 'LessOrEqual'
  | 'GreaterOrEqual'
  | 'Less'
  | 'Greater'
  | 'StrictlyEqual'
  | 'StrictlyNotEqual'
  | 'LessGreater'
  | 'SingleEqual'
  | 'And'
  | 'Or'
  | 'Not'
  | 'AndWord'
  | 'OrWord'
  | 'NotWord'
  | 'BitAnd'
  | 'BitOr'
  | 'Complement'
  | 'Minus'
  | 'Between'
  | 'Comma'
  | 'Open'
  | 'Close'
  | 'OpenList'
  | 'CloseList'
  | 'Integer'
  | 'In'
  | 'Argument'
  | 'Name';

const comparison = { category: 'Comparison', scope: 'keyword.operator.comparison' } as const;
const logical = 'keyword.operator.logical';
const bitwise = 'keyword.operator.bitwise';

export const tokens: readonly TokenEntry[] = [
  { name: 'Space', pattern: /[ \t\r\n]+/y },
  { name: 'StrictlyEqual', pattern: '===', ...comparison, replacement: '==' },
  { name: 'StrictlyNotEqual', pattern: '!==', ...comparison, replacement: '!=' },
  { name: 'LessGreater', pattern: '<>', ...comparison, replacement: '!=' },
  { name: 'Equal', pattern: '==', ...comparison },
  { name: 'NotEqual', pattern: '!=', ...comparison },
  { name: 'LessOrEqual', pattern: '<=', ...comparison },
  { name: 'GreaterOrEqual', pattern: '>=', ...comparison },
  { name: 'Less', pattern: '<', ...comparison },
  { name: 'Greater', pattern: '>', ...comparison },
  { name: 'SingleEqual', pattern: '=', ...comparison, replacement: '==' },
  { name: 'And', pattern: '&&', scope: logical },
  { name: 'Or', pattern: '||', scope: logical },
  { name: 'Not', pattern: '!', scope: logical },
  { name: 'BitAnd', pattern: '&', scope: bitwise },
  { name: 'BitOr', pattern: '|', scope: bitwise },
  { name: 'Complement', pattern: '~', scope: bitwise },
  { name: 'Minus', pattern: '-', scope: 'keyword.operator.arithmetic' },
  { name: 'Between', pattern: '..', scope: 'keyword.operator.range' },
  { name: 'Comma', pattern: ',', scope: 'punctuation.separator' },
  { name: 'Open', pattern: '(', scope: 'punctuation.section.group.begin' },
  { name: 'Close', pattern: ')', scope: 'punctuation.section.group.end' },
  { name: 'OpenList', pattern: '[', scope: 'punctuation.section.list.begin' },
  { name: 'CloseList', pattern: ']', scope: 'punctuation.section.list.end' },
  // Wider than the numbers, so that `0x1g` is one malformed number and not two tokens.
  { name: 'Integer', pattern: /[0-9][0-9A-Za-z_]*/y, label: 'a number', scope: 'constant.numeric' },
  { name: 'In', pattern: /in\b/y, label: '`in`', scope: 'keyword.operator.in' },
  { name: 'AndWord', pattern: /and\b/y, label: '`and`', category: 'And', scope: logical, replacement: '&&' },
  { name: 'OrWord', pattern: /or\b/y, label: '`or`', category: 'Or', scope: logical, replacement: '||' },
  { name: 'NotWord', pattern: /not\b/y, label: '`not`', category: 'Not', scope: logical, replacement: '!' },
  { name: 'Argument', pattern: /arg[0-9]+\b/y, label: 'an argument', scope: 'variable.parameter' },
  { name: 'Name', pattern: /[A-Za-z_][A-Za-z0-9_]*/y, label: 'a constant', scope: 'constant.other' },
];

/** Kinds that only group others. */
export const categories: readonly { readonly name: TokenName; readonly label: string }[] = [
  { name: 'Comparison', label: 'a comparison' },
];
