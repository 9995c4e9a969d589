import type { KeyObject } from 'node:crypto';
import type { Invite } from '../../compiler/ir/obligation.ts';
import { isObject, jsonValue } from '../json.ts';
import { sign } from './ed25519.ts';
import { signedText } from './signed-text.ts';
import { instant } from './time.ts';
import type { TrustStore } from './trust-store.ts';
import { checkSignature, type Verdict } from './verdict.ts';

/** What a token says. All of it is signed. */
export interface Invitation {
  /** Of this token: uses are counted by it. */
  readonly id: string;
  /** The name of the invitation, and of the profile that it invites to. */
  readonly invitation: string;
  readonly profile: string;
  readonly type: Invite['type'];
  /** RFC 3339 in UTC: from then on neither the token nor what was accepted is of use. */
  readonly expires: string;
  /** How often it may be accepted; absent, any number of times. */
  readonly uses?: number;
  /** What was accepted on one device is of no use on another. */
  readonly device_bound: boolean;
  /** The governance policy of profile and invitation, as text: what whoever accepts it may launch. */
  readonly policy: string;
}

/** The launch attribute `invitation`: what became of the token that a profile came from. */
export type InvitationStatus = 'valid' | 'expired' | 'used-up' | 'other-device';

export type InvitationReading =
  | { readonly invitation: Invitation; readonly authority: string; readonly keyId: string }
  | {
      readonly refused: 'no-token' | 'expired' | 'signature';
      readonly verdict?: Verdict;
      /** Of one that has expired, whose signature is right: what it said. */
      readonly invitation?: Invitation;
    };

export const tokenPrefix = 'polc-invitation-1';
/** A policy is a few kilobytes; what is longer was not made here. */
const longest = 256 * 1024;

/**
 * `polc-invitation-1.KEY-ID.TIME.PAYLOAD.SIGNATURE`, the last two in base64url, of characters that no shell, URL or
 * message changes.
 *
 * @param now milliseconds since 1970, to the second
 */
export function signInvitation(
  invitation: Invitation,
  by: { readonly authority: string; readonly keyId: string; readonly key: KeyObject },
  now: number,
): string | undefined {
  const seconds = String(Math.floor(now / 1000));
  const payload = Buffer.from(JSON.stringify(ordered(invitation))).toString('base64url');
  const bytes = tokenText(payload, by.authority, by.keyId, seconds);
  if (bytes === undefined) return undefined;
  // A key's id may hold dots; it is written so that it has none.
  const keyId = Buffer.from(by.keyId).toString('base64url');
  return [tokenPrefix, keyId, seconds, payload, sign(bytes, by.key, 'base64url')].join('.');
}

/** Reads a token. Nothing of what it says is looked at before its signature is found right. */
export function readInvitation(token: string, trust: TrustStore, now: number): InvitationReading {
  const [, encodedId, seconds, payload, signature] = token.length > longest ? [] : (form.exec(token) ?? []);
  if (encodedId === undefined || seconds === undefined || payload === undefined || signature === undefined) {
    return { refused: 'no-token' };
  }
  const keyId = Buffer.from(encodedId, 'base64url').toString();
  if (Buffer.from(keyId).toString('base64url') !== encodedId) return { refused: 'no-token' };
  const signedAt = instant(Math.min(Number(seconds), lastSecond) * 1000);
  const found = { keyId, signedAt, signature, encoding: 'base64url' } as const;
  const bytes = (authority: string) => tokenText(payload, authority, keyId, seconds);
  const verdict = checkSignature('invitation', found, bytes, trust, now);
  if (verdict.signature !== 'valid') return { refused: 'signature', verdict };
  const invitation = decode(payload);
  if (invitation === undefined) return { refused: 'no-token' };
  if (!(now < Date.parse(invitation.expires))) return { refused: 'expired', invitation };
  return { invitation, authority: verdict.authority, keyId };
}

const form = /^polc-invitation-1\.([A-Za-z0-9_-]{2,171})\.(\d{1,12})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;
/** Of the year 9999. */
const lastSecond = 253_402_300_799;

function tokenText(payload: string, authority: string, keyId: string, seconds: string): Uint8Array | undefined {
  return signedText('invitation', { payload, authority, public_key_id: keyId, signed_at: seconds });
}

function ordered({ id, invitation, profile, type, expires, uses, device_bound, policy }: Invitation): Invitation {
  return { id, invitation, profile, type, expires, ...(uses === undefined ? {} : { uses }), device_bound, policy };
}

function decode(payload: string): Invitation | undefined {
  const value = jsonValue(Buffer.from(payload, 'base64url').toString('utf8'));
  return isInvitation(value) ? ordered(value) : undefined;
}

function isInvitation(fields: unknown): fields is Invitation {
  if (!isObject(fields)) return false;
  const { type, uses } = fields;
  return (
    ['id', 'invitation', 'profile', 'expires', 'policy'].every((name) => typeof fields[name] === 'string') &&
    (type === 'read_only' || type === 'read_write' || type === 'admin') &&
    (uses === undefined || (typeof uses === 'number' && Number.isSafeInteger(uses) && uses > 0)) &&
    typeof fields.device_bound === 'boolean'
  );
}
