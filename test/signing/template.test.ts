import { createHash, createPublicKey, verify as verifyByNode } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  readSignedTemplate,
  type SignedTemplate,
  signTemplate,
  verifyTemplate,
} from '../../runtime/signing/template.ts';
import type { TrustStore } from '../../runtime/signing/trust-store.ts';
import { withSignature } from '../../runtime/signing/write-signature.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';
import { filesHost } from '../support/templates.ts';

const { test, run } = suite('template-signature');

const now = Date.parse('2026-11-23T09:00:00Z');
const it = makeKey('univ-it-2026');
const other = makeKey('univ-it-2026');
const trust = trusting(it);

const body = `# Institutional machine
name: "Institutional Python"   # for people
slug: institutional-python
version: "2.10"
base: ubuntu-22.04
packages:
  system: [python3, "git"]
parameters:
  ratio: { type: string, default: 1.10 }
post_install: |
  echo done
  echo "again"
instance_defaults:
  type: t3.medium
  ports: [22, 8888]
policy_metadata:
  security_classification: internal
  compliance_frameworks: [FERPA]
  resource_limits:
    max_hourly_cost: 0.20
`;

function host(files: Readonly<Record<string, string>>) {
  return {
    ...filesHost(new Map(Object.entries(files))),
    sha256: (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex'),
  };
}

function read(text: string, more: Readonly<Record<string, string>> = {}) {
  return readSignedTemplate('python.yaml', text, host({ ...more, 'python.yaml': text }), '');
}

function readWhole(text: string, more: Readonly<Record<string, string>> = {}): SignedTemplate {
  const { template, diagnostics } = read(text, more);
  if (template === undefined) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return template;
}

function signed(text: string, by = it, more: Readonly<Record<string, string>> = {}, at = now): string {
  const template = readWhole(text, more);
  const block = signTemplate(template, by, at);
  const written = block === undefined ? undefined : withSignature(template.source, block);
  if (written === undefined) throw new Error('it cannot be signed');
  return written;
}

function verdictOf(text: string, by: TrustStore = trust, at = now, more: Readonly<Record<string, string>> = {}) {
  const { template } = read(text, more);
  return template === undefined ? undefined : verifyTemplate(template, by, at);
}

function why(text: string, by: TrustStore = trust, at = now) {
  const verdict = verdictOf(text, by, at);
  return verdict?.signature === 'invalid' ? verdict.why : verdict?.signature;
}

test('a template that was signed verifies, and all but the signature is as it was', () => {
  const text = signed(body);
  assert.ok(text.startsWith(body));
  assert.equal(verdictOf(text), {
    signature: 'valid',
    authority: 'University IT',
    keyId: 'univ-it-2026',
    signedAt: now,
  });
  assert.is(verdictOf(body)?.signature, 'absent');
  assert.is(why(signed(body, other)), 'altered');
});

test('what is signed can be verified without us: a line, and canonical JSON without the signature', () => {
  const text = signed('name: Ünïcode "x"\nbase: ubuntu-22.04\ninstance_defaults: { ports: [8888, 22] }\n');
  const { signature } = readWhole(text);
  const bytes = Buffer.from(
    `polc template 1\n{"base":"ubuntu-22.04","instance_defaults":{"ports":[8888,22]},"name":"Ünïcode \\"x\\"","signature":{"authority":"University IT","public_key_id":"univ-it-2026","signed_at":"2026-11-23T09:00:00Z"}}`,
  );
  assert.ok(verifyByNode(null, bytes, createPublicKey(it.key), Buffer.from(signature?.signature ?? '', 'base64')));
});

test('every change of one character is refused, or means the same', () => {
  const text = signed(body);
  const before = readWhole(text);
  const characters = [...' #:"\'-0aZ\n{[~|\\'];
  let refused = 0;
  let same = 0;
  for (let at = 0; at < text.length; at += 3) {
    for (const put of ['', characters[at % characters.length]!, String.fromCharCode(text.charCodeAt(at) ^ 1)]) {
      const changed = text.slice(0, at) + put + text.slice(at + 1);
      if (changed === text) continue;
      const { template } = read(changed);
      if (template === undefined || verifyTemplate(template, trust, now).signature !== 'valid') {
        refused += 1;
        continue;
      }
      same += 1;
      assert.equal(template.content, before.content, changed);
      assert.equal(template.signature, before.signature, changed);
    }
  }
  assert.ok(refused > 2 * same, `${refused} refused, ${same} the same`);
});

test('inside values, where no character is layout, every change is refused', () => {
  const text = signed(body);
  for (const value of ['ubuntu-22.04', '1.10', '2.10', 'echo done', 'internal', 'FERPA', '8888', '0.20']) {
    const start = text.indexOf(value);
    for (let at = start; at < start + value.length; at += 1) {
      for (const put of ['', '7', 'x', `${text[at]}${text[at]}`]) {
        if (put === text[at]) continue;
        const changed = text.slice(0, at) + put + text.slice(at + 1);
        // 0.2, .20 and 0.20 are one number.
        if (value === '0.20' && Number(changed.slice(start, changed.indexOf('\n', start))) === 0.2) continue;
        assert.is.not(verdictOf(changed)?.signature, 'valid', changed.slice(start - 5, start + 20));
      }
    }
  }
});

test('every change of one character of the block `signature` is refused', () => {
  const { signature: block } = readWhole(signed(body));
  if (block === undefined) throw new Error('there is no signature');
  const template = readWhole(body);
  const alphabet = [...'ABCDwxyz0189+/=-_:.TZ '];
  for (const field of ['authority', 'public_key_id', 'signature', 'signed_at'] as const) {
    const value = block[field];
    for (let at = 0; at < value.length; at += 1) {
      for (const put of ['', ...alphabet]) {
        if (put === value[at]) continue;
        const changed = { ...block, [field]: value.slice(0, at) + put + value.slice(at + 1) };
        const verdict = verifyTemplate({ ...template, signature: changed }, trust, now);
        assert.is(verdict.signature, 'invalid', `${field} ${changed[field]}`);
      }
    }
  }
});

test('comments, white space, quotes and the order of keys are not signed', () => {
  const text = signed(body);
  const lines = text.split('\n');
  assert.is(why(text.replace('# for people', '# for machines')), 'valid');
  assert.is(why(text.replace('[22, 8888]', '\n    - 22\n    - 8888')), 'valid');
  assert.is(why(text.replace('0.20', '0.2')), 'valid');
  assert.is(why([...lines.slice(3, 5), ...lines.slice(0, 3), ...lines.slice(5)].join('\n')), 'valid');
  // A text stays as it is written: 1.10 and 1.1 are two defaults.
  assert.is(why(text.replace('1.10', '1.1')), 'altered');
});

test('what a template inherits is signed with it', () => {
  const child = 'name: Child\ninherits: [base.yaml]\n';
  const parent = 'name: Parent\nbase: ubuntu-22.04\npost_install: echo fine\n';
  const text = signed(child, it, { 'base.yaml': parent });
  const verdict = (base: string) => verdictOf(text, trust, now, { 'base.yaml': base })?.signature;
  assert.is(verdict(parent), 'valid');
  assert.is(verdict(parent.replace('fine', 'fire')), 'invalid');
  assert.is(verdict(`# a comment\n${parent}`), 'valid');
  // That of the parent is its own: it may be signed later.
  assert.is(verdict(signed(parent)), 'valid');
});

test('a key counts for its authority, its purposes and its time, and not when it is revoked', () => {
  const text = signed(body);
  const later = now + 400 * 86_400_000;
  const cases: readonly (readonly [string, TrustStore, number, string])[] = [
    ['no key', new Map(), now, 'unknown-key'],
    ['another authority', trusting({ ...it, authority: 'Somebody' }), now, 'other-authority'],
    ['another key of the id', trusting(other), now, 'altered'],
    ['for images', trusting(it, '      purposes: [image]\n'), now, 'unusable-key'],
    ['revoked', trusting(it, '      revoked: { because: it was lost }\n'), now, 'unusable-key'],
    ['expired', trusting(it, '      valid_until: "2027-01-31"\n'), later, 'unusable-key'],
    ['not yet', trusting(it, '      valid_from: "2026-11-24"\n'), now, 'unusable-key'],
    ['signed before the key counted', trusting(it, '      valid_from: "2026-11-24"\n'), later, 'unusable-key'],
    ['on its last day', trusting(it, '      valid_until: "2026-11-23"\n'), now, 'valid'],
    ['the day after', trusting(it, '      valid_until: "2026-11-22"\n'), now, 'unusable-key'],
    ['a clock that jumped back', trust, now - 3_600_000, 'from-the-future'],
    ['a clock that is a minute late', trust, now - 60_000, 'valid'],
  ];
  for (const [name, store, at, wanted] of cases) assert.is(why(text, store, at), wanted, name);
});

test('the signature of one file is none of another', () => {
  const text = signed(body);
  const block = text.slice(text.indexOf('signature:'));
  assert.is(why(`name: Another\nbase: ubuntu-22.04\n${block}`), 'altered');
});

test('signing again replaces the signature, whatever the file looks like', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('\n', '\r\n'),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('', '\n\n', '# end', 'post_install: |+\n  last\n\n'),
      (lineEnd, name, end) => {
        const text = `name: ${JSON.stringify(`n${name.replace(/[^\p{L}\p{N}"\\' ]/gu, '')}`)}\nbase: ubuntu-22.04\n${end}`;
        const once = signed(text.replaceAll('\n', lineEnd));
        const twice = signed(once, it, {}, now + 60_000);
        assert.is(why(once), 'valid', once);
        assert.is(why(twice), 'valid', twice);
        assert.is(twice.split('\nsignature:').length, 2, twice);
        return true;
      },
    ),
    { numRuns: 60, includeErrorInReport: true },
  );
  const inside = signed(`${signed(body)}\ntags: { purpose: teaching }\n`);
  assert.is(why(inside), 'valid');
  assert.match(inside, /purpose: teaching/);
  assert.is(
    withSignature(readWhole('{ name: x, base: ubuntu-22.04 }').source, readWhole(inside).signature!),
    undefined,
  );
});

run();
