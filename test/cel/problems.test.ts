import assert from 'node:assert/strict';
import fc from 'fast-check';
import { catalogue } from '../../compiler/diagnostics/catalogue/index.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { printCel } from '../../compiler/expressions/cel/print.ts';
import type { CelFix, CelProblem } from '../../compiler/expressions/cel/syntax-problems.ts';
import { anyExpression, mutated, tokenSoup } from '../support/cel-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-problems');

/** The problems as `code:what`, and what the tree prints, where that says how much was understood. */
const mistakes: readonly [text: string, problems: readonly string[], understood?: string][] = [
  ['a == ', ['POL1112:==']],
  ['== a', ['POL1112:==']],
  ['a && && b', ['POL1112:&&']],
  ['a == && b ==', ['POL1112:==', 'POL1112:==']],
  ['a b == c', ['POL1113:b']],
  ['[a b]', ['POL1113:b']],
  ['{a: 1 b: 2}', ['POL1113:b']],
  ['f(a, b', ['POL1116:('], 'f(a, b)'],
  ['f(a, b]', ['POL1118:]'], 'f(a, b)'],
  ['f([a, b)', ['POL1116:['], 'f([a, b])'],
  ['a) && b', ['POL1117:)'], 'a && b'],
  ['a = 1 and b', ['POL1114:=', 'POL1114:and'], 'a == 1 && b'],
  ['a === b & c || not d', ['POL1114:===', 'POL1114:&', 'POL1114:not'], 'a == b && c || !d'],
  ['a | b OR c <> d', ['POL1114:|', 'POL1114:OR', 'POL1114:<>'], 'a || b || c != d'],
  ['a?.b.c', ['POL1114:?.']],
  ['{a = 1}', ['POL1114:='], '{a: 1}'],
  ['a not in b', ['POL1115:not in']],
  ["labels['x", ["POL1119:'"]],
  ["f('abc)", ["POL1119:'"], "f('abc')"],
  ['"""a', ['POL1119:"""']],
  ["'it's fine' == a", ["POL1120:'"], "'it\\'s fine' == a"],
  ["x.matches('\\d+')", ['POL1121:\\d']],
  ["'\\ud800' + '\\x4' + b'\\u0041'", ['POL1121:\\ud800', 'POL1121:\\x4', 'POL1121:\\u0041']],
  ["'\\U00110000'", ['POL1121:\\U00110000']],
  ["'\\400'", ['POL1121:\\4']],
  ['1_000 + 0x1g + 1.', ['POL1122:1_000', 'POL1122:0x1g', 'POL1122:1.']],
  ['9223372036854775808 + -9223372036854775808', ['POL1123:9223372036854775808']],
  ['18446744073709551616u', ['POL1123:18446744073709551616u']],
  ['1e999', ['POL1123:1e999']],
  ['if', ['POL1124:if']],
  ['for(x)', ['POL1124:for']],
  ['[1].map(var, var)', ['POL1124:var', 'POL1124:var']],
  ['a.', ['POL1125:.']],
  ['a..b', ['POL1125:.']],
  ["a.'x'", ["POL1125:'x'"]],
  ['a.in.b', ['POL1125:in'], 'a.`in`.b'],
  ['(int) a.b + 1', ['POL1126:(int)'], 'int(a.b) + 1'],
  ['f(a,)', ['POL1127:,'], 'f(a)'],
  ['a ? b', ['POL1128:?']],
  ['a ? b ? c : d : e', ['POL1129:b ? c : d'], 'a ? (b ? c : d) : e'],
  ['!-a', ['POL1130:-a']],
  ['a.`$`', ['POL1131:`$`']],
  ['`a-b`', ['POL1131:`a-b`']],
  ['a[0](x)', ['POL1132:(']],
  ['f(a,,b)', ['POL1111:,']],
  ['a, b', ['POL1111:,']],
  ['()', ['POL1111:)']],
  ['Msg{"a": 1}', ['POL1111:"a"']],
  ['', ['POL1134:']],
  ['// nothing', ['POL1134:// nothing']],
  ['a == $', ['POL1110:$']],
  ['a == “x”', ['POL1110:“', 'POL1110:”'], 'a == x'],
  [
    "request.path = '/v1' and request.method in ['GET', 'POST'",
    ['POL1114:=', 'POL1114:and', 'POL1116:['],
    "request.path == '/v1' && request.method in ['GET', 'POST']",
  ],
];
for (const [text, expected, understood] of mistakes) {
  test(`${JSON.stringify(text)}`, () => {
    const { expression, problems } = parseCel(text);
    assert.deepEqual(
      problems.map(({ code, range }) => `${code}:${text.slice(range.start, range.end)}`),
      expected,
    );
    if (understood !== undefined) assert.equal(printCel(expression), understood);
  });
}

const anyText = fc.oneof(mutated(anyExpression.map(printCel)), tokenSoup);

test('a fix that is certain removes its problem, and is about nothing else', () => {
  let applied = 0;
  fc.assert(
    fc.property(anyText, (text) => {
      const { problems } = parseCel(text);
      // A quote or bracket elsewhere can swallow what was corrected.
      if (problems.some(({ code }) => /^POL11(?:1[016789]|20|19)$/.test(code))) return;
      for (const problem of problems) {
        for (const fix of problem.fixes ?? []) {
          if (!fix.certain) continue;
          applied += 1;
          const left = parseCel(apply(text, fix)).problems;
          assert(count(left, problem.code) < count(problems, problem.code), `${text}\n${fix.title}`);
        }
      }
    }),
    { numRuns: 4000 },
  );
  assert(applied > 100, `only ${applied}`);
});

test('a number is corrected beyond doubt only where nothing follows that would be taken for more of it', () => {
  const certain = (text: string) =>
    parseCel(text).problems.flatMap(({ fixes }) => (fixes ?? []).map((fix) => fix.certain));
  assert.deepEqual(
    ['1_0', '1. < x', '10L]'].map((text) => certain(text)[0]),
    [true, true, true],
  );
  assert.deepEqual(
    ['1_0.{}', "1.b'x'"].map((text) => certain(text)[0]),
    [false, false],
  );
});

test('curly quotes are straightened in pairs', () => {
  for (const text of ['a == “x”', 'a == ‘x’ && b == “y”']) {
    for (const { fixes } of parseCel(text).problems) {
      const after = apply(text, fixes![0]!);
      assert.equal(parseCel(after).problems.length, parseCel(text).problems.length - 2, after);
    }
  }
});

test('every hole of a message has its value', () => {
  const seen = new Set<string>();
  const check = (text: string) => {
    for (const { code, holes, help } of parseCel(text).problems) {
      seen.add(code);
      const { message, help: usual } = catalogue[code];
      for (const [, hole] of `${message} ${help ?? usual}`.matchAll(/\{([a-z]+)\}/g)) {
        assert(holes[hole!] !== undefined, `${code} ${hole}`);
      }
    }
  };
  for (const [text] of mistakes) check(text);
  check('('.repeat(300));
  fc.assert(fc.property(anyText, check), { numRuns: 1000 });
  const codes = Object.keys(catalogue).filter((code) => /^POL11[1-3]/.test(code));
  assert.deepEqual([...seen].sort(), codes.sort());
});

function count(problems: readonly CelProblem[], code: string): number {
  return problems.filter((problem) => problem.code === code).length;
}

function apply(text: string, { edits }: CelFix): string {
  let result = text;
  for (const { range, newText } of [...edits].sort((left, right) => right.range.start - left.range.start)) {
    result = result.slice(0, range.start) + newText + result.slice(range.end);
  }
  return result;
}

run();
