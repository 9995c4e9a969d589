import * as assert from 'uvu/assert';
import { signatureTag } from '../../compiler/images/tag-names.ts';
import { type ImageIdentity, signImage, verifyImage } from '../../runtime/signing/image.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';

const { test, run } = suite('image-signature');

const now = Date.parse('2026-11-23T09:00:00Z');
const it = makeKey('univ-it-2026');
const trust = trusting(it);
const identity: ImageIdentity = {
  image: 'ami-0abc123def456789a',
  region: 'us-west-2',
  owner: '123456789012',
  digest: '5f'.repeat(32),
};
const tag = signImage(identity, it, now);

function verdict(value: string, of = identity, at = now, by = trust) {
  return verifyImage(new Map([[signatureTag, value]]), of, by, at).signature;
}

test('an image that was signed verifies, in a tag that AWS takes', () => {
  assert.is(verdict(tag), 'valid');
  const longest = makeKey('k'.repeat(128));
  assert.ok(signImage(identity, longest, now).length <= 256);
  assert.is(verifyImage(new Map(), identity, trust, now).signature, 'absent');
});

test('another image, region, owner or metadata has none: every change of one character is refused', () => {
  for (const name of ['image', 'region', 'owner', 'digest'] as const) {
    const value = identity[name];
    for (let at = 0; at <= value.length; at += 1) {
      for (const put of ['', '0', 'a', '-', '"']) {
        const changed = value.slice(0, at) + put + value.slice(at + 1);
        if (changed !== value)
          assert.is(verdict(tag, { ...identity, [name]: changed }), 'invalid', `${name} ${changed}`);
      }
    }
  }
});

test('every change of one character of the tag is refused', () => {
  for (let at = 0; at <= tag.length; at += 1) {
    for (const put of ['', ...'01ABgwQ-_+/=:. \nTZ']) {
      for (const changed of [tag.slice(0, at) + put + tag.slice(at + 1), tag.slice(0, at) + put + tag.slice(at)]) {
        if (changed !== tag) assert.is(verdict(changed), 'invalid', changed);
      }
    }
  }
});

test('a key that is of another authority now, or only for templates, does not count', () => {
  assert.is(verdict(tag, identity, now, trusting({ ...it, authority: 'Somebody' })), 'invalid');
  assert.is(verdict(tag, identity, now, trusting(it, '      purposes: [template]\n')), 'invalid');
  assert.is(verdict(tag, identity, now, trusting(it, '      purposes: [image]\n')), 'valid');
});

run();
