import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { acceptInvitation, invitationStatus, readAcceptances } from '../../runtime/signing/acceptances.ts';
import { deviceOf } from '../../runtime/signing/device.ts';
import { type Invitation, readInvitation, signInvitation } from '../../runtime/signing/invitation.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';

const { test, run } = suite('invitation-token');

const now = Date.parse('2026-11-23T09:00:00Z');
const day = 86_400_000;
const teacher = makeKey('cs.dept-2026', 'CS Department');
const trust = trusting(teacher, '      purposes: [invitation]\n');
const invitation: Invitation = {
  id: 'q7GDnX3v',
  invitation: 'CS101 Class',
  profile: 'cs101',
  type: 'read_only',
  expires: '2026-12-23T09:00:00Z',
  uses: 2,
  device_bound: true,
  policy: 'profile: { name: cs101, max_hourly_cost: 0.15 }\n',
};
const token = signInvitation(invitation, teacher, now) ?? '';

test('a token says what was signed, in characters that nothing changes', () => {
  assert.match(token, /^[A-Za-z0-9._-]+$/);
  assert.equal(readInvitation(token, trust, now), { invitation, authority: 'CS Department', keyId: 'cs.dept-2026' });
});

test('a token does not count once it has expired, or its key is revoked or for something else', () => {
  const reading = (by = trust, at = now) => readInvitation(token, by, at);
  // What it was is said, so that a person can be told of which invitation.
  assert.equal(reading(trust, now + 30 * day), { refused: 'expired', invitation });
  for (const more of ['      purposes: [template]\n', '      revoked: { because: lost }\n']) {
    const refused = reading(trusting(teacher, more));
    assert.is('refused' in refused && refused.refused, 'signature');
  }
  assert.ok('refused' in reading(trusting(makeKey('cs.dept-2026', 'CS Department'))));
  assert.ok('refused' in reading(trust, now - day));
});

test('every change of one character of a token is refused', () => {
  for (let at = 0; at <= token.length; at += 1) {
    for (const put of ['', ...'01AQgw-_.+']) {
      for (const changed of [
        token.slice(0, at) + put + token.slice(at + 1),
        token.slice(0, at) + put + token.slice(at),
      ]) {
        if (changed !== token) assert.ok('refused' in readInvitation(changed, trust, now), changed);
      }
    }
  }
});

test('a token is used as often as it says, once for each device, and is of no use on another', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'acceptances.jsonl');
    const [ann, bob, eve] = ['a', 'b', 'e'].map((machine) => deviceOf(invitation.id, machine.repeat(32)));
    const accept = (device = '') => acceptInvitation(invitation, device, path, now);
    const status = (device = '', at = now) => invitationStatus(invitation, device, readAcceptances(path), at);
    assert.is(status(ann), 'other-device');
    assert.is(accept(ann), 'accepted');
    assert.is(accept(ann), 'accepted');
    assert.is(accept(bob), 'accepted');
    assert.is(accept(eve), 'used-up');
    assert.equal([status(ann), status(bob), status(eve)], ['valid', 'valid', 'other-device']);
    assert.is(status(ann, now + 30 * day), 'expired');
    assert.is(acceptInvitation(invitation, ann ?? '', path, now + 30 * day), 'expired');
    // A record that somebody added by hand is beyond the count.
    const more = [...readAcceptances(path), { id: invitation.id, device: eve ?? '', at: '2026-11-23T09:00:00Z' }];
    assert.is(invitationStatus(invitation, eve ?? '', more, now), 'used-up');
    assert.is.not(deviceOf('another', 'a'.repeat(32)), ann);
  });
});

run();
