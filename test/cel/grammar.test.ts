import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printCel } from '../../compiler/expressions/cel/print.ts';
import { treeHeight } from '../../grammars/cel/height.ts';
import { deepestNesting, deepestRepair, highestTree, longestExpression } from '../../grammars/cel/limits.ts';
import { parseExpression, parseTolerantly } from '../../grammars/cel/parse.ts';
import { partsOf } from '../../grammars/cel/parts.ts';
import type { Expression } from '../../grammars/cel/syntax-tree.ts';
import { tokens } from '../../grammars/cel/tokens.ts';
import { readTokens } from '../../grammars/cel/tokens-with-comments.ts';
import { readWellFormed } from '../../grammars/cel/well-formed.ts';
import { anyExpression, mutated, plain, tokenSoup } from '../support/cel-text.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-grammar');

const printed = anyExpression.map(printCel);
const anyText = fc.oneof(tokenSoup, mutated(printed), fc.string({ unit: 'binary', maxLength: 20 }));

test('the scanner finds the tokens of the table', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, printed), (text) => {
      const { tokens: read, comments } = readTokens(text);
      const expected: string[] = [];
      const remarks: string[] = [];
      for (let at = 0; at < text.length; ) {
        const found = tokens.flatMap(({ name, pattern }) => {
          if (typeof pattern === 'string')
            return text.startsWith(pattern, at) ? [{ name, end: at + pattern.length }] : [];
          pattern.lastIndex = at;
          return pattern.test(text) ? [{ name, end: pattern.lastIndex }] : [];
        })[0]!;
        if (found.name === 'Comment') remarks.push(`${at} ${found.end}`);
        else if (found.name !== 'Space') expected.push(`${found.name} ${at} ${found.end}`);
        at = found.end;
      }
      assert.deepEqual(
        read.map(({ name, start, end }) => `${name} ${start} ${end}`),
        expected,
        JSON.stringify(text),
      );
      assert.deepEqual(
        comments.map(({ start, end }) => `${start} ${end}`),
        remarks,
      );
    }),
    { numRuns: 3000 },
  );
});

test('what is printed is parsed to the same tree', () => {
  fc.assert(
    fc.property(anyExpression, (expression) => {
      const text = printCel(expression);
      const { tree, problems } = parseExpression(text);
      assert.deepEqual(problems, [], text);
      assert.deepEqual(plain(tree), plain(expression), text);
      assert.equal(printCel(tree), text);
    }),
    { numRuns: 2000 },
  );
});

test('the range of each part is the text from which that part alone is parsed', () => {
  fc.assert(
    fc.property(printed, (text) => {
      for (const part of everyPart(parseExpression(text).tree)) {
        const own = text.slice(part.range.start, part.range.end);
        assert.deepEqual(plain(parseExpression(own).tree), plain(part), `${own} of ${text}`);
      }
    }),
    { numRuns: 500 },
  );
});

for (const [what, texts, numRuns] of [
  ['printed expressions', printed, 1000],
  ['mutated expressions', mutated(printed), 4000],
  ['tokens in any order', tokenSoup, 3000],
] as const) {
  test(`the parser of well-formed text and Chevrotain accept the same texts with equal trees: ${what}`, () => {
    let accepted = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const fast = readWellFormed(text);
        const { tree, problems } = parseTolerantly(text);
        assert.equal(fast !== undefined, problems.length === 0, `${JSON.stringify(text)} ${JSON.stringify(problems)}`);
        if (fast === undefined) return;
        accepted += 1;
        assert.deepStrictEqual(fast, tree, text);
      }),
      { numRuns },
    );
    assert(accepted > 30, `only ${accepted} were well formed`);
  });
}

test('any text gives a tree, and problems whose places lie within it and in order', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { tree, problems } = parseExpression(text);
      let last = 0;
      for (const { range } of problems) {
        assert(range.start >= last && range.end >= range.start && range.end <= text.length, JSON.stringify(range));
        last = range.start;
      }
      const parts = everyPart(tree);
      for (const { range } of parts) assert(0 <= range.start && range.start <= range.end && range.end <= text.length);
      // A tree with a hole in it is never without a problem.
      if (problems.length === 0) assert(parts.every(({ kind }) => kind !== 'hole'));
      printCel(tree);
    }),
    { numRuns: 6000 },
  );
});

test('one character left out of an expression is seldom more than one mistake', () => {
  let mistakes = 0;
  let reports = 0;
  const usual =
    "auth.identity.tier in ['gold', 'silver'] && (request.path.startsWith('/v1') || size(request.headers) > 3)";
  for (let at = 0; at < usual.length; at += 1) {
    const { problems } = parseExpression(usual.slice(0, at) + usual.slice(at + 1));
    if (problems.length === 0) continue;
    mistakes += 1;
    reports += problems.length;
  }
  assert(mistakes > 15 && reports <= mistakes * 1.5, `${reports} problems for ${mistakes} mistakes`);
});

test('nesting, height and length have a limit, below which nothing is refused', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
  const chain = (length: number) => Array.from({ length }, () => 'a').join(' || ');
  assert.deepEqual(parseExpression(nested(deepestNesting)).problems, []);
  assert.deepEqual(parseTolerantly(nested(deepestRepair)).problems, []);
  assert.equal(parseTolerantly(nested(deepestRepair + 1)).problems[0]?.kind, 'size');
  assert.equal(parseExpression(nested(deepestNesting + 1)).problems[0]?.kind, 'size');
  assert.deepEqual(parseExpression(chain(highestTree)).problems, []);
  assert.equal(treeHeight(parseExpression(chain(highestTree)).tree), highestTree);
  assert.equal(parseExpression(chain(highestTree + 1)).problems[0]?.kind, 'size');
  // What is in brackets counts wherever it stands among its neighbours.
  for (const around of ['[_, 1]', '[1, _]', '{_: 1}', '{1: _, 2: 3}', 'f(_, 1)', 'f(1, _)', 'M{a: _, b: 1}', 'a[_]']) {
    const holding = (height: number) => parseExpression(around.replace('_', chain(height)));
    assert.equal(treeHeight(holding(highestTree - 1).tree), highestTree, around);
    assert.deepEqual(holding(highestTree - 1).problems, [], around);
    assert.equal(holding(highestTree).problems[0]?.kind, 'size', around);
  }
  for (const deep of ['(', '!', '-', '!(', '[', '{a:', 'f(', 'a[', 'a ? b : ', 'a ? ', 'M{a:', '{', '.a[?', '-[']) {
    const { problems } = parseExpression(deep.repeat(10_000));
    assert.equal(problems[0]?.kind, 'size', deep);
    assert.equal(problems.length, 1, deep);
    // As deep as may be, and broken: what recurses has to bear it.
    parseTolerantly(deep.repeat(Math.floor(deepestRepair / 2)));
    parseExpression(deep.repeat(deepestNesting));
  }
  assert.equal(parseExpression(`'${'a'.repeat(longestExpression)}'`).problems[0]?.kind, 'size');
  const wide = `a in [${Array.from({ length: 8000 }, (_, at) => at).join(', ')}]`;
  assert.deepEqual(parseExpression(wide).problems, []);
});

test('hopeless text of the greatest length is refused in time that is in proportion', () => {
  for (const piece of ['a == ', ') ', '[', '$ ', 'a b ', "'", "'a'b", '=', '{a = ', '(int) ', ', ', '1.', '`', 'a.']) {
    const most = Math.floor(longestExpression / piece.length);
    inProportion((pieces) => () => parseExpression(piece.repeat(pieces)), Math.floor(most / times), piece);
  }
});

function everyPart(tree: Expression): readonly Expression[] {
  return [tree, ...partsOf(tree).flatMap(everyPart)];
}

run();
