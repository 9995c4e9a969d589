import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { formatHookProgram } from '../../compiler/hook-programs/format.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { parseHookProgram, parseTolerantly } from '../../grammars/hook-programs/parse.ts';
import { scan } from '../../grammars/hook-programs/scan.ts';
import { splitStatements } from '../../grammars/hook-programs/statements.ts';
import { quoteText, readText } from '../../grammars/hook-programs/text.ts';
import { tokens } from '../../grammars/hook-programs/tokens.ts';
import type { Problem } from '../../grammars/hook-programs/tree.ts';
import { readWellFormed } from '../../grammars/hook-programs/well-formed.ts';
import { suite } from '../support/harness.ts';
import { program, programText } from '../support/hook-programs.ts';

const { test, run } = suite('grammar');
const example = readFileSync('test/fixtures/sandbox/seed-002/python-file-policy.bpf', 'utf8');
const words = [
  'hook',
  'file_open',
  'deny',
  'audit',
  'allow',
  'errno',
  'EACCES',
  'otherwise',
  'counter',
  'x',
  'by',
  'per',
  '10s',
];
const pieces = [
  ...words,
  'when',
  'if',
  'and',
  '!',
  '(',
  ')',
  '[',
  ']',
  ',',
  '..',
  '==',
  '=',
  '<',
  '&',
  '|',
  '&&',
  '||',
  '~',
  '-',
];
const anything = fc
  .array(fc.constantFrom(...pieces, '"a"', '"', '\\', '7', '0x', '#c\n', '\n', '$', '€', '𝒳', 'in', 'like'), {
    maxLength: 25,
  })
  .map((some) => some.join(' '));

test('every prefix of a program is read, and what is wrong with it stands in it', () => {
  for (let end = 0; end <= example.length; end += 1) {
    const { problems } = parseHookProgram(example.slice(0, end));
    for (const { range } of problems) assert.ok(range.start >= 0 && range.start <= range.end && range.end <= end);
  }
});

test('any text is read', () => {
  fc.assert(
    fc.property(fc.oneof(anything, fc.string({ maxLength: 60 })), (text) => {
      const { tree, problems } = parseHookProgram(text);
      for (const { range } of problems) assert.ok(range.start <= range.end && range.end <= text.length, text);
      for (const { range } of tree.sections) assert.ok(range.start < range.end && range.end <= text.length, text);
    }),
    { numRuns: 1500 },
  );
});

test('what the quick reader accepts Chevrotain accepts, as the same tree, and nothing else', () => {
  const check = (text: string) => {
    const { tokens: read, strange } = scan(text);
    if (strange.length > 0) return;
    for (const statement of splitStatements(read)) {
      const quick = readWellFormed(text, statement);
      const problems: Problem[] = [];
      const tolerant = parseTolerantly(text, statement, [], problems);
      assert.is(problems.length === 0, quick !== undefined, `${text}\n${JSON.stringify(problems)}`);
      if (quick !== undefined) assert.equal(tolerant, quick, text);
    }
  };
  check(example);
  fc.assert(
    fc.property(anything, (text) => check(text)),
    { numRuns: 1500 },
  );
  fc.assert(
    fc.property(program, (made) => check(programText(made))),
    { numRuns: 100 },
  );
});

test('a mistake in one statement leaves the others as they are', () => {
  const text = 'hook file_open\n  deny when uid ==\n  allow when gid == 1\n  errno when uid == 2\n  deny\n';
  const { tree, problems } = parseHookProgram(text);
  assert.equal(
    problems.map(({ range }) => text.slice(0, range.start).split('\n').length),
    [2, 4],
  );
  assert.equal(
    tree.sections[0]!.statements.map(({ kind }) => kind),
    ['rule', 'rule', 'rule', 'rule'],
  );
});

test('a text says what it was made of', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !/[\0\r\u0080-\u009f\u2028\u2029]/.test(text)),
      (value) => {
        assert.equal(readText(quoteText(value)), { value });
      },
    ),
  );
});

test('every token is scanned as the table says', () => {
  for (const { name, pattern } of tokens) {
    if (typeof pattern !== 'string') continue;
    assert.equal(scan(pattern).tokens, [{ name, start: 0, end: pattern.length }]);
  }
});

test('what is laid out means the same, and is laid out once', () => {
  const shape = (text: string) => scan(text).tokens.map(({ start, end }) => text.slice(start, end));
  const check = (text: string) => {
    const { text: once, diagnostics } = formatHookProgram(sourceText('a.bpf', text));
    if (diagnostics.length > 0) {
      assert.is(once, text);
      return;
    }
    assert.equal(shape(once), shape(text));
    assert.equal(
      scan(once)
        .comments.map(({ start, end }) => once.slice(start, end).trimEnd())
        .sort(),
      scan(text)
        .comments.map(({ start, end }) => text.slice(start, end).trimEnd())
        .sort(),
    );
    assert.is(formatHookProgram(sourceText('a.bpf', once)).text, once, JSON.stringify(text));
    assert.not.match(once, / $|\n\n\n|\t/m);
  };
  check(example);
  const spaced = program.chain((made) =>
    fc
      .array(fc.constantFrom(' ', '  ', '\n', '\n\n\n', ' # a comment\n', '\n# one\n  # two\n\n', '\n\n# head\n'), {
        minLength: 1,
        maxLength: 9,
      })
      .map((blanks) =>
        shape(programText(made))
          .map((word, at) => `${word}${blanks[at % blanks.length]}`)
          .join(''),
      ),
  );
  fc.assert(
    fc.property(spaced, (text) => check(text)),
    { numRuns: 200 },
  );
});

run();
