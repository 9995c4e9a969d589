/**
 * The tokens of CEL, as data, for the TextMate grammar and for Chevrotain's token types. The scanner (scan.ts) is written
 * by hand for speed, and the tests hold it to this table. Of two patterns that match, the first wins.
 *
 * Source: the lexis of the CEL language definition (cel-spec v0.25.1, "Syntax"), and spellings of other languages, which are
 * tokens so that a message can say what CEL writes instead.
 */
export interface TokenEntry {
  readonly name: TokenName;
  /** Text as it stands, or a sticky regular expression. */
  readonly pattern: string | RegExp;
  /** What a message calls it; absent, the text in backticks. */
  readonly label?: string;
  /** The TextMate scope, without the language's suffix. */
  readonly scope?: string;
  /** For spellings of other languages: what it is called here. */
  readonly replacement?: string;
}

export type TokenName =
  | 'Space'
  | 'Comment'
  | 'String'
  | 'Bytes'
  | 'UnclosedString'
  | 'Double'
  | 'Uint'
  | 'Int'
  | 'BadNumber'
  | 'In'
  | 'True'
  | 'False'
  | 'Null'
  | 'Reserved'
  | 'Identifier'
  | 'Escaped'
  | 'BadEscaped'
  | 'StrictlyEqual'
  | 'StrictlyNotEqual'
  | 'LessGreater'
  | 'Equal'
  | 'NotEqual'
  | 'LessOrEqual'
  | 'GreaterOrEqual'
  | 'Less'
  | 'Greater'
  | 'SingleEqual'
  | 'And'
  | 'Or'
  | 'SingleAnd'
  | 'SingleOr'
  | 'Not'
  | 'Plus'
  | 'Minus'
  | 'Times'
  | 'Divide'
  | 'Modulo'
  | 'Question'
  | 'Colon'
  | 'Comma'
  | 'Dot'
  | 'Open'
  | 'Close'
  | 'OpenList'
  | 'CloseList'
  | 'OpenMap'
  | 'CloseMap'
  | 'Strange'
  | 'End';

const comparison = 'keyword.operator.comparison';
const logical = 'keyword.operator.logical';
const arithmetic = 'keyword.operator.arithmetic';
const constant = 'constant.language';

export const tokens: readonly TokenEntry[] = [
  { name: 'Space', pattern: /[ \t\r\n\f]+/y },
  { name: 'Comment', pattern: /\/\/[^\n]*/y, scope: 'comment.line.double-slash' },
  {
    name: 'Bytes',
    pattern:
      /[bB](?:[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?!"")[^"\r\n]*"|'(?!'')[^'\r\n]*')|"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?!"")(?:\\[^\r\n]|[^"\\\r\n])*"|'(?!'')(?:\\[^\r\n]|[^'\\\r\n])*')/y,
    label: 'bytes',
    scope: 'string.quoted.binary',
  },
  {
    name: 'String',
    pattern:
      /[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?!"")[^"\r\n]*"|'(?!'')[^'\r\n]*')|"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?!"")(?:\\[^\r\n]|[^"\\\r\n])*"|'(?!'')(?:\\[^\r\n]|[^'\\\r\n])*'/y,
    label: 'a string',
    scope: 'string.quoted',
  },
  // Up to the end of the line; one with three quotes up to the end of the text.
  {
    name: 'UnclosedString',
    pattern: /(?:[bB]?[rR]?)(?:"""[\s\S]*|'''[\s\S]*|["'][^\r\n]*)/y,
    label: 'a string',
    scope: 'invalid.illegal',
  },
  // A word right behind a number belongs to it, so that `0x1g` is one mistake; `1in [1]` is well formed all the same.
  {
    name: 'Double',
    pattern: /(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)(?=in\b|(?![A-Za-z0-9_]))/y,
    label: 'a number',
    scope: 'constant.numeric.float',
  },
  {
    name: 'Uint',
    pattern: /(?:0x[0-9a-fA-F]+|[0-9]+)[uU](?=in\b|(?![A-Za-z0-9_]))/y,
    label: 'a number',
    scope: 'constant.numeric.integer',
  },
  {
    name: 'Int',
    pattern: /(?:0x[0-9a-fA-F]+|[0-9]+(?!\.[0-9]))(?=in\b|(?![A-Za-z0-9_]))/y,
    label: 'a number',
    scope: 'constant.numeric.integer',
  },
  {
    name: 'BadNumber',
    pattern: /(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9])[A-Za-z0-9_]+/y,
    label: 'a number',
    scope: 'invalid.illegal',
  },
  { name: 'In', pattern: /in\b/y, label: '`in`', scope: 'keyword.operator.in' },
  { name: 'True', pattern: /true\b/y, label: '`true`', scope: constant },
  { name: 'False', pattern: /false\b/y, label: '`false`', scope: constant },
  { name: 'Null', pattern: /null\b/y, label: '`null`', scope: constant },
  {
    name: 'Reserved',
    pattern:
      /(?:as|break|const|continue|else|for|function|if|import|let|loop|namespace|package|return|var|void|while)\b/y,
    label: 'a reserved word',
    scope: 'keyword.reserved',
  },
  { name: 'Identifier', pattern: /[A-Za-z_][A-Za-z0-9_]*/y, label: 'a name', scope: 'variable.other' },
  { name: 'Escaped', pattern: /`[A-Za-z0-9_.\-/ ]+`/y, label: 'a name', scope: 'variable.other.member' },
  { name: 'BadEscaped', pattern: /`[^`\r\n]*`?/y, label: 'a name', scope: 'invalid.illegal' },
  { name: 'StrictlyEqual', pattern: '===', scope: 'invalid.illegal', replacement: '==' },
  { name: 'StrictlyNotEqual', pattern: '!==', scope: 'invalid.illegal', replacement: '!=' },
  { name: 'LessGreater', pattern: '<>', scope: 'invalid.illegal', replacement: '!=' },
  { name: 'Equal', pattern: '==', scope: comparison },
  { name: 'NotEqual', pattern: '!=', scope: comparison },
  { name: 'LessOrEqual', pattern: '<=', scope: comparison },
  { name: 'GreaterOrEqual', pattern: '>=', scope: comparison },
  { name: 'Less', pattern: '<', scope: comparison },
  { name: 'Greater', pattern: '>', scope: comparison },
  { name: 'SingleEqual', pattern: '=', scope: 'invalid.illegal', replacement: '==' },
  { name: 'And', pattern: '&&', scope: logical },
  { name: 'Or', pattern: '||', scope: logical },
  { name: 'SingleAnd', pattern: '&', scope: 'invalid.illegal', replacement: '&&' },
  { name: 'SingleOr', pattern: '|', scope: 'invalid.illegal', replacement: '||' },
  { name: 'Not', pattern: '!', scope: logical },
  { name: 'Plus', pattern: '+', scope: arithmetic },
  { name: 'Minus', pattern: '-', scope: arithmetic },
  { name: 'Times', pattern: '*', scope: arithmetic },
  { name: 'Divide', pattern: '/', scope: arithmetic },
  { name: 'Modulo', pattern: '%', scope: arithmetic },
  { name: 'Question', pattern: '?', scope: 'keyword.operator.ternary' },
  { name: 'Colon', pattern: ':', scope: 'keyword.operator.ternary' },
  { name: 'Comma', pattern: ',', scope: 'punctuation.separator' },
  { name: 'Dot', pattern: '.', scope: 'punctuation.accessor' },
  { name: 'Open', pattern: '(', scope: 'punctuation.section.group.begin' },
  { name: 'Close', pattern: ')', scope: 'punctuation.section.group.end' },
  { name: 'OpenList', pattern: '[', scope: 'punctuation.section.list.begin' },
  { name: 'CloseList', pattern: ']', scope: 'punctuation.section.list.end' },
  { name: 'OpenMap', pattern: '{', scope: 'punctuation.section.map.begin' },
  { name: 'CloseMap', pattern: '}', scope: 'punctuation.section.map.end' },
  // A character that begins no token of CEL; one beyond the basic plane is two code units.
  { name: 'Strange', pattern: /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/y, label: 'a character' },
];

/** Names that CEL keeps for itself: no variable or function may have one, a field may. */
export const reservedWords: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop namespace package return var void while'.split(' '),
);
