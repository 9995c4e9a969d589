import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatCel } from '../../compiler/expressions/cel/format.ts';
import { printCel } from '../../compiler/expressions/cel/print.ts';
import { readTokens } from '../../grammars/cel/tokens-with-comments.ts';
import { readWellFormed } from '../../grammars/cel/well-formed.ts';
import { anyExpression, plain } from '../support/cel-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-format');

/** Printed expressions with blanks, line breaks and comments between their tokens. */
const loose = fc
  .tuple(
    anyExpression.map(printCel),
    fc.array(fc.constantFrom('', ' ', '  ', '\n', ' // c\n', '\n  // d \n', '\t'), { minLength: 1 }),
  )
  .map(([text, gaps]) => {
    let result = '';
    let last = 0;
    readTokens(text).tokens.forEach(({ start, end }, at) => {
      result += text.slice(last, start) + gaps[at % gaps.length] + text.slice(start, end);
      last = end;
    });
    return result + gaps[0];
  });

test('formatting keeps the tree, the words and the comments, and changes nothing the second time', () => {
  fc.assert(
    fc.property(loose, fc.constantFrom(20, 60, 100), (text, width) => {
      const formatted = formatCel(text, { width });
      assert(formatted !== undefined, text);
      assert.deepEqual(plain(readWellFormed(formatted)), plain(readWellFormed(text)), `${text}\n---\n${formatted}`);
      assert.equal(formatCel(formatted, { width }), formatted, text);
      const comments = (of: string) => readTokens(of).comments.map(({ start, end }) => of.slice(start, end).trimEnd());
      assert.deepEqual(comments(formatted), comments(text));
      assert.equal(formatted.trim(), formatted);
      for (const line of formatted.split('\n')) assert(!/[ \t]$/.test(line) || /'/.test(line), formatted);
    }),
    { numRuns: 1500 },
  );
});

test('what fits a line is on one line', () => {
  fc.assert(
    fc.property(anyExpression.map(printCel), (text) => {
      const formatted = formatCel(text, { width: text.length });
      assert.equal(formatted, text);
    }),
    { numRuns: 500 },
  );
});

const layouts: readonly [text: string, width: number, formatted: string][] = [
  ['a==1&&b  in["x",\'y\' ,]', 80, 'a == 1 && b in ["x", \'y\']'],
  ['-  1 - - x . y ( 2 )', 80, '-1 - -x.y(2)'],
  ['a ?b:{ "k" :c ? 1:2}', 80, 'a ? b : {"k": c ? 1 : 2}'],
  ['[ ? a,b . ? c ] [ ? 0 ]', 80, '[?a, b.?c][?0]'],
  ['request.path == "/v1" && request.method == "GET"', 30, 'request.path == "/v1"\n&& request.method == "GET"'],
  [
    'a && bbbbbbbbb || c && ddddddddd',
    16,
    'a && bbbbbbbbb\n|| c && ddddddddd'.replace('|| c && ddddddddd', '|| c\n  && ddddddddd'),
  ],
  ['condition ? something : otherwise', 20, 'condition\n  ? something\n  : otherwise'],
  ['tier in ["gold", "silver", "bronze"]', 20, 'tier in [\n  "gold",\n  "silver",\n  "bronze"\n]'],
  ['a // why\n&& b', 80, 'a // why\n&& b'],
  ['// first\na', 80, '// first\na'],
  ['f(a, // one\n b // two\n)', 80, 'f(\n  a, // one\n  b // two\n)'],
];
for (const [text, width, formatted] of layouts) {
  test(`layout: ${JSON.stringify(text)}`, () => {
    assert.equal(formatCel(text, { width }), formatted);
    assert.equal(formatCel(formatted, { width }), formatted);
  });
}

test('what is not well formed is left alone', () => {
  assert.equal(formatCel('a =='), undefined);
});

run();
