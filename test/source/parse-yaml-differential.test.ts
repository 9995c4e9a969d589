import * as assert from 'node:assert';
import fc from 'fast-check';
import { isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';
import { plainValue } from '../support/plain-value.ts';
import { damagedDocument, yamlDocument, yamlScraps } from '../support/yaml-text.ts';

const { test, run } = suite('yaml tree against the yaml package');

/** Findings of ours about documents that YAML itself accepts. */
const stricter = new Set([
  'POL1003',
  'POL1005',
  'POL1030',
  'POL1031',
  'POL1032',
  'POL1033',
  'POL1034',
  'POL1035',
  'POL1038',
  'POL1036',
  'POL1042',
]);

/** The value that the package's own composer and schema give. */
function peerValue(text: string): { readonly values: readonly unknown[]; readonly sound: boolean } {
  const documents = parseAllDocuments(text, { uniqueKeys: false, intAsBigInt: true });
  if ('empty' in documents) return { values: [], sound: documents.errors.length === 0 };
  const sound = documents.every(({ errors }) => errors.length === 0);
  if (!sound) return { values: [], sound };
  return {
    sound,
    values: documents.map((document) => {
      const convert = (node: unknown): unknown => {
        if (isAlias(node)) return convert(node.resolve(document));
        if (isScalar(node))
          return typeof node.value === 'bigint' && Number.isSafeInteger(Number(node.value))
            ? Number(node.value)
            : node.value;
        if (isSeq(node)) return node.items.map((item) => (isPair(item) ? convertPairs([item]) : convert(item)));
        if (isMap(node)) return convertPairs(node.items);
        return null;
      };
      const convertPairs = (pairs: readonly { key: unknown; value: unknown }[]) => ({
        map: pairs.map(({ key, value }) => [isScalar(key) ? String(key.source ?? key.value) : '', convert(value)]),
      });
      return convert(document.contents);
    }),
  };
}

function agrees(text: string): void {
  const peer = peerValue(text);
  const documents = parseYamlDocuments(sourceText('policy.yaml', text));
  const errors = documents.flatMap(({ diagnostics }) => diagnostics).filter(({ severity }) => severity === 'error');
  if (errors.some(({ code }) => stricter.has(code))) return;
  // The package takes `---` behind the header of a block scalar for the start of a document.
  if (errors.some(({ code }) => code === 'POL1024') && /[|>][-+1-9]*[ \t]+(?:---|\.\.\.)/.test(text)) return;
  // The package ends a double-quoted scalar at an escaped quote before a line that is indented less, or at the end.
  if (errors.length > 0 && /\\"[ \t]*(?:\n|$)/.test(text)) return;
  // The package wants a space before a comment on a line of its own, where a value in braces stands above.
  if (errors.length === 0 && !peer.sound && /\{[\s\S]*\n#/.test(text)) return;
  const own = errors.map(({ code, message, span }) => `${code} ${message} at ${span.start}`);
  assert.equal(errors.length === 0, peer.sound, `${JSON.stringify(text)}: ${own.join(', ') || 'no error'}`);
  if (!peer.sound) return;
  const roots = documents.map(({ root }) => plainValue(root));
  assert.deepEqual(roots.length === 1 && peer.values.length === 0 ? [] : roots, peer.values);
}

test('sound documents have the same values', () => {
  assertFor(
    fc.property(yamlDocument, (text) => {
      assert.ok(peerValue(text).sound, 'the generator writes sound documents');
      agrees(text);
    }),
    { leastRuns: 200, milliseconds: 1200 },
  );
});

test('damaged documents are refused or read alike', () => {
  assertFor(fc.property(damagedDocument, agrees), { leastRuns: 200, milliseconds: 1500 });
});

test('scraps of YAML are refused or read alike', () => {
  assertFor(fc.property(yamlScraps, agrees), { leastRuns: 200, milliseconds: 1200 });
});

run();
