import {
  type ConditionToken,
  categories as conditionCategories,
  integer,
  operators,
  type TokenEntry,
  words,
} from '../conditions/tokens.ts';

export type TokenName = ConditionToken | 'Argument';

/** The tokens of argument rules. The order matters: of two patterns that match, the first wins. */
export const tokens: readonly TokenEntry<TokenName>[] = [
  { name: 'Space', pattern: /[ \t\r\n]+/y },
  ...operators,
  integer,
  ...words,
  { name: 'Argument', pattern: /arg[0-9]+\b/y, label: 'an argument', scope: 'variable.parameter' },
  { name: 'Name', pattern: /[A-Za-z_][A-Za-z0-9_]*/y, label: 'a constant', scope: 'constant.other' },
];

export const categories = conditionCategories;
