import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { digestOf, sha256 } from '../../runtime/sha256.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('sha256');

const expected = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

test('the digest is that of node:crypto, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000, size: 'max' }), (bytes) => {
      assert.is(digestOf(bytes), expected(bytes));
    }),
  );
});

test('every length of two blocks and more is padded as it should be', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(length).fill(0xff);
    assert.is(digestOf(bytes), expected(bytes), String(length));
  }
});

test('a part of a buffer is hashed and nothing beside it', () => {
  const whole = Buffer.from('before the message behind');
  assert.is(digestOf(whole.subarray(7, 18)), expected('the message'));
});

test('texts are hashed as UTF-8, before and after node:crypto takes over', () => {
  // Together more than is hashed without it.
  for (const length of [0, 1, 5_000, 20_000, 20_000, 100_000, 3]) {
    const text = 'Grüße, 🌍 \ud800'.repeat(length / 10 + 1).slice(0, length);
    assert.is(sha256(text), expected(text), String(length));
    assert.is(sha256(Buffer.from(text)), expected(text), String(length));
  }
});

run();
