import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Code } from '../../compiler/diagnostics/catalogue/index.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { suppress } from '../../compiler/diagnostics/suppress.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('suppress');

/** Runs on a text whose `<CODE>` marks are findings of that code at that place. */
function outcome(marked: string, today?: string) {
  let text = '';
  const findings: Diagnostic[] = [];
  for (const part of marked.split(/(<POL\d+>)/)) {
    if (!part.startsWith('<POL')) text += part;
    else findings.push(finding(part.slice(1, -1), text.length));
  }
  const source = sourceText('p.yaml', text);
  const comments = [...text.matchAll(/#.*/g)].map((match) => ({
    span: { file: 'p.yaml', start: match.index, end: match.index + match[0].length },
    text: match[0].slice(1),
  }));
  const { kept, suppressed, added } = suppress(findings, comments, new Map([[source.path, source]]), today);
  return {
    kept: kept.map((each) => each.code),
    suppressed: suppressed.map((each) => `${each.diagnostic.code}: ${each.reason}`),
    added: added.map((each) => `${each.code} ${text.slice(each.span.start, each.span.end)}`),
  };
}

test('on the line and above it', () => {
  assert.equal(outcome('a: <POL6004>1 # polc: allow POL6004 because it is old\nb: <POL6004>2\n'), {
    kept: ['POL6004'],
    suppressed: ['POL6004: it is old'],
    added: [],
  });
  assert.equal(outcome('# polc: allow POL6004 because one\n\n# more\na: <POL6004>1\n').suppressed, ['POL6004: one']);
  assert.equal(outcome('- # polc: allow POL6004 because one\n  a: <POL6004>1\n').kept, ['POL6004']);
});

test('several codes, each used on its own', () => {
  assert.equal(outcome('a: <POL6004>1 # polc: allow POL6004, POL5094 , POL6005 because x\n'), {
    kept: [],
    suppressed: ['POL6004: x'],
    added: ['POL5095 POL5094', 'POL5093 POL6005'],
  });
});

test('the last day counts, the day after does not', () => {
  const text = 'a: <POL6004>1 # polc: allow POL6004 until 2027-01-01 because x\n';
  assert.equal(outcome(text, '2027-01-01').suppressed, ['POL6004: x']);
  assert.equal(outcome(text, undefined).suppressed, ['POL6004: x']);
  assert.equal(outcome(text, '2027-01-02'), { kept: ['POL6004'], suppressed: [], added: ['POL5091 2027-01-01'] });
});

test('without a reason nothing is silenced', () => {
  for (const end of ['', ' because', ' because  ', ' until 2030-01-01']) {
    const result = outcome(`a: <POL6004>1 # polc: allow POL6004${end}\n`);
    assert.equal(result.kept, ['POL6004']);
    assert.is(result.added.length, 1);
    assert.match(result.added[0]!, /^POL5090 # polc: allow/);
  }
});

test('an unknown code has a suggestion', () => {
  const source = sourceText('p.yaml', '# polc: allow POL5O93 because x\n');
  const { added } = suppress(
    [],
    [{ span: { file: 'p.yaml', start: 0, end: 31 }, text: '' }],
    new Map([[source.path, source]]),
  );
  assert.is(added[0]?.code, 'POL5092');
  assert.match(added[0]?.help ?? '', /`POL5093`/);
  assert.is(added[0]?.fixes[0]?.edits[0]?.newText, 'POL5093');
});

test('errors of any kind stay: a policy with one has no meaning to enforce', () => {
  for (const code of ['POL1001', 'POL3002', 'POL6001', 'POL8003', 'POL9000']) {
    const result = outcome(`a: <${code}>1 # polc: allow ${code} because x\n`);
    assert.equal(result.kept, [code]);
    assert.equal(result.added, [`POL5095 ${code}`]);
  }
});

test('what cannot be read says why', () => {
  for (const [text, reason] of [
    ['polc: allow', 'a code is missing'],
    ['polc: allow because x', 'a code is missing'],
    ['polc: allow POL6004, because x', 'a code is missing'],
    ['polc: allow POL6004 until tomorrow because x', '`tomorrow` is not a date'],
    ['polc: allow POL6004 until 2027-02-30 because x', '`2027-02-30` is not a date'],
    ['polc: allow POL6004 until because x', '`because` is not a date'],
    ['polc: allow POL6004 as it is old', '`as it is old` was not expected'],
  ] as const) {
    const source = sourceText('p.yaml', `# ${text}`);
    const { added } = suppress(
      [],
      [{ span: { file: 'p.yaml', start: 0, end: text.length + 2 }, text }],
      new Map([[source.path, source]]),
    );
    assert.equal(
      added.map((each) => [each.code, each.message]),
      [['POL5094', `this suppression cannot be read: ${reason}`]],
    );
  }
});

test('other comments are none of its business', () => {
  for (const text of ['# polc: sandbox', '# allow POL6004', '# polc: allowance', '# polc:allow-list', '#']) {
    assert.equal(outcome(`${text}\na: <POL6004>1\n`), { kept: ['POL6004'], suppressed: [], added: [] });
  }
});

test('nothing is lost and nothing throws, whatever the comments say', () => {
  const word = fc.constantFrom(
    'polc:',
    'allow',
    'POL6004',
    'POL5093',
    'POL9',
    ',',
    'until',
    '2027-01-01',
    'because',
    'x',
    '#',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      const result = outcome(`# polc: allow ${words.join(' ')}\na: <POL6004>1 # ${words.join(' ')}\n`, '2026-01-01');
      assert.is(result.kept.length + result.suppressed.length, 1);
    }),
    { numRuns: 2000 },
  );
});

run();

function finding(code: string, start: number): Diagnostic {
  const span = { file: 'p.yaml', start, end: start + 1 };
  const written = code as Code;
  return { code: written, severity: 'warning', message: 'm', span, related: [], notes: [], help: 'h', fixes: [] };
}
