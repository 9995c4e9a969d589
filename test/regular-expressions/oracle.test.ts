import assert from 'node:assert/strict';
import { RE2JS } from '@bufbuild/re2';
import fc from 'fast-check';
import { patternMatcher } from '../../compiler/expressions/regular-expressions/matcher.ts';
import { type PatternTable, patternTable } from '../../compiler/expressions/regular-expressions/table.ts';
import { classNames } from '../../compiler/tables/unicode-classes.ts';
import { suite } from '../support/harness.ts';
import { patterns, texts } from '../support/regular-expressions.ts';

const { test, run } = suite('regular-expressions');

function theirs(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

/** What whoever has the table only finds. */
function found({ classes, classCount, next, accepts, start }: PatternTable, text: string): boolean {
  let state = start;
  for (const byte of new TextEncoder().encode(text)) state = next[state * classCount + classes[byte]!]!;
  return accepts[state] === 1;
}

function same(pattern: string, texts: readonly string[]): boolean {
  const other = theirs(pattern);
  const matcher = patternMatcher(pattern);
  const table = patternTable(pattern);
  assert.equal(
    matcher === undefined,
    other === undefined,
    `${JSON.stringify(pattern)} is ${other === undefined ? 'no' : 'a'} pattern`,
  );
  assert.equal(table === 'invalid', other === undefined, JSON.stringify(pattern));
  if (other === undefined || matcher === undefined) return false;
  for (const text of texts) {
    const expected = other.test(text);
    const where = `${JSON.stringify(pattern)} in ${JSON.stringify(text)}`;
    assert.equal(matcher.test(text), expected, where);
    if (typeof table !== 'string') assert.equal(found(table, text), expected, `the table of ${where}`);
  }
  return true;
}

test('RE2 finds the same in random texts', () => {
  let compared = 0;
  fc.assert(
    fc.property(patterns, fc.array(texts, { minLength: 4, maxLength: 8 }), (pattern, of) => {
      if (same(pattern, of)) compared++;
    }),
    { numRuns: 800 },
  );
  assert(compared > 600, `only ${compared} patterns are well-formed`);
});

test('RE2 takes the same for patterns', () => {
  const piece = fc.constantFrom(
    ...'( ) (?: (?i (?i) (?-i) (?P<a> (?P<b> (?<c> (?P< [ ] [^ [] [^]] [a- - ^ $ * + ? ** {2} {2,1} {1001} {,2} {2 } , | \\ \\1 \\10 \\8 \\0 \\x \\x4 \\x{ \\x{41} \\x{110000} \\p \\pL \\pX \\p{ \\p{Greek} \\p{greek} \\p{^L} \\C \\Z \\Q \\E \\_ \\é [:alpha:] [[:alpha:]] [[:foo:]] [[:alpha] a b é'.split(
      ' ',
    ),
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      same(pieces.join(''), ['', 'a', 'ab', '-', ']']);
    }),
    { numRuns: 2000 },
  );
});

test('counts may multiply up to 1000 and no further', () => {
  for (const pattern of [
    '(a{10}){100}',
    '(a{10}){101}',
    '((a{2}){5}|b{200}){5}',
    '((a{0}b{900}){2}){2}',
    '(a{31}){32}',
    '(a{31,}){33}',
    'a{1000}',
    'a{1001}',
    '((a*){10}){100}',
    '(a{2,1})',
  ]) {
    same(pattern, ['a'.repeat(999), 'a'.repeat(1000), 'b'.repeat(1800)]);
  }
});

test('each name of a category or script is one to RE2 too, and has the same code points', () => {
  const points = Array.from({ length: 1200 }, (_, index) => (index * 929) % 0x110000).filter(
    (each) => each < 0xd800 || each > 0xdfff,
  );
  const all = points.map((each) => String.fromCodePoint(each));
  let compared = 0;
  // To Go, whose engine CEL has, C is without what is not assigned.
  for (const name of [...classNames(), 'L', 'M', 'N', 'P', 'S', 'Z', 'Any']) {
    const other = theirs(`^\\p{${name}}$`);
    const matcher = patternMatcher(`^\\p{${name}}$`)!;
    // It lacks what came last.
    if (other === undefined) continue;
    compared++;
    for (const text of all) {
      assert.equal(matcher.test(text), other.test(text), `${name} ${text.codePointAt(0)?.toString(16)}`);
    }
  }
  assert(compared > 180, `only ${compared} names`);
  for (const name of ['Letter', 'latin', 'Grek', 'Unknown', 'lu', ''])
    assert.equal(patternMatcher(`\\p{${name}}`), undefined, name);
});

run();
