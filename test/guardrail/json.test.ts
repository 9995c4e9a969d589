import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type JsonNode, readJson } from '../../runtime/guardrail/events/json.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('placed JSON');

const placed = (text: string) => ({ text, file: 'f', locate: (offset: number) => offset });

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries([...node.fields].map(([key, value]) => [key, plain(value)]));
    case 'list':
      return node.items.map(plain);
    case 'text':
      return node.text;
    default:
      return node.value;
  }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

test('it reads what JSON.parse reads, and the span of every value is its own JSON', () => {
  const check = (text: string, node: JsonNode): void => {
    assert.equal(JSON.parse(text.slice(node.span.start, node.span.end)), plain(node));
    if (node.kind === 'list') for (const item of node.items) check(text, item);
    if (node.kind === 'object') for (const value of node.fields.values()) check(text, value);
  };
  const value = fc.jsonValue({ maxDepth: 4 }).filter((each) => !JSON.stringify(each).includes('__proto__'));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t'), (each, indent) => {
      const text = JSON.stringify(each, undefined, indent);
      const { values, problem } = readJson(placed(text));
      assert.is(problem, undefined);
      assert.equal(values.map(plain), [JSON.parse(text)]);
      check(text, values[0]!);
    }),
    { numRuns: 500 },
  );
});

test('it refuses what JSON.parse refuses', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    '"',
    ':',
    ',',
    '1',
    '-',
    '.',
    '0',
    'e',
    'true',
    'nul',
    '\\',
    '\\u12',
    ' ',
    '\n',
    "'",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (chosen) => {
      const text = chosen.join('');
      const { values, problem } = readJson(placed(text));
      const expected = parsed(text);
      if (problem === undefined && values.length === 1) assert.equal(plain(values[0]!), expected?.value, text);
      // Several values in a row are lines of JSON, and a key that is repeated is refused here.
      if (expected !== undefined && !/already/.test(problem?.why ?? '')) assert.is(values.length, 1, text);
      if (problem === undefined && values.length === 0) assert.is(text.trim(), '');
    }),
    { numRuns: 5000 },
  );
});

test('a text inside a text inside a text keeps the place of each character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(3), (inner, levels) => {
      let text = JSON.stringify(inner);
      for (let level = 0; level < levels; level += 1) text = JSON.stringify(text);
      let node = readJson(placed(text)).values[0];
      for (let level = 0; level < levels; level += 1) {
        assert.ok(node?.kind === 'text');
        node = readJson(node).values[0];
      }
      assert.ok(node?.kind === 'text');
      assert.is(node.text, inner);
      // Decoding the source between two places as often as it was encoded gives the characters between them.
      for (let at = 0; at < inner.length; at += 1) {
        let piece = text.slice(node.locate(at), node.locate(at + 1));
        for (let level = 0; level <= levels; level += 1) piece = JSON.parse(`"${piece}"`);
        assert.is(piece, inner[at]);
      }
    }),
    { numRuns: 300 },
  );
});

run();
