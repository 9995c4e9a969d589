/**
 * The tokens of conditions, as data. A language that has conditions makes its own table of them; its scanner, its parser and its
 * TextMate grammar are made from that.
 */
export interface TokenEntry<Name extends string> {
  readonly name: Name;
  /** Text as it stands, or a sticky regular expression. */
  readonly pattern: string | RegExp;
  /** What a message calls it; absent, the text in backticks. */
  readonly label?: string;
  /** The TextMate scope, without the language's suffix. */
  readonly scope?: string;
  /** The kind of token that this one is an instance of, for the parser. */
  readonly category?: Name;
  /** For spellings of other languages: what it is called here. */
  readonly replacement?: string;
}

/** A kind that only groups others. */
export interface Category<Name extends string> {
  readonly name: Name;
  readonly label: string;
}

export type OperatorName =
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
  | 'BitAnd'
  | 'BitOr'
  | 'Complement'
  | 'Minus'
  | 'Between'
  | 'Comma'
  | 'Open'
  | 'Close'
  | 'OpenList'
  | 'CloseList';

/** Every token that the parser of conditions asks for. */
export type ConditionToken =
  | OperatorName
  | 'Space'
  | 'Integer'
  | 'Membership'
  | 'In'
  | 'AndWord'
  | 'OrWord'
  | 'NotWord'
  | 'Name';

const comparison = { category: 'Comparison', scope: 'keyword.operator.comparison' } as const;
const logical = 'keyword.operator.logical';
const bitwise = 'keyword.operator.bitwise';

/** In an order in which the first that matches is the right one. */
export const operators: readonly TokenEntry<OperatorName>[] = [
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
];

/** Wider than the numbers, so that `0x1g` is one malformed number and not two tokens; `10s` is one too. */
export const integer: TokenEntry<'Integer'> = {
  name: 'Integer',
  pattern: /[0-9][0-9A-Za-z_]*/y,
  label: 'a number',
  scope: 'constant.numeric',
};

/** Words that both languages have; in front of the names. */
export const words: readonly TokenEntry<ConditionToken>[] = [
  word('In', 'in', 'keyword.operator.in', 'Membership'),
  { ...word<ConditionToken>('AndWord', 'and', logical, 'And'), replacement: '&&' },
  { ...word<ConditionToken>('OrWord', 'or', logical, 'Or'), replacement: '||' },
  { ...word<ConditionToken>('NotWord', 'not', logical, 'Not'), replacement: '!' },
];

export const categories: readonly Category<'Comparison' | 'Membership'>[] = [
  { name: 'Comparison', label: 'a comparison' },
  { name: 'Membership', label: '`in`' },
];

export function word<Name extends string>(name: Name, text: string, scope: string, category?: Name): TokenEntry<Name> {
  return {
    name,
    pattern: new RegExp(`${text}\\b`, 'y'),
    label: `\`${text}\``,
    scope,
    ...(category === undefined ? {} : { category }),
  };
}

/** What is meant by each token that is spelt as in another language. */
export function replacementsIn<Name extends string>(tokens: readonly TokenEntry<Name>[]): ReadonlyMap<Name, string> {
  return new Map(
    tokens.flatMap(({ name, replacement }) => (replacement === undefined ? [] : [[name, replacement] as const])),
  );
}
