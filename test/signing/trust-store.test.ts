import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { withTrustedKey } from '../../runtime/signing/add-trusted-key.ts';
import { readTrustStore } from '../../runtime/signing/trust-store.ts';
import { suite } from '../support/harness.ts';
import { makeKey } from '../support/keys.ts';

const { test, run } = suite('trust-store');

const { publicKey } = makeKey('one');

function codes(text: string): readonly string[] {
  const { trust, diagnostics } = readTrustStore('trust.yaml', text);
  if (diagnostics.length > 0) assert.is(trust.size, 0, 'a store with an error has no key');
  return diagnostics.map(({ code }) => code);
}

function store(entry: string, id = 'one'): string {
  return `authorities:\n  University IT:\n    ${id}: ${entry}\n`;
}

test('a trust store that is wrong says so, and trusts nobody', () => {
  const key = JSON.stringify(publicKey);
  assert.equal(codes(store(`{ public_key: ${key} }`)), []);
  assert.equal(codes(store('{ public_key: "abc" }')), ['POL2006']);
  // The last two bits of 43 characters belong to no byte.
  const bent = `${publicKey.slice(0, 42)}${publicKey[42] === 'B' ? 'C' : 'B'}=`;
  assert.equal(codes(store(`{ public_key: ${JSON.stringify(bent)} }`)), ['POL8356']);
  assert.equal(codes(store(`{ public_key: ${key}, valid_until: "2026-02-30" }`)), ['POL8357']);
  assert.equal(codes(store(`{ public_key: ${key}, purposes: [templates] }`)), ['POL3001']);
  assert.equal(codes(store(`{ public_key: ${key}, revoked: {} }`)), ['POL2002']);
  assert.equal(codes(`${store(`{ public_key: ${key} }`)}  Other:\n    one: { public_key: ${key} }\n`), ['POL8350']);
});

test('a key is added, and every other key, comment and line stays', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}$/);
  const authority = fc.constantFrom('University IT', 'a: b', '- x', 'yes', '2026', "it's", '"q"', '#', 'Über');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ id: name, authority }), { selector: ({ id }) => id, maxLength: 6 }),
      (keys) => {
        let text = '';
        for (const { id, authority: of } of keys) {
          const added = withTrustedKey(text, { id, authority: of, publicKey, validUntil: '2027-01-31' });
          if (added === undefined) throw new Error(text);
          const lines = added.split('\n');
          for (const line of text.split('\n')) assert.ok(lines.includes(line), line);
          text = added.replace('\n', '\n# a comment\n');
        }
        if (keys.length === 0) return true;
        const { trust, diagnostics } = readTrustStore('trust.yaml', text);
        assert.equal(diagnostics, []);
        const found = [...trust.values()].map((key) => `${key.id} ${key.authority}`).sort();
        assert.equal(found, keys.map((key) => `${key.id} ${key.authority}`).sort());
        return true;
      },
    ),
    { numRuns: 100, includeErrorInReport: true },
  );
  assert.is(withTrustedKey('authorities: {}\n', { id: 'a', authority: 'b', publicKey }), undefined);
});

run();
