import assert from 'node:assert/strict';
import fc from 'fast-check';
import { longestRule, parseArgumentRule, parseTolerantly } from '../../grammars/argument-rules/parse.ts';
import { scan } from '../../grammars/argument-rules/scan.ts';
import { categories, tokens } from '../../grammars/argument-rules/tokens.ts';
import type { Expression, Problem } from '../../grammars/argument-rules/tree.ts';
import { readWellFormed } from '../../grammars/argument-rules/well-formed.ts';
import { deepestNesting } from '../../grammars/conditions/problems.ts';
import type { TextRange } from '../../grammars/conditions/tree.ts';
import { anyRule, plain, printRule, tokenSoup } from '../support/argument-rule-text.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('argument-rule-grammar');

test('what is printed is parsed to the same tree', () => {
  fc.assert(
    fc.property(anyRule, fc.boolean(), (rule, hexadecimal) => {
      const text = printRule(rule, hexadecimal);
      const { tree, problems } = parseArgumentRule(text);
      assert.deepEqual(problems, [], text);
      assert.deepEqual(plain(tree), rule, text);
      assert.equal(printRule(plain(tree), hexadecimal), text);
    }),
    { numRuns: 2000 },
  );
});

test('the range of each part is the text from which that part alone is parsed', () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      const text = printRule(rule);
      for (const part of partsOf(parseArgumentRule(text).tree)) {
        const own = text.slice(part.range.start, part.range.end);
        assert.equal(own, own.trim());
        // `a & b` is an operand of `a & b & c` only in parentheses, which are their own part.
        assert.deepEqual(plain(parseArgumentRule(own).tree), plain(part), `${own} of ${text}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('white space and line breaks change nothing', () => {
  fc.assert(
    fc.property(anyRule, fc.constantFrom('  ', '\n', '\t', '\r\n  '), (rule, blank) => {
      const text = printRule(rule).replaceAll(' ', blank);
      assert.deepEqual(plain(parseArgumentRule(text).tree), rule);
    }),
    { numRuns: 300 },
  );
});

test('any text gives a tree, and problems whose places lie within it and in order', () => {
  fc.assert(
    fc.property(fc.oneof(tokenSoup, fc.string({ unit: 'binary', maxLength: 30 })), (text) => {
      const { tree, problems } = parseArgumentRule(text);
      let last = 0;
      for (const { range } of problems) {
        assert(range.start >= last && range.end >= range.start && range.end <= text.length, JSON.stringify(range));
        last = range.start;
      }
      for (const { range } of partsOf(tree)) assert(range.start <= range.end && range.end <= text.length);
      // A tree with a hole in it is never without a problem.
      if (problems.length === 0) assert(partsOf(tree).every(({ kind }) => kind !== 'missing'));
    }),
    { numRuns: 5000 },
  );
});

test('a text without problems is what its tree prints', () => {
  fc.assert(
    fc.property(tokenSoup, (text) => {
      const { tree, problems } = parseArgumentRule(text);
      if (problems.length > 0) return;
      assert.deepEqual(plain(parseArgumentRule(printRule(plain(tree))).tree), plain(tree));
    }),
    { numRuns: 3000 },
  );
});

/** A rule's text with some of it left out, doubled or exchanged for another token. */
const mutated = fc
  .tuple(anyRule, fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.oneof(tokenSoup, fc.constant(''))), { maxLength: 3 }))
  .map(([rule, changes]) => {
    let text = printRule(rule);
    for (const [place, length, put] of changes) {
      const at = place % (text.length + 1);
      const kept = put === '' && length % 2 === 0 ? text.slice(at, at + length).repeat(2) : put;
      text = text.slice(0, at) + kept + text.slice(at + length);
    }
    return text;
  });

for (const [what, texts, numRuns] of [
  ['printed rules', anyRule.map((rule) => printRule(rule)), 1000],
  ['mutated rules', mutated, 3000],
  ['tokens in any order', tokenSoup, 4000],
] as const) {
  test(`the parser of well-formed rules and Chevrotain accept the same texts with equal trees: ${what}`, () => {
    let accepted = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const { tokens: read, strange } = scan(text);
        const fast = strange.length === 0 ? readWellFormed(text, read) : undefined;
        const { tree, problems } = parseTolerantly(text, read, strange);
        assert.equal(fast !== undefined, problems.length === 0, text);
        if (fast === undefined) return;
        accepted += 1;
        assert.deepStrictEqual(fast, tree, text);
      }),
      { numRuns },
    );
    assert(accepted > 50, `only ${accepted} were well formed`);
  });
}

const recoveries: readonly [text: string, problems: readonly string[], tree: string][] = [
  ['arg0 = 1 and arg1 <> 2', ['5 spelling', '9 spelling', '18 spelling'], 'arg0 == 1 && arg1 != 2'],
  ['arg0 == && arg1 == 2', ['8 a value'], 'arg0 == ? && arg1 == 2'],
  ['arg0 == 1 && arg1 ==', ['20 a value'], 'arg0 == 1 && arg1 == ?'],
  [
    'arg0 in [1,,2] && arg1 == $ 3 && arg2 ==',
    ['11 a value', '26 character', '40 a value'],
    'arg0 in [1, ?, 2] && arg1 == 3 && arg2 == ?',
  ],
  ['(arg0 == 1 || (arg1 == 2', ['24 `)`'], 'arg0 == 1 || arg1 == 2'],
  ['arg0 in [1, 2', ['13 `]`'], 'arg0 in [1, 2]'],
  ['arg0 == 1)', ['9 `&&` or `||`'], 'arg0 == 1'],
  ['arg0 == 1 arg1 == 2', ['10 `&&` or `||`'], 'arg0 == 1'],
  ['1 < arg0 < 5 && arg1 = 3', ['9 chain', '21 spelling'], '1 < arg0 && arg1 == 3'],
  ['!arg0 == 1', ['1 bare not'], '!(arg0 == 1)'],
  [
    'arg0 == 0755 || arg1 == 0xg || arg2 == 10UL',
    ['8 number', '24 number', '39 number'],
    'arg0 == ? || arg1 == ? || arg2 == ?',
  ],
  ['', ['0 empty'], '?'],
  [' \n ', ['0 empty'], '?'],
  ['$', ['0 character'], '?'],
];
for (const [text, expected, tree] of recoveries) {
  test(`recovery: ${JSON.stringify(text)}`, () => {
    const parsed = parseArgumentRule(text);
    assert.deepEqual(parsed.problems.map(shown), expected);
    assert.equal(printRule(plain(parsed.tree)), tree);
  });
}

test('the bracket that is named as open is the one whose closing bracket is missing', () => {
  for (const [text, at] of [
    ['(arg0 == 1 && (arg1 == 2)', 0],
    ['(arg0 == 1 && (arg1 == 2', 14],
    ['(arg0 == 1) && arg1 in [1, 2', 23],
  ] as const) {
    const [problem] = parseArgumentRule(text).problems;
    assert.deepEqual(problem?.kind === 'expected' && problem.opening, { start: at, end: at + 1 }, text);
  }
});

test('numbers are read in four bases', () => {
  for (const [text, value] of [
    ['0', 0n],
    ['18446744073709551615', 0xffff_ffff_ffff_ffffn],
    ['0xffff_FFFF', 0xffff_ffffn],
    ['0o755', 0o755n],
    ['0b1010_1010', 0xaan],
    ['1_000', 1000n],
  ] as const) {
    assert.deepEqual(plain(parseArgumentRule(text).tree), { kind: 'integer', value });
  }
  for (const text of ['1__0', '1_', '0x', '0o8', '0b2', '00', '0x_1', '1e3', '1u', '0xfful']) {
    assert.deepEqual(
      parseArgumentRule(text).problems.map(({ kind }) => kind),
      ['number'],
      text,
    );
  }
});

test('depth and length have a limit, below which nothing is refused', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}arg0 == 1${')'.repeat(depth)}`;
  assert.deepEqual(parseArgumentRule(nested(deepestNesting)).problems, []);
  assert.equal(parseArgumentRule(nested(deepestNesting + 1)).problems[0]?.kind, 'size');
  for (const deep of ['(', '!', '~', '-', '!(', '~(', 'not ']) {
    assert.equal(parseArgumentRule(deep.repeat(20_000)).problems[0]?.kind, 'size', deep);
  }
  assert.equal(parseArgumentRule(`arg0 == ${'1'.repeat(longestRule)}`).problems[0]?.kind, 'size');
  const wide = `arg0 in [${Array.from({ length: 8000 }, (_, at) => at).join(', ')}]`;
  assert.deepEqual(parseArgumentRule(wide).problems, []);
});

test('hopeless text of the greatest length is refused in time that is in proportion', () => {
  for (const piece of ['arg0 == ', ') ', '[', '$ ', 'arg0 arg0 ', '== ', 'in , ', '1 < ']) {
    const most = Math.floor(longestRule / piece.length);
    inProportion((pieces) => () => parseArgumentRule(piece.repeat(pieces)), Math.floor(most / times), piece);
  }
});

test('each word of the token table is one token of its own name', () => {
  const names = new Set([...tokens, ...categories].map(({ name }) => name));
  assert.equal(names.size, tokens.length + categories.length);
  for (const { category } of tokens) assert(category === undefined || names.has(category));
});

function shown(problem: Problem): string {
  return `${problem.range.start} ${problem.kind === 'expected' ? problem.expected : problem.kind}`;
}

function partsOf(expression: Expression): readonly (Expression & { readonly range: TextRange })[] {
  switch (expression.kind) {
    case 'group':
    case 'not':
    case 'negative':
    case 'complement':
      return [expression, ...partsOf(expression.of)];
    case 'bits':
    case 'logic':
      return [expression, ...expression.of.flatMap(partsOf)];
    case 'comparison':
      return [expression, ...partsOf(expression.left), ...partsOf(expression.right)];
    case 'membership':
      return [
        expression,
        ...partsOf(expression.of),
        ...expression.items.flatMap(({ low, high }) => [...partsOf(low), ...(high === undefined ? [] : partsOf(high))]),
      ];
    default:
      return [expression];
  }
}

run();
