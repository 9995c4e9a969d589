import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Diagnostic, Fix } from '../../compiler/diagnostics/diagnostic.ts';
import { applyEdits, applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('fixes');

const texts = new Map([
  ['a', sourceText('a', 'allow: [raed, wirte]\n')],
  ['b', sourceText('b', 'base\n')],
]);
const sources = (file: string) => texts.get(file);

test('certain fixes are applied in one pass, the others are left', () => {
  const found = [
    finding(fix(['a', 14, 19, 'write'])),
    finding(fix(['a', 8, 12, 'read'])),
    finding(fix(['b', 0, 4, 'x'], false)),
  ];
  const result = applyFixes(found, sources, 'certain');
  assert.equal([...result.texts], [['a', 'allow: [read, write]\n']]);
  assert.is(result.applied.length, 2);
  assert.equal(result.blocked, []);
  assert.equal([...applyFixes(found, sources, 'all').texts.keys()], ['a', 'b']);
});

test('a fix is applied whole or not at all', () => {
  const both: Fix = {
    title: 't',
    certain: true,
    edits: [
      { span: { file: 'b', start: 0, end: 4 }, newText: 'new' },
      { span: { file: 'a', start: 10, end: 16 }, newText: '' },
    ],
  };
  const result = applyFixes([finding(fix(['a', 8, 12, 'read'])), finding(both)], sources, 'certain');
  assert.equal([...result.texts], [['a', 'allow: [read, wirte]\n']]);
  assert.is(result.blocked.length, 1);
});

test('a fix that two findings share is applied once', () => {
  const shared = fix(['a', 8, 8, '@basic-start, ']);
  const result = applyFixes([finding(shared), finding(shared)], sources, 'certain');
  assert.equal([...result.texts], [['a', 'allow: [@basic-start, raed, wirte]\n']]);
  assert.is(result.applied.length, 2);
});

test('two insertions at one place, spans outside the text and unread files are left for later', () => {
  const found = [
    finding(fix(['a', 8, 8, 'x'])),
    finding(fix(['a', 8, 8, 'y'])),
    finding(fix(['a', 90, 91, 'z'])),
    finding(fix(['c', 0, 0, 'z'])),
  ];
  const result = applyFixes(found, sources, 'certain');
  assert.is(result.applied.length, 1);
  assert.is(result.blocked.length, 3);
});

test('of many fixes those are applied that overlap none before them', () => {
  const place = fc
    .tuple(fc.nat(20), fc.nat(3), fc.constantFrom('', 'x'))
    .map(([start, length, newText]) => fix(['a', start, Math.min(21, start + length), newText]));
  fc.assert(
    fc.property(fc.array(place, { maxLength: 30 }), (fixes) => {
      const taken: Fix[] = [];
      const expected = fixes.map(({ edits: [edit] }) => {
        const { span, newText } = edit!;
        const isIn = (other: Fix) => {
          const { span: its, newText: its2 } = other.edits[0]!;
          return span.start === its.start && span.end === its.end && newText === its2;
        };
        if (taken.some(isIn)) return true;
        const isFree = taken.every(({ edits: [other] }) => {
          const its = other!.span;
          return span.start !== its.start && (span.end <= its.start || its.end <= span.start);
        });
        if (isFree) taken.push({ title: 't', certain: true, edits: [edit!] });
        return isFree;
      });
      const found = fixes.map((each) => finding(each));
      const { applied } = applyFixes(found, sources, 'certain');
      assert.equal(
        found.map((each) => applied.includes(each)),
        expected,
      );
    }),
  );
});

test('edits in any order give what replacing from the end gives', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(fc.nat(50), { maxLength: 12 }),
      fc.array(fc.string({ maxLength: 4 }), { minLength: 6, maxLength: 6 }),
      fc.nat(5),
      (text, cuts, inserts, turn) => {
        const points = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((a, b) => a - b);
        const edits = [];
        for (let at = 0; at + 1 < points.length; at += 2) {
          const span = { file: 'f', start: points[at]!, end: points[at + 1]! };
          edits.push({ span, newText: inserts[at / 2]! });
        }
        let expected = text;
        for (const edit of [...edits].reverse()) {
          expected = expected.slice(0, edit.span.start) + edit.newText + expected.slice(edit.span.end);
        }
        const turned = [...edits.slice(turn), ...edits.slice(0, turn)];
        assert.is(applyEdits(text, turned), expected);
      },
    ),
  );
});

run();

function fix([file, start, end, newText]: readonly [string, number, number, string], certain = true): Fix {
  return { title: 't', certain, edits: [{ span: { file, start, end }, newText }] };
}

function finding(...fixes: readonly Fix[]): Diagnostic {
  const span = { file: 'a', start: 0, end: 1 };
  return { code: 'POL5093', severity: 'error', message: 'm', span, related: [], notes: [], help: 'h', fixes };
}
