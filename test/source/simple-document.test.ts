import * as assert from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { composeStream } from '../../compiler/source/compose-stream.ts';
import { readSimpleDocument } from '../../compiler/source/simple-document.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { checkCharacters } from '../../compiler/source/text-checks.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';
import { damagedDocument, simpleDocument, yamlDocument, yamlScraps } from '../support/yaml-text.ts';

const { test, run } = suite('simple documents against the yaml package');

/** Whether the text is simple; where it is, the tree, its spans and the comments are those of the other reader. */
function agrees(text: string): boolean {
  const source = sourceText('policy.yaml', text);
  if (checkCharacters(source) !== undefined) return false;
  // Of long texts with a mistake more is read than the other reader tells: earlier-text.test.ts.
  const simple = readSimpleDocument(source, undefined, false);
  if (simple === undefined) return false;
  const documents = composeStream(source);
  assert.equal(documents.length, 1, JSON.stringify(text));
  const { root, comments, diagnostics } = documents[0]!;
  const told = ({ code, message, span }: Diagnostic) => `${code} ${message} ${span.start}-${span.end}`;
  assert.deepEqual(simple.diagnostics.map(told), diagnostics.map(told), JSON.stringify(text));
  assert.deepEqual({ root: simple.root, comments: simple.comments }, { root, comments }, JSON.stringify(text));
  assert.deepEqual(simple.mistaken, []);
  return true;
}

const check = (text: string): void => void agrees(text);

/** The policies of the examples and of the fixtures. */
const policies = ['examples', 'test/fixtures'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => readFileSync(join(folder, path), 'utf8')),
);

test('most policies are simple, and are read alike', () => {
  const simple = policies.filter(agrees);
  assert.ok(simple.length * 4 > policies.length * 3, `${simple.length} of ${policies.length} are simple`);
});

test('simple documents are read alike', () => {
  let simple = 0;
  let all = 0;
  assertFor(
    fc.property(simpleDocument, (text) => {
      all += 1;
      if (agrees(text)) simple += 1;
    }),
    { leastRuns: 300, milliseconds: 1500 },
  );
  assert.ok(simple * 5 > all, `${simple} of ${all} are simple`);
});

test('a byte order mark is no part of the first key', () => {
  for (const text of ['mode: a\n', '"mode": a\n', '- a\n', '# c\nmode: a\n', ': a\n', '12: a\n'])
    agrees(`\ufeff${text}`);
});

test('a comment has a line of its own in braces', () => {
  assert.ok(agrees('- {x: y\n# c\n  }\n'));
  assert.ok(agrees('a: {x: "y" # z\n# c\n# d\n , v: w\n# e\n }\n'));
});

test('policies with a mistake are read alike', () => {
  const insertion = fc.oneof(yamlScraps, fc.constantFrom('...', '---', '\n  ', '\n', '- ', ': ', '\ufeff'));
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(4), insertion), { minLength: 1, maxLength: 2 });
  assertFor(
    fc.property(fc.constantFrom(...policies), damages, (policy, each) => {
      let text = policy;
      for (const [position, length, insert] of each) {
        const at = position % (text.length + 1);
        text = text.slice(0, at) + insert.slice(0, 3) + text.slice(at + length);
      }
      agrees(text);
    }),
    { leastRuns: 300, milliseconds: 2000 },
  );
});

test('what need not be simple is read alike', () => {
  for (const each of [yamlDocument, damagedDocument, yamlScraps]) {
    assertFor(fc.property(each, check), { leastRuns: 200, milliseconds: 700 });
  }
});

test('blocks of few characters are read alike', () => {
  const alphabet = ['a', ' ', '\n', '#', ':', '-'];
  let simple = 0;
  for (const [begin, most] of [
    ['a: |', 5],
    ['a:\n  - >-\n   a\n', 4],
    ['- b: |- # c\n  ', 4],
    ['a: >\n b', 5],
  ] as const) {
    let texts: readonly string[] = [begin];
    for (let length = 1; length <= most; length += 1) {
      texts = texts.flatMap((text) => alphabet.map((character) => text + character));
      simple += texts.filter(agrees).length;
    }
  }
  assert.ok(simple > 3000, `${simple} are simple`);
});

test('every text of few characters is read alike', () => {
  const alphabet = ['a', ':', ' ', '\n', '-', '[', ']', ',', '#', '"', '...'];
  let texts = [''];
  for (let length = 1; length <= 5; length += 1) {
    texts = texts.flatMap((text) => alphabet.map((character) => text + character));
    for (const text of texts) agrees(text);
  }
});

run();
