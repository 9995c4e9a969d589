import * as assert from 'node:assert';
import fc from 'fast-check';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { decodedSpan, scalarMap, sourceOffset } from '../../compiler/source/scalar-map.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { ScalarNode, YamlNode } from '../../compiler/source/tree.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';
import { yamlDocument } from '../support/yaml-text.ts';

const { test, run } = suite('map from decoded text to source');

function* scalars(node: YamlNode): Generator<ScalarNode> {
  if (node.kind === 'scalar') yield node;
  else if (node.kind === 'sequence') for (const item of node.items) yield* scalars(item);
  else
    for (const { key, value } of node.entries) {
      yield key;
      yield* scalars(value);
    }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
  _: '\u00a0',
  ' ': ' ',
  '0': '\0',
  e: '\x1b',
};

/** What a piece of source stands for, written without regard to the decoder: one character, escape or line break. */
function meaning(piece: string, style: ScalarNode['style']): string {
  if (style === 'double' && piece.startsWith('\\')) {
    const digits = /^\\[xuU]([0-9a-fA-F]+)$/.exec(piece)?.[1];
    return digits === undefined
      ? (simpleEscapes[piece.slice(1)] ?? '?')
      : String.fromCodePoint(Number.parseInt(digits, 16));
  }
  if (style === 'single' && piece === "''") return "'";
  if (piece === '\n' || piece === '\r\n') return '\n';
  // A folded break with the blanks around it: exactly one line break.
  if (/^[ \t]*\r?\n[ \t]*$/.test(piece)) return ' ';
  return piece;
}

function check(text: string): number {
  const source = sourceText('policy.yaml', text);
  let checked = 0;
  for (const { root, diagnostics } of parseYamlDocuments(source)) {
    if (root === undefined || diagnostics.some(({ severity }) => severity === 'error')) continue;
    for (const scalar of scalars(root)) {
      const map = scalarMap(source, scalar);
      let previousEnd = scalar.span.start;
      let rebuilt = '';
      for (let at = 0; at < scalar.text.length; ) {
        // A pair of surrogates may come from one escape; it is looked at as a whole.
        const width = (scalar.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
        const span = map.span(at, at + width);
        assert.ok(span.start >= previousEnd, 'the map is monotone');
        assert.ok(span.end <= scalar.span.end && span.start >= scalar.span.start, 'the map stays inside the scalar');
        assert.equal(span.start, map.offset(at));
        const piece = text.slice(span.start, span.end);
        const character = scalar.text.slice(at, at + width);
        // The end of the file stands for the break that a block scalar's last line lacks.
        const meant =
          piece === '' && span.start === text.length && scalar.style !== 'plain' ? '\n' : meaning(piece, scalar.style);
        assert.equal(meant, character, `${JSON.stringify(piece)} in ${JSON.stringify(text)}`);
        rebuilt += meant;
        previousEnd = span.end;
        at += width;
        checked += 1;
      }
      assert.equal(rebuilt, scalar.text);
      assert.ok(map.offset(scalar.text.length) >= previousEnd);
      assert.ok(map.offset(scalar.text.length) <= scalar.span.end);
    }
  }
  return checked;
}

test('each character of random documents', () => {
  let checked = 0;
  const runs = assertFor(
    fc.property(yamlDocument, (text) => {
      checked += check(text);
    }),
    { leastRuns: 150, milliseconds: 1200 },
  );
  assert.ok(checked > 10 * runs, `only ${checked} characters of ${runs} documents were looked at`);
});

test('each character of random text in each style', () => {
  const unit = fc.constantFrom(
    'a',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '  ',
    'é',
    '😀',
    '\\n',
    '\\x41',
    '\\u00e9',
    '\\U0001F600',
    '\\\\',
    '\\"',
    "''",
    '#',
    '-',
  );
  const body = fc.array(unit, { maxLength: 20 }).map((parts) => parts.join(''));
  const indented = (text: string) => text.replaceAll('\n', '\n  ');
  assertFor(
    fc.property(body, fc.constantFrom('', "'", '"', '|', '>', '|+', '>-', '|2', '>+1'), (text, style) => {
      const value =
        style === '' || style === "'" || style === '"'
          ? `${style}x${indented(text)}y${style}`
          : `${style}\n  ${indented(text)}`;
      check(`key: ${value}\n`);
    }),
    { leastRuns: 150, milliseconds: 1500 },
  );
});

function onlyValue(text: string) {
  const source = sourceText('policy.yaml', text);
  const root = parseYamlDocuments(source)[0]?.root;
  assert.ok(root?.kind === 'map');
  const scalar = root.entries[0]!.value;
  assert.ok(scalar.kind === 'scalar');
  return { source, scalar };
}

test('spans of words in each style', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a: arg0 == wirte', 'wirte', 'wirte'],
    ["a: 'it''s wirte'", "'s", "''s"],
    ['a: "\\u0061rg0 == \\U0001F600wirte"', 'wirte', 'wirte'],
    ['a: "\\u0061rg0 == \\U0001F600wirte"', 'arg0', '\\u0061rg0'],
    ['a: "\\u0061rg0 == \\U0001F600wirte"', '😀', '\\U0001F600'],
    ['a: "\\uD83D\\uDE00wirte"', '😀', '\\uD83D\\uDE00'],
    ['a: "one \\\n   wirte"', 'one wirte', 'one \\\n   wirte'],
    ['a: one\n  wirte\n', 'wirte', 'wirte'],
    ['a: one\n\n\n  wirte\n', '\n\nwirte', '\n\n  wirte'],
    ['a: |\r\n    one\r\n      wirte\r\n', ' wirte', ' wirte'],
    ['a: |2\n    one\n  wirte\n', '  one', '  one'],
    ['a: >-\n  one\n  wirte\n\n  two', 'one wirte', 'one\n  wirte'],
  ];
  for (const [text, word, expected] of cases) {
    const { source, scalar } = onlyValue(text);
    const at = scalar.text.indexOf(word);
    assert.notEqual(at, -1, `${word} in ${JSON.stringify(scalar.text)}`);
    const span = decodedSpan(source, scalar, at, at + word.length);
    assert.equal(sourceOffset(source, scalar, at), span.start);
    const piece = text.slice(span.start, span.end);
    assert.equal(piece === expected ? expected : piece.trimStart(), expected);
  }
});

run();
