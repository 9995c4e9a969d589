import fc from 'fast-check';

/** Characters that patterns and texts of tests are of, so that they meet often. */
const letters = [
  'a',
  'b',
  'A',
  'k',
  's',
  '0',
  '_',
  '-',
  ' ',
  '\n',
  'é',
  'É',
  'ß',
  'ſ',
  'K',
  'Ω',
  'ω',
  '中',
  '𐐀',
  '𐐨',
  '€',
  '\u0301',
];

/** Texts of few different characters. */
export const texts: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { arbitrary: fc.constantFrom(...letters), weight: 9 },
      { arbitrary: fc.string({ unit: 'grapheme', maxLength: 1 }), weight: 1 },
    ),
    { maxLength: 14 },
  )
  .map((each) => each.join(''));

const escapes = [
  '\\d',
  '\\D',
  '\\s',
  '\\S',
  '\\w',
  '\\W',
  '\\pL',
  '\\PL',
  '\\p{Greek}',
  '\\p{^Lu}',
  '\\p{Nd}',
  '\\n',
  '\\x61',
  '\\x{e9}',
  '\\101',
  '\\.',
  '\\-',
  '\\Qa.b\\E',
];
const inClass = [
  'a-c',
  'é-ω',
  '[:alpha:]',
  '[:^digit:]',
  '[:space:]',
  'A',
  '_',
  '\\d',
  '\\W',
  '\\pL',
  '\\n',
  '中',
  '𐐀-𐐨',
  '-',
  'k',
  '\\]',
];
const assertions = ['^', '$', '\\A', '\\z', '\\b', '\\B'];
const repetitions = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,}', '{0,2}', '{0}', '{1,3}?'];
const groups = ['(', '(?:', '(?i:', '(?s:', '(?m:', '(?i-s:', '(?-i:', '(?P<name>', '(?U:'];

const literal = fc.constantFrom(...letters.map((each) => (/[-_\w\s]/u.test(each) ? each : each)));

const bracketed = fc
  .tuple(fc.boolean(), fc.array(fc.constantFrom(...inClass), { minLength: 1, maxLength: 3 }))
  .map(([negative, parts]) => `[${negative ? '^' : ''}${[...parts].sort().join('')}]`);

/** Patterns in RE2's syntax, most of them well-formed. */
export const patterns: fc.Arbitrary<string> = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: literal, weight: 6 },
    { arbitrary: fc.constantFrom(...escapes), weight: 2 },
    { arbitrary: fc.constantFrom(...assertions), weight: 2 },
    { arbitrary: fc.constant('.'), weight: 1 },
    { arbitrary: bracketed, weight: 2 },
    {
      arbitrary: fc.tuple(tie('part'), fc.constantFrom(...repetitions)).map(([of, times]) => `(?:${of})${times}`),
      weight: 2,
    },
    { arbitrary: fc.tuple(literal, fc.constantFrom(...repetitions)).map((each) => each.join('')), weight: 2 },
    { arbitrary: fc.tuple(fc.constantFrom(...groups), tie('pattern')).map(([open, of]) => `${open}${of})`), weight: 2 },
  ),
  pattern: fc
    .tuple(
      fc.constantFrom('', '', '', '(?i)', '(?m)', '(?s)', '(?im)'),
      fc.array(fc.oneof({ arbitrary: tie('part'), weight: 6 }, { arbitrary: fc.constant('|'), weight: 1 }), {
        maxLength: 5,
      }),
    )
    .map(([flags, parts]) => flags + parts.join('')),
})).pattern;
