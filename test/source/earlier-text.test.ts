import * as assert from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseYamlStream } from '../../compiler/source/parse-yaml.ts';
import type { ReadText, SimpleDocument } from '../../compiler/source/read-text.ts';
import { readSimpleDocument } from '../../compiler/source/simple-document.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { YamlNode } from '../../compiler/source/tree.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';
import { longPolicies } from '../support/long-policies.ts';
import { simpleDocument, yamlDocument } from '../support/yaml-text.ts';

const { test, run } = suite('a version of a text after the one before');

/** What breaks a policy, mends it, or makes it another one. */
const pieces = [
  ...[
    '\n',
    '  ',
    ' ',
    ':',
    ': ',
    '-',
    '- ',
    '"',
    "'",
    '#',
    ' #',
    '{',
    '}',
    '[',
    ']',
    ',',
    '0',
    'x',
    'é',
    '🔒',
    '|',
    '>-',
  ],
  ...[
    '\t',
    '\r\n',
    '---\n',
    '...\n',
    '&a ',
    '*a',
    '!t ',
    '? ',
    '%',
    '\n\n',
    '\n  ',
    '\n    ',
    '\n- ',
    '\n  - ',
    'on',
    '012',
  ],
  ...['\n  a: b', '\n    a: 1\n', '\n# c\n', '|\n    text\n', '"a\\n"', 'mode: x\n', '"a\n   b"', '[a,\n   b]'],
];

interface Edit {
  readonly at: number;
  readonly length: number;
  readonly text: string;
  /** Where a piece of the text itself is taken from that is put in its place; -1: `text` is. */
  readonly from: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  length: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(80)),
  text: fc.oneof(fc.constant(''), fc.constantFrom(...pieces)),
  from: fc.oneof({ weight: 4, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat() }),
});

/** Some edits cut at lines, as people do who move them. */
function edited(text: string, { at, length, text: insert, from }: Edit): string {
  let start = at % (text.length + 1);
  if (at % 3 === 0) start = text.lastIndexOf('\n', start) + 1;
  const taken = from === -1 ? insert : text.slice(from % (text.length + 1)).slice(0, 60);
  return text.slice(0, start) + taken + text.slice(start + length);
}

/** The policies of the examples and of the fixtures. */
const policies = ['examples', 'test/fixtures'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => readFileSync(join(folder, path), 'utf8')),
);

const texts = fc.oneof(
  fc.constantFrom(...policies),
  simpleDocument,
  yamlDocument,
  fc.constantFrom(longPolicies.tenancy(40), longPolicies.sandbox(40), longPolicies.guardrail(40)),
);

for (const mayBeMistaken of [false, true]) {
  test(`is read as if there had been none${mayBeMistaken ? ', mistakes and all' : ''}`, () => {
    let taken = 0;
    assertFor(
      fc.property(texts, fc.array(edit, { minLength: 1, maxLength: 8 }), (first, edits) => {
        let text = first;
        let before: SimpleDocument | undefined = readSimpleDocument(
          sourceText('a.yaml', text),
          undefined,
          mayBeMistaken,
        );
        for (const each of edits) {
          const read = before === undefined ? undefined : { text, document: before };
          text = edited(text, each);
          const source = sourceText('a.yaml', text);
          const after = readSimpleDocument(source, read, mayBeMistaken);
          const afresh = readSimpleDocument(source, undefined, mayBeMistaken);
          assert.deepEqual(after, afresh, JSON.stringify({ before: read?.text, text }));
          if (before !== undefined && after !== undefined && sharesNodes(before.root, after.root)) taken += 1;
          before = after;
        }
      }),
      { leastRuns: 300, milliseconds: 4000 },
    );
    assert.ok(taken > 100, `of ${taken} versions something was taken over`);
  });
}

test('a line that is half written disturbs nothing else of a long text', () => {
  const text = longPolicies.tenancy(4000);
  const lines = text.split('\n').length;
  let before: ReadText | undefined;
  for (const half of [
    '',
    '\n    ',
    '\n    o',
    '\n    overrides: [',
    '\n    overrides: "',
    '\n    a: b: c',
    '\n      b',
    '',
  ]) {
    const at = text.indexOf('standard\n', text.length / 2) + 'standard'.length;
    const now = text.slice(0, at) + half + text.slice(at);
    const { documents, read } = parseYamlStream(sourceText('a.yaml', now), before);
    const [document, ...others] = documents;
    assert.equal(others.length, 0);
    assert.ok((document?.diagnostics.length ?? 9) <= 1, half);
    for (const { span } of document!.diagnostics) {
      assert.ok(span.start >= at - 20 && span.end <= at + half.length + 2, `${half}: ${span.start}`);
    }
    const teams = document?.root?.kind === 'map' ? document.root.entries.at(-1)?.value : undefined;
    assert.equal(teams?.kind === 'map' ? teams.entries.length : 0, (lines - 18) / 2, half);
    assert.notEqual(read, undefined, half);
    before = read;
  }
});

run();

function sharesNodes(before: YamlNode, after: YamlNode): boolean {
  const known = new Set<YamlNode>();
  const collect = (node: YamlNode): void => {
    known.add(node);
    for (const each of childrenOf(node)) collect(each);
  };
  collect(before);
  const shares = (node: YamlNode): boolean => known.has(node) || childrenOf(node).some(shares);
  return shares(after);
}

function childrenOf(node: YamlNode): readonly YamlNode[] {
  if (node.kind === 'scalar') return [];
  return node.kind === 'map' ? node.entries.map(({ value }) => value) : node.items;
}
