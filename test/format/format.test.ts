import * as assert from 'node:assert';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { formatPolicy } from '../../compiler/format/format.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { assertFor } from '../support/bounded-property.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { plainValue } from '../support/plain-value.ts';
import { damagedDocument, yamlDocument } from '../support/yaml-text.ts';

const { test, run } = suite('format');

function format(text: string): string {
  const { text: formatted, diagnostics } = formatPolicy(sourceText('policy.yaml', text));
  assert.deepEqual(diagnostics, []);
  return formatted;
}

function isSound(text: string): boolean {
  return parseYamlDocuments(sourceText('policy.yaml', text)).every(({ diagnostics }) =>
    diagnostics.every(({ severity }) => severity !== 'error'),
  );
}

function values(text: string): unknown {
  return parseYamlDocuments(sourceText('policy.yaml', text)).map(({ root }) => plainValue(root));
}

/** The values as the yaml package reads them, which is no code of ours. */
function peerValues(text: string): string {
  return JSON.stringify([...parseAllDocuments(text, { uniqueKeys: false })].map((document) => document.toJS() ?? null));
}

function holds(text: string): void {
  const once = format(text);
  assert.deepEqual(values(once), values(text), JSON.stringify([text, once]));
  assert.equal(peerValues(once), peerValues(text));
  assert.equal(format(once), once, `byte-stable: ${JSON.stringify(text)}`);
  const notes = (of: string) =>
    parseYamlDocuments(sourceText('policy.yaml', of)).flatMap(({ comments }) =>
      comments.map((comment) => comment.text),
    );
  assert.deepEqual(notes(once), notes(text));
}

test('random documents keep their meaning and comments, and are stable', () => {
  let changed = 0;
  const runs = assertFor(
    fc.property(yamlDocument, (text) => {
      if (!isSound(text)) return;
      holds(text);
      if (format(text) !== text) changed += 1;
    }),
    { leastRuns: 150, milliseconds: 1500 },
  );
  assert.ok(changed > 0.4 * runs, `only ${changed} of ${runs} documents were laid out anew`);
});

test('damaged documents that are still sound keep their meaning', () => {
  assertFor(
    fc.property(damagedDocument, (text) => {
      if (isSound(text)) holds(text);
    }),
    { leastRuns: 150, milliseconds: 1500 },
  );
});

test('every sound document is laid out: indents are even, no blank ends a line', () => {
  assertFor(
    fc.property(yamlDocument, (text) => {
      if (!isSound(text) || /[|>]/.test(text)) return;
      const lines = format(text).split('\n');
      assert.equal(lines.pop(), '');
      for (const line of lines) {
        assert.equal(line.search(/[^ ]|$/) % 2, 0, JSON.stringify(text));
        assert.ok(!/[ \t\r]$/.test(line) || /\\[ \t]$/.test(line), JSON.stringify(line));
      }
    }),
    { leastRuns: 150, milliseconds: 1000 },
  );
});

for (const [what, text, formatted] of [
  ['the header of a block scalar ends the file', 'mode: "a"  # b\nk1:  >- # c ', 'mode: "a"  # b\nk1: >- # c\n'],
  ['a backslash is in front of a comment', 'k:  rea\\ # b\n', 'k: rea\\ # b\n'],
  [
    'a comment is indented less than the item it is in',
    'k:\n\n    -\n  # a\n      - "b" # c\n',
    'k:\n\n  -\n    # a\n    - "b" # c\n',
  ],
  [
    'a comment behind the text of a block scalar is further in than its dash',
    'k:\n - |\n   text\n  # a\n',
    'k:\n  - |\n    text\n  # a\n',
  ],
] as const) {
  test(`meaning and comments stay where ${what}`, () => {
    assert.ok(isSound(text));
    holds(text);
    assert.equal(format(text), formatted);
  });
}

for (const fixture of fixtureCases('format')) {
  test(fixture.name, () => {
    const formatted = format(fixture.input('input.yaml') ?? '');
    fixture.expectReviewed('formatted.yaml', formatted);
    holds(formatted);
  });
}

test('a layout is normalised', () => {
  assert.equal(
    format(
      '# head\r\n\r\n\r\nprofile:   web  # name\r\nsecurity:\r\n    capabilities : [ A,B ,C ]\r\n    # on seccomp\r\n    seccomp:\r\n        allow:\r\n        -   read\r\n        # ends the list\r\n        - {a: 1,b: {}}\r\n\r\n\r\n    note: |\r\n          two\r\n            three  \r\n\r\n\r\nmode: "a\r\n    b"   \r\n\r\n',
    ),
    '# head\n\nprofile: web  # name\nsecurity:\n  capabilities: [A, B, C]\n  # on seccomp\n  seccomp:\n    allow:\n      - read\n      # ends the list\n      - { a: 1, b: {} }\n\n  note: |\n    two\n      three  \n\nmode: "a\n  b"\n',
  );
});

test('a broken document is left as it is, with its syntax errors', () => {
  const { text, diagnostics } = formatPolicy(sourceText('policy.yaml', 'a:   [b\nc: d\n'));
  assert.equal(text, 'a:   [b\nc: d\n');
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['POL1015'],
  );
});

run();
