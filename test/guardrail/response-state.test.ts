import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import {
  hasActed,
  type ResponseRecord,
  readResponse,
  shortened,
  withActed,
  withoutActed,
  writeResponse,
} from '../../runtime/guardrail/state/response-record.ts';
import { changedTags, taggedPrincipals, writeTags } from '../../runtime/guardrail/state/tags.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail state');

/** What IAM lets a role or user be called. Source: CreateRole, API reference of IAM: path and name. */
const names = fc.stringMatching(/^[\w+=,.@-]{1,64}$/);
const paths = fc.stringMatching(/^\/([!-~]{1,200}\/)?$/);
const principals = fc
  .tuple(fc.constantFrom('role', 'user'), paths, names)
  .map(([kind, path, name]) => `arn:aws-us-gov:iam::123456789012:${kind}${path}${name}`);
const texts = fc.string({ unit: 'binary', maxLength: 600 });
const arn = 'arn:aws-us-gov:iam::123456789012:policy/polc/guardrail/guardrails-deny-0123456789abcdef0123';

const responses = fc.record({
  policy: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/),
  policyHash: fc.constant('f'.repeat(64)),
  breach: texts,
  approver: fc.option(texts, { nil: undefined }),
  expires: fc.constantFrom('never', '2026-11-23T13:00:00.000Z'),
  principals: fc.uniqueArray(principals, { maxLength: 12 }),
});

test('tags are what IAM takes, and name the principals', () => {
  fc.assert(
    fc.property(responses, responses, (response, other) => {
      const tags = writeTags(response);
      if (tags === undefined) return;
      assert.ok(Object.keys(tags).length <= 50);
      for (const [key, value] of Object.entries(tags)) {
        assert.match(key, /^polc:[a-z0-9-]{1,40}$/);
        assert.ok(value.length <= 256 && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value), value);
      }
      assert.equal(taggedPrincipals(arn, tags), response.principals);
      assert.equal(changedTags(tags, tags), {});
      const next = writeTags(other);
      if (next === undefined) return;
      const merged = { ...tags, ...changedTags(tags, next) };
      assert.equal(taggedPrincipals(arn, merged), other.principals, 'a longer list before leaves nothing');
      assert.equal(changedTags(merged, next), {});
    }),
  );
});

test('two values that are too long for a tag have two tags', () => {
  const of = (breach: string) =>
    writeTags({ policy: 'a', policyHash: 'b', breach, approver: breach, expires: 'never', principals: [] })!;
  assert.is.not(of(`${'x'.repeat(300)}1`)['polc:breach'], of(`${'x'.repeat(300)}2`)['polc:breach']);
  assert.is.not(of('a,b')['polc:approver'], of('a=2Cb')['polc:approver']);
});

test('the record fits into a standard parameter and reads back as it was', () => {
  fc.assert(
    fc.property(responses, fc.array(texts, { maxLength: 120 }), fc.nat(20), (response, breaches, count) => {
      const { approver } = response;
      const record: ResponseRecord = {
        policy: response.policy,
        phase: 'active',
        policyHash: response.policyHash,
        breach: shortened(response.breach),
        ...(approver === undefined ? {} : { approver: shortened(approver) }),
        since: '2026-11-23T10:00:00.000Z',
        expires: response.expires,
        documents: Array.from({ length: count }, () => arn),
        acted: breaches.reduce<readonly string[]>(withActed, []),
      };
      const text = writeResponse(record);
      assert.ok(Buffer.byteLength(text) <= 4096, String(Buffer.byteLength(text)));
      const read = readResponse(text)!;
      assert.equal({ ...read, acted: [] }, { ...record, acted: [] });
      assert.equal(read.acted, record.acted.slice(record.acted.length - read.acted.length));
      const latest = breaches.at(-1);
      if (latest === undefined) return;
      assert.ok(hasActed(read, latest));
      assert.not.ok(hasActed({ ...read, acted: withoutActed(read.acted, latest) }, latest));
    }),
  );
});

test('the oldest breaches are forgotten where the record would not fit otherwise', () => {
  const breaches = Array.from({ length: 60 }, (_, index) => `breach ${index}`);
  const text = writeResponse({
    policy: 'p'.repeat(128),
    phase: 'active',
    policyHash: 'f'.repeat(64),
    breach: shortened('b'.repeat(600)),
    approver: shortened('€'.repeat(600)),
    since: '2026-11-23T10:00:00.000Z',
    expires: 'never',
    documents: Array.from({ length: 20 }, () => arn),
    acted: breaches.reduce<readonly string[]>(withActed, []),
  });
  assert.ok(Buffer.byteLength(text) <= 4096);
  const read = readResponse(text)!;
  assert.ok(hasActed(read, 'breach 59'));
  assert.ok(read.acted.length > 10 && read.acted.length < 48, String(read.acted.length));
});

test('a record that is not one is not read', () => {
  for (const text of ['', 'null', '[]', '"active"', '{}', '{"phase":"active"}'])
    assert.is(readResponse(text), undefined);
});

test('a record that names a policy of somebody else is no record, so that no rollback deletes that policy', async () => {
  const port = new FakeAws(['arn:aws:iam::123456789012:role/x']);
  const theirs = await port.createPolicy({ name: 'theirs', path: '/', document: '{}', tags: {} });
  const record: ResponseRecord = {
    policy: 'ci',
    phase: 'active',
    policyHash: 'f'.repeat(64),
    breach: 'ci/b',
    since: '2026-11-23T09:00:00.000Z',
    expires: 'never',
    documents: [arn, theirs],
    acted: [],
  };
  port.parameters.set('/polc/guardrail/response/ci', { value: writeResponse(record), secret: false });
  const { ended } = await rollback({ all: true }, port, { now: 0 });
  assert.ok(port.policies.has(theirs));
  assert.equal(
    ended.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)),
    ['POL8028'],
  );
  assert.is(readResponse(writeResponse({ ...record, documents: [arn] }))?.documents[0], arn);
  for (const other of ['', 'x', theirs, `${theirs}:policy/polc/guardrail/x`, arn.replace('/polc/', '/polcx/')]) {
    assert.is(readResponse(writeResponse({ ...record, documents: [other] })), undefined, other);
  }
});

run();
