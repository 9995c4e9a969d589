import {
  type ConditionToken,
  categories as conditionCategories,
  integer,
  operators,
  type TokenEntry,
  word,
  words,
} from '../conditions/tokens.ts';

export type TokenName =
  | ConditionToken
  | 'Comment'
  | 'Text'
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
  | 'Otherwise';

/** The tokens of hook programs. The order matters: of two patterns that match, the first wins. */
export const tokens: readonly TokenEntry<TokenName>[] = [
  { name: 'Space', pattern: /[ \t\r\n\ufeff]+/y },
  { name: 'Comment', pattern: /#[^\n\r]*/y, scope: 'comment.line.number-sign' },
  // One without its end is a token too, up to the end of its line, so that the message can say what it lacks.
  {
    name: 'Text',
    pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*(?:"|\\?(?=[\n\r]|$))/y,
    label: 'a text',
    scope: 'string.quoted.double',
  },
  ...operators,
  integer,
  ...words,
  word('Beneath', 'beneath', 'keyword.operator.in', 'Membership'),
  word('Like', 'like', 'keyword.operator.in', 'Membership'),
  word('Hook', 'hook', 'keyword.control'),
  word('Counter', 'counter', 'keyword.control'),
  word('By', 'by', 'keyword.control'),
  word('Per', 'per', 'keyword.control'),
  word('When', 'when', 'keyword.control'),
  { ...word<TokenName>('If', 'if', 'keyword.control', 'When'), replacement: 'when' },
  word('Audit', 'audit', 'keyword.control'),
  word('Otherwise', 'otherwise', 'keyword.control'),
  word('Allow', 'allow', 'support.constant'),
  word('Deny', 'deny', 'support.constant'),
  word('Errno', 'errno', 'support.constant'),
  { name: 'Name', pattern: /[A-Za-z_][A-Za-z0-9_]*/y, label: 'a name', scope: 'variable.parameter' },
];

export const categories = conditionCategories;
