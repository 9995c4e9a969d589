import * as assert from 'node:assert';
import fc from 'fast-check';
import { decodeUtf8 } from '../../compiler/source/decode.ts';
import { parseYaml, parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { scalarMap } from '../../compiler/source/scalar-map.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { assertFor } from '../support/bounded-property.ts';
import { ends, inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('hostile input');

function codes(text: string): readonly string[] {
  return parseYaml(sourceText('policy.yaml', text)).diagnostics.map(({ code }) => code);
}

const deep = 10_000;

for (const [name, text] of [
  ['flow sequences', `a: ${'['.repeat(deep)}${']'.repeat(deep)}`],
  ['flow mappings', `a: ${'{a: '.repeat(deep)}${'}'.repeat(deep)}`],
  ['unclosed brackets', `a: ${'['.repeat(deep)}`],
  ['block mappings', Array.from({ length: 1000 }, (_, level) => `${' '.repeat(level)}a:\n`).join('')],
  ['block sequences in one line', '- '.repeat(deep)],
  ['block sequences', Array.from({ length: 1000 }, (_, level) => `${' '.repeat(level)}-\n`).join('')],
] as const) {
  test(`${name} nested too deep`, () => {
    assert.deepEqual(
      ends(() => codes(text)),
      ['POL1040'],
    );
  });
}

const rows: Readonly<Record<string, (length: number) => string>> = {
  'explicit keys': (length) => '? '.repeat(length),
  colons: (length) => ': '.repeat(length),
  anchors: (length) => '&a '.repeat(length),
  tags: (length) => '!t '.repeat(length),
  quotes: (length) => `a: ${'"a" '.repeat(length)}`,
  commas: (length) => `a: [${','.repeat(length)}]`,
  'closing brackets': (length) => `a: ${']'.repeat(length)}`,
};

for (const [name, row] of Object.entries(rows)) {
  test(`a row of ${name} gives one diagnostic, in time that is in proportion`, () => {
    inProportion((length) => () => assert.equal(codes(row(length)).length, 1), deep / times);
  });
}

test('an alias bomb is refused', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level += 1) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  assert.deepEqual(
    ends(() => codes(lines.join('\n'))),
    ['POL1037'],
  );
});

test('aliases cannot nest deeper than the limit', () => {
  const lines = ['a0: &a0 [x]'];
  for (let level = 1; level < 300; level += 1) lines.push(`a${level}: &a${level} [*a${level - 1}]`);
  assert.ok(codes(lines.join('\n')).every((code) => code === 'POL1040' || code === 'POL1035'));
  assert.ok(codes(lines.join('\n')).includes('POL1040'));
});

test('an alias inside its own anchor is refused', () => {
  assert.deepEqual(codes('a: &a [1, *a]'), ['POL1036']);
});

test('a text beyond the limit is refused', () => {
  assert.deepEqual(codes(`a: ${'x'.repeat(10 * 1024 * 1024)}`), ['POL1002']);
  const bytes = new Uint8Array(10 * 1024 * 1024).fill(0x61);
  assert.equal(decodeUtf8('policy.yaml', bytes).diagnostic?.code, 'POL1002');
});

test('long scalars and many keys are read in linear time', () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  for (const text of [`a: ${long}`, `a: "${long}"`, `a: |\n  ${long}\n`, `a: ${'9'.repeat(1024 * 1024)}`]) {
    assert.deepEqual(
      ends(() => codes(text)),
      [],
    );
  }
  const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join('');
  inProportion((count) => {
    const keys = keysOf(count);
    return () => {
      assert.deepEqual(codes(keys), []);
      assert.deepEqual(codes(`${keys}k0: 2\n`), ['POL1030']);
      assert.deepEqual(codes(`a: {${keys.replaceAll('\n', ', ')}}\n`), []);
    };
  }, 40_000 / times);
});

test('many hints never hide an error', () => {
  const hints = Array.from({ length: 300 }, (_, index) => `k${index}: yes\n`).join('');
  assert.ok(codes(`${hints}k0: 2\n`).includes('POL1030'));
});

test('bytes: random ones, and policies with random damage, never throw', () => {
  const seed = new TextEncoder().encode('profile: web\nsecurity:\n  allow: [a, "b"]\n  note: |\n    x\n# é😀\n');
  const random = fc.uint8Array({ maxLength: 400 });
  const damaged = fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const bytes = seed.slice();
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  assertFor(
    fc.property(fc.oneof(random, damaged), (bytes) => {
      const { source, diagnostic } = decodeUtf8('policy.yaml', bytes);
      const strict = (() => {
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(bytes);
          return true;
        } catch {
          return false;
        }
      })();
      // The platform's decoder is the oracle of what is UTF-8.
      assert.equal(diagnostic?.code === 'POL1001', !strict);
      for (const { root, diagnostics } of parseYamlDocuments(source)) {
        for (const { span } of diagnostics) {
          assert.ok(span.start >= 0 && span.start <= span.end && span.end <= source.text.length);
        }
        if (root?.kind === 'scalar') scalarMap(source, root).span(0, root.text.length);
      }
    }),
    { leastRuns: 300, milliseconds: 1500 },
  );
});

run();
