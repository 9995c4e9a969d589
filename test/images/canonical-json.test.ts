import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { canonicalJson, type Json } from '../../compiler/images/canonical-json.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('canonical-json');

/** Doubles by their bits, and their texts: facts of RFC 8785, appendix B. */
const numbers: readonly (readonly [bits: string, text: string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555554', '333333333.33333325'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

test('numbers are written as the appendix has them', () => {
  for (const [bits, text] of numbers) {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(`0x${bits}`));
    assert.is(canonicalJson(view.getFloat64(0)), text);
  }
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY]) assert.is(canonicalJson({ a: [none] }), undefined);
});

test('keys are in the order of their code units, not of their characters', () => {
  const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const written = canonicalJson(Object.fromEntries(keys.map((key, index) => [key, index])));
  assert.is(written, '{"\\r":1,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":0,"\ud83d\ude00":4,"\ufb33":2}');
});

test('strings escape what RFC 8785 escapes, and nothing else', () => {
  assert.is(canonicalJson('\u20ac$\u000f\nA\'B"\\"/\u2028'), '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/\u2028"');
});

test('half of a surrogate pair has no text', () => {
  assert.is(canonicalJson({ a: 'x\ud83d' }), undefined);
  assert.is(canonicalJson({ '\ude00': 1 }), undefined);
});

const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' }).map((value) => value as Json);

test('a text means the value, whatever the order of its keys, and is its own text', () => {
  fc.assert(
    fc.property(json, (value) => {
      const written = canonicalJson(value);
      const read: Json = JSON.parse(written!);
      // -0 is written 0, which JSON.stringify does too.
      assert.equal(read, JSON.parse(JSON.stringify(value)));
      assert.is(canonicalJson(read), written);
      assert.is(canonicalJson(reversed(value)), written);
    }),
  );
});

function reversed(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, each === undefined ? null : reversed(each)]),
  );
}

run();
