import * as assert from 'node:assert';
import fc from 'fast-check';
import { NotStrictJson, parseStrictJson } from '../../compiler/verify/strict-json.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('strict JSON');

const key = fc.oneof(fc.string(), fc.constantFrom('a', '\\', '"', '\\"', '{', ',', 'é', '\\\\'));

test('what is not refused is read as JSON.parse reads it', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ maxDepth: 0 }), key, fc.array(tie('any')), tie('object')),
    object: fc.dictionary(key, tie('any'), { noNullPrototype: true }),
  })).any;
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (each, indentation) => {
      const text = JSON.stringify(each, undefined, indentation);
      assert.deepEqual(parseStrictJson(text), JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('a key that an object has twice is refused, however it is written', () => {
  const escaped = (text: string) =>
    [...text].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const ascii = fc.string({ minLength: 1, unit: 'binary-ascii' });
  fc.assert(
    fc.property(ascii, key, fc.boolean(), (twice, other, isEscaped) => {
      const first = isEscaped ? `"${escaped(twice)}"` : JSON.stringify(twice);
      const between = `${JSON.stringify(`${twice}${other}x`)}: {${JSON.stringify(twice)}: [${JSON.stringify(other)}]}`;
      const text = `[{${first} : 1, ${between}, ${JSON.stringify(twice)}: "\\\\"}]`;
      assert.throws(() => parseStrictJson(text), NotStrictJson, text);
    }),
    { numRuns: 500 },
  );
});

run();
