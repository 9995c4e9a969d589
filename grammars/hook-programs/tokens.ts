/**
 * The tokens of hook programs, as data: the scanner, the lexer and the TextMate grammar are made from this table.
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
  | 'Comment'
  | 'Text'
  | 'Comparison'
  | 'Equal'
  | 'NotEqual'
  | 'LessOrEqual'
  | 'GreaterOrEqual'
  | 'Less'
  | 'Greater'
  | 'StrictlyEqual'
  | 'StrictlyNotEqual'
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
  | 'Membership'
  | 'In'
  | 'Beneath'
  | 'Like'
  | 'Hook'
  | 'Counter'
  | 'By'
  | 'Per'
  | 'When'
  | 'If'
  | 'Audit'
  | 'Allow'
  | 'Deny'
  | 'Errno'
  | 'Otherwise'
  | 'Name';

const comparison = { category: 'Comparison', scope: 'keyword.operator.comparison' } as const;
const logical = 'keyword.operator.logical';
const bitwise = 'keyword.operator.bitwise';

export const tokens: readonly TokenEntry[] = [
  { name: 'Space', pattern: /[ \t\r\n\ufeff]+/y },
  { name: 'Comment', pattern: /#[^\n\r]*/y, scope: 'comment.line.number-sign' },
  // One without its end is a token too, up to the end of its line, so that the message can say what it lacks.
  {
    name: 'Text',
    pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*(?:"|\\?(?=[\n\r]|$))/y,
    label: 'a text',
    scope: 'string.quoted.double',
  },
  { name: 'StrictlyEqual', pattern: '===', ...comparison, replacement: '==' },
  { name: 'StrictlyNotEqual', pattern: '!==', ...comparison, replacement: '!=' },
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
  // Wider than the numbers, so that `0x1g` is one malformed number and not two tokens; `10s` is one too.
  { name: 'Integer', pattern: /[0-9][0-9A-Za-z_]*/y, label: 'a number', scope: 'constant.numeric' },
  word('In', 'in', 'keyword.operator.in', 'Membership'),
  word('Beneath', 'beneath', 'keyword.operator.in', 'Membership'),
  word('Like', 'like', 'keyword.operator.in', 'Membership'),
  { ...word('AndWord', 'and', logical, 'And'), replacement: '&&' },
  { ...word('OrWord', 'or', logical, 'Or'), replacement: '||' },
  { ...word('NotWord', 'not', logical, 'Not'), replacement: '!' },
  word('Hook', 'hook', 'keyword.control'),
  word('Counter', 'counter', 'keyword.control'),
  word('By', 'by', 'keyword.control'),
  word('Per', 'per', 'keyword.control'),
  word('When', 'when', 'keyword.control'),
  { ...word('If', 'if', 'keyword.control', 'When'), replacement: 'when' },
  word('Audit', 'audit', 'keyword.control'),
  word('Otherwise', 'otherwise', 'keyword.control'),
  word('Allow', 'allow', 'support.constant'),
  word('Deny', 'deny', 'support.constant'),
  word('Errno', 'errno', 'support.constant'),
  { name: 'Name', pattern: /[A-Za-z_][A-Za-z0-9_]*/y, label: 'a name', scope: 'variable.parameter' },
];

/** Kinds that only group others. */
export const categories: readonly { readonly name: TokenName; readonly label: string }[] = [
  { name: 'Comparison', label: 'a comparison' },
  { name: 'Membership', label: '`in`' },
];

function word(name: TokenName, text: string, scope: string, category?: TokenName): TokenEntry {
  return {
    name,
    pattern: new RegExp(`${text}\\b`, 'y'),
    label: `\`${text}\``,
    scope,
    ...(category === undefined ? {} : { category }),
  };
}
