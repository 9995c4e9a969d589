import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { movedFindings } from '../../compiler/editor/moved-findings.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('editor-moved-findings');

const path = '/a.yaml';
const letters = fc.array(fc.constantFrom(...'abcdefgh', '\n', '🔒'), { maxLength: 40 }).map((parts) => parts.join(''));

function finding(file: string, start: number, end: number): Diagnostic {
  const span = { file, start, end };
  const fix = { title: 'x', certain: true, edits: [{ span, newText: '' }] };
  return { ...report('POL5003', span, {}, { related: [{ span, label: 'here' }] }), fixes: [fix] };
}

test('a finding points at the same text after an edit beside it, and is gone after one within', () => {
  let kept = 0;
  let lost = 0;
  fc.assert(
    fc.property(letters, letters, fc.nat(), fc.nat(), fc.nat(), fc.nat(), (text, inserted, a, b, c, d) => {
      const within = (value: number) => value % (text.length + 1);
      const [from, to] = [Math.min(within(a), within(b)), Math.max(within(a), within(b))];
      const [start, end] = [Math.min(within(c), within(d)), Math.max(within(c), within(d))];
      const now = text.slice(0, from) + inserted + text.slice(to);
      const source = sourceText(path, text);
      const after = sourceText(path, now);
      const [moved, ...others] = movedFindings([finding(path, start, end)], source, after);
      assert.is(others.length, 0);
      if (moved === undefined) {
        lost += 1;
        // Far from what was replaced nothing is lost; near it, equal text may have been replaced by itself.
        const near = inserted.length + to - from + 1;
        assert.ok(end >= from - near && start <= to + near, `${start}-${end} ${from}-${to}`);
        return;
      }
      kept += 1;
      assert.is(now.slice(moved.span.start, moved.span.end), text.slice(start, end));
      assert.equal(moved.related[0]!.span, moved.span);
      assert.equal(moved.fixes[0]!.edits[0]!.span, moved.span);
    }),
    { numRuns: 5000 },
  );
  assert.ok(kept > 500 && lost > 500, `${kept} ${lost}`);
});

test('in long texts too', () => {
  const text = Array.from({ length: 3000 }, (_, at) => `line ${at}\n`).join('');
  const found = [100, 9000, 20_000, 25_000].map((start) => finding(path, start, start + 9));
  for (const at of [0, 50, 4096, 8192, 9050, 20_005, text.length]) {
    for (const inserted of ['', 'x', 'y'.repeat(10_000)]) {
      const now = text.slice(0, at) + inserted + text.slice(at + 1);
      const moved = movedFindings(found, sourceText(path, text), sourceText(path, now));
      const apart = found.filter(({ span }) => span.end < at || span.start > at + 1);
      assert.ok(moved.length >= apart.length, `${at}`);
      for (const { span } of moved) assert.is(span.end - span.start, 9);
      const pieces = (findings: readonly Diagnostic[], of: string) =>
        findings.map(({ span }) => of.slice(span.start, span.end));
      for (const piece of pieces(apart, text)) assert.ok(pieces(moved, now).includes(piece));
    }
  }
});

test('findings of other files stay', () => {
  const other = finding('/other.yaml', 1, 3);
  assert.equal(movedFindings([other], sourceText(path, 'abc'), sourceText(path, 'xxabc')), [other]);
});

run();
