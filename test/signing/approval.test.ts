import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  approvalLine,
  findApproval,
  readApproval,
  signApproval,
  verifyApproval,
} from '../../runtime/signing/approval.ts';
import { appendApproval, readApprovals } from '../../runtime/signing/approval-file.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';

const { test, run } = suite('approval-record');

const now = Date.parse('2026-11-23T09:00:00Z');
const day = 86_400_000;
const it = makeKey('univ-it-2026');
const trust = trusting(it);
const subject = { template: 'genomics', digest: 'ab'.repeat(32) };

function approve(of: Parameters<typeof signApproval>[0]['subject'] = subject, by = it) {
  const record = signApproval({ subject: of, approver: 'ann@host', expires: now + day }, by, now);
  if (record === undefined) throw new Error('it cannot be signed');
  return record;
}

test('an approval counts for its subject until it expires', () => {
  const records = [approve()];
  assert.is(findApproval(records, subject, trust, now), records[0]);
  assert.is(findApproval(records, subject, trust, now + day - 1), records[0]);
  assert.is(findApproval(records, subject, trust, now + day), undefined);
  assert.is(findApproval(records, { ...subject, digest: 'ac'.repeat(32) }, trust, now), undefined);
  assert.is(findApproval(records, { image: 'ami-0abc1234', region: 'us-west-2' }, trust, now), undefined);
  assert.is(findApproval(records, subject, trusting(it, '      purposes: [template]\n'), now), undefined);
  assert.is(findApproval([approve(subject, makeKey('univ-it-2026'))], subject, trust, now), undefined);
  const image = { image: 'ami-0abc1234', region: 'us-west-2' };
  assert.ok(findApproval([approve(image)], image, trust, now));
  assert.is(findApproval([approve(image)], { ...image, region: 'us-east-1' }, trust, now), undefined);
});

test('every change of one character of a record is refused', () => {
  const line = approvalLine(approve());
  for (let at = 0; at < line.length; at += 1) {
    for (const put of ['', '0', '7', 'a', 'Z', '"', '}', ',', '+', '=']) {
      const changed = line.slice(0, at) + put + line.slice(at + 1);
      if (changed === line) continue;
      const record = readApproval(changed);
      if (record !== undefined) assert.is.not(verifyApproval(record, trust, now).signature, 'valid', changed);
    }
  }
});

test('a record with more than is signed is none', () => {
  const record = JSON.parse(approvalLine(approve()));
  assert.ok(readApproval(JSON.stringify(record)));
  assert.is(readApproval(JSON.stringify({ ...record, note: 'x' })), undefined);
  assert.is(readApproval(JSON.stringify({ ...record, subject: { ...subject, region: 'x' } })), undefined);
});

test('a file of approvals goes on after a line that a crash cut off', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'approvals.jsonl');
    assert.equal(readApprovals(path), []);
    appendApproval(path, approve());
    const whole = readFileSync(path, 'utf8');
    for (const cut of [5, whole.length - 2]) {
      writeFileSync(path, whole + whole.slice(0, cut));
      const before = readApprovals(path).length;
      appendApproval(path, approve({ image: 'ami-0abc1234', region: 'us-west-2' }));
      assert.is(readApprovals(path).length, before + 1);
      assert.ok(findApproval(readApprovals(path), { image: 'ami-0abc1234', region: 'us-west-2' }, trust, now));
    }
  });
});

run();
