import fc from 'fast-check';

/** Generators of YAML text: documents in many styles with comments and blank lines, and damaged ones. */

const word = fc.constantFrom(
  'read',
  'write',
  'a b',
  'x:y',
  'é€',
  '𝒜😀',
  'null',
  'true',
  '0x1f',
  '12',
  '1.5',
  '-7',
  '~',
  'no',
  '/tmp/*.so',
  "it's",
  'a#b',
  '18446744073709551615',
);

const keyWord = fc.constantFrom('mode', 'allow', 'path', 'k1', 'é', 'deep key', '"q k"', "'s''k'", 'when');

const doubleText = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '\\n',
      '\\t',
      '\\"',
      '\\\\',
      '\\x41',
      '\\u00e9',
      '\\U0001F600',
      '\\/',
      '\\_',
      '😀',
      '#',
      ': ',
      "'",
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => `"${parts.join('')}"`);

const singleText = fc
  .array(fc.constantFrom('b', ' ', "''", '"', '\\', '😀', '# ', ': '), { maxLength: 8 })
  .map((parts) => `'${parts.join('')}'`);

const comment = fc.option(fc.constantFrom(' # a comment', '   #tight', ' # "quoted: [', '\t# tab'), {
  nil: '',
  freq: 4,
});

/** Renders a node at a column; `inline` text follows its key or dash on the line. */
type Render = (column: number, newline: string) => string;

const flowLeaf = fc.oneof(
  fc.constantFrom('read', 'a b', '12', 'true', 'null', '1.0', 'x-y', '/tmp'),
  doubleText,
  singleText,
);

const flow: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    flowLeaf,
    fc
      .tuple(fc.constantFrom(',', ', ', ' , '), fc.array(tie('node'), { maxLength: 3 }))
      .map(([comma, items]) => `[${items.join(comma)}]`),
    fc
      .tuple(
        fc.constantFrom(',', ', ', ' ,  '),
        fc.constantFrom('{', '{ '),
        fc.uniqueArray(fc.constantFrom('a', 'b', '"c"', "'d'"), { maxLength: 3 }),
        fc.array(tie('node'), { minLength: 3, maxLength: 3 }),
      )
      .map(
        ([comma, open, keys, values]) => `${open}${keys.map((key, index) => `${key}: ${values[index]}`).join(comma)}}`,
      ),
  ),
})).node;

const multiline: fc.Arbitrary<Render> = fc
  .tuple(
    fc.constantFrom('', "'", '"'),
    fc.array(fc.constantFrom('one', 'two  ', 'é 😀', '', '  three'), { minLength: 2, maxLength: 5 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([quote, lines, extra]) => (column, newline) => {
    const body = ['first', ...lines, 'last'].map((line, index) =>
      index === 0 || line === '' ? line : ' '.repeat(column + extra) + line,
    );
    return ` ${quote}${body.join(newline)}${quote}${newline}`;
  });

const blockOf = (headers: readonly string[], lines: readonly string[]): fc.Arbitrary<Render> =>
  fc
    .tuple(
      fc.constantFrom(...headers),
      fc.array(fc.constantFrom('text', '  more', 'é 😀 # no comment', '', '- dash', 'key: value', ...lines), {
        maxLength: 6,
      }),
      fc.integer({ min: 1, max: 3 }),
      comment,
    )
    .map(([header, lines, extra, note]) => (column, newline) => {
      const body = ['start', ...lines].map((line) => (line === '' ? '' : ' '.repeat(column + extra) + line));
      return ` ${header}${note.startsWith('\t') ? '' : note}${newline}${body.join(newline)}${newline}`;
    });

const block = blockOf(['|', '>', '|-', '>-', '|+', '>+'], ['\ttab']);

const leaf: fc.Arbitrary<Render> = fc
  .tuple(
    fc.oneof(word, doubleText, singleText, flow),
    fc.constantFrom(' ', ' ', '  '),
    comment,
    fc.constantFrom('', '', ' '),
  )
  .map(
    ([text, gap, note, trailing]) =>
      (_column, newline) =>
        `${gap}${text}${note}${trailing}${newline}`,
  );

const between = fc.array(fc.constantFrom('', '', '# own line', '  # indented', '   '), { maxLength: 2 });

function separated(lines: readonly string[], newline: string): string {
  return lines.map((line) => `${line}${newline}`).join('');
}

const nodesOf = (...leaves: readonly fc.Arbitrary<Render>[]): fc.Arbitrary<Render> =>
  fc.letrec<{ node: Render; map: Render; sequence: Render }>((tie) => ({
    node: fc.oneof({ maxDepth: 4, depthSize: 'small' }, ...leaves, tie('map'), tie('sequence')),
    map: fc
      .tuple(
        fc.uniqueArray(keyWord, { minLength: 1, maxLength: 4 }),
        fc.array(tie('node'), { minLength: 4, maxLength: 4 }),
        fc.array(between, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        comment,
      )
      .map(([keys, values, gaps, step, note]) => (column, newline) => {
        const inner = column + step;
        const pad = ' '.repeat(inner);
        const head = note.startsWith('\t') ? '' : note;
        return `${head}${newline}${keys.map((key, index) => `${separated(gaps[index]!, newline)}${pad}${key}:${values[index]!(inner, newline)}`).join('')}`;
      }),
    sequence: fc
      .tuple(
        fc.array(fc.tuple(tie('node'), between), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('-', '-', '-  '),
      )
      .map(([items, step, dash]) => (column, newline) => {
        const inner = column + step;
        const pad = ' '.repeat(inner);
        return `${newline}${items.map(([item, gap]) => `${separated(gap, newline)}${pad}${dash}${item(inner, newline)}`).join('')}`;
      }),
  })).node;

const documentsOf = (node: fc.Arbitrary<Render>, ...newlines: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.uniqueArray(fc.tuple(between, keyWord, node), { minLength: 1, maxLength: 4, selector: ([, key]) => key }),
      fc.constantFrom(...newlines),
      between,
    )
    .map(
      ([entries, newline, end]) =>
        entries.map(([gap, key, value]) => `${separated(gap, newline)}${key}:${value(0, newline)}`).join('') +
        separated(end, newline),
    );

/** A sound document: a block mapping of anything. */
export const yamlDocument = documentsOf(nodesOf(leaf, leaf, block, multiline), '\n', '\n', '\r\n');

/** Mostly documents in which every scalar stands on one line, without escapes, or is a block. */
export const simpleDocument = documentsOf(
  nodesOf(
    blockOf(['|', '>', '|-', '>-'], []),
    fc
      .constantFrom(
        'read',
        '/tmp',
        '12',
        '"a # b"',
        "'c: d'",
        '[a, b, 1]',
        '[]',
        '{a: b, "c": [1.0,{}]}',
        '',
        '[a,\n# c\n        b]',
      )
      .map((text) => (_column, newline) => `${text === '' ? '' : ' '}${text}${newline}`),
  ),
  '\n',
);

const scrap = fc.constantFrom(
  ' ',
  '\t',
  '\n',
  ':',
  ': ',
  '- ',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '#',
  '&a ',
  '*a',
  '!t ',
  '|',
  '>',
  '@',
  '%',
  '\\',
  '? ',
  '---\n',
  '...\n',
  'x',
  '0',
  '\r\n',
  '<<: ',
  '`',
  '!!str ',
  '😀',
);

/** A document in which some characters were deleted, doubled or replaced. */
export const damagedDocument: fc.Arbitrary<string> = fc
  .tuple(yamlDocument, fc.array(fc.tuple(fc.nat(), fc.nat(3), scrap), { minLength: 1, maxLength: 3 }))
  .map(([text, damages]) => {
    let result = text;
    for (const [position, length, insert] of damages) {
      const at = position % (result.length + 1);
      result = result.slice(0, at) + insert + result.slice(at + length);
    }
    return result;
  });

/** Scraps of YAML in any order: mostly wrong. */
export const yamlScraps: fc.Arbitrary<string> = fc
  .array(fc.oneof(scrap, word, keyWord), { maxLength: 30 })
  .map((parts) => parts.join(''));
