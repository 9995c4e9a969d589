import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { sha256 } from '../../lsp/browser/sha256.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('lsp-sha256');

function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

test('the digest of a worker is that of Node, of any bytes and any text', () => {
  // Where a block ends, and where the length has no place in the last one any more.
  for (let length = 0; length <= 200; length += 1) {
    const bytes = new Uint8Array(length).fill(length);
    assert.is(sha256(bytes), digest(bytes), `${length} bytes`);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => sha256(bytes) === digest(bytes)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => sha256(text) === digest(text)));
});

run();
