import type { KeyObject } from 'node:crypto';
import type { Json } from '../../compiler/images/canonical-json.ts';
import { isObject, jsonValue } from '../json.ts';
import { sign } from './ed25519.ts';
import { signedText } from './signed-text.ts';
import { instant } from './time.ts';
import type { TrustStore } from './trust-store.ts';
import { checkSignature, type Verdict } from './verdict.ts';

/** What is approved. A template as it was then: once it changes it needs another approval. */
export type ApprovedSubject =
  | { readonly template: string; readonly digest: string }
  | { readonly image: string; readonly region: string };

/** A signed record that launches of a template or an image are approved, in the keys of its line. */
export interface ApprovalRecord {
  readonly format: 1;
  readonly subject: ApprovedSubject;
  /** Who approved it, as the system knew them. */
  readonly approver: string;
  /** RFC 3339 in UTC: from then on it is of no use. */
  readonly expires: string;
  readonly authority: string;
  readonly public_key_id: string;
  readonly signed_at: string;
  readonly signature: string;
}

/** What became of a record: that of its signature, or the time at which it ran out. */
export type ApprovalVerdict = Verdict | { readonly signature: 'valid'; readonly expired: string };

/** @param now and `expires` milliseconds since 1970 */
export function signApproval(
  { subject, approver, expires }: { subject: ApprovedSubject; approver: string; expires: number },
  by: { readonly authority: string; readonly keyId: string; readonly key: KeyObject },
  now: number,
): ApprovalRecord | undefined {
  const signed_at = instant(Math.floor(now / 1000) * 1000);
  const { authority, keyId: public_key_id } = by;
  const fields = {
    format: 1,
    subject,
    approver,
    expires: instant(expires),
    authority,
    public_key_id,
    signed_at,
  } as const;
  const bytes = approvalText(fields);
  return bytes === undefined ? undefined : { ...fields, signature: sign(bytes, by.key, 'base64') };
}

export function approvalLine(record: ApprovalRecord): string {
  return JSON.stringify(record);
}

/** Reads a line of a file of approvals; undefined where it is none. */
export function readApproval(line: string): ApprovalRecord | undefined {
  const value = jsonValue(line);
  return isRecord(value) ? value : undefined;
}

/** Whether a record counts now. */
export function verifyApproval(record: ApprovalRecord, trust: TrustStore, now: number): ApprovalVerdict {
  const found = {
    authority: record.authority,
    keyId: record.public_key_id,
    signedAt: record.signed_at,
    signature: record.signature,
    encoding: 'base64',
  } as const;
  const verdict = checkSignature('approval', found, () => approvalText(record), trust, now);
  if (verdict.signature !== 'valid') return verdict;
  // A time that cannot be read never counts.
  return now < Date.parse(record.expires) ? verdict : { signature: 'valid', expired: record.expires };
}

/** The approval of a template as it is, or of an image, that counts now; undefined where there is none. */
export function findApproval(
  records: readonly ApprovalRecord[],
  subject: ApprovedSubject,
  trust: TrustStore,
  now: number,
): ApprovalRecord | undefined {
  return records.find((record) => {
    if (!isSame(record.subject, subject)) return false;
    const verdict = verifyApproval(record, trust, now);
    return verdict.signature === 'valid' && !('expired' in verdict);
  });
}

function isSame(one: ApprovedSubject, other: ApprovedSubject): boolean {
  if ('template' in one) return 'template' in other && one.template === other.template && one.digest === other.digest;
  return 'image' in other && one.image === other.image && one.region === other.region;
}

function approvalText({ subject, ...record }: Omit<ApprovalRecord, 'signature'>): Uint8Array | undefined {
  const { format, approver, expires, authority, public_key_id, signed_at } = record;
  const content: Json = { format, subject: { ...subject }, approver, expires, authority, public_key_id, signed_at };
  return signedText('approval', content);
}

const texts = ['approver', 'expires', 'authority', 'public_key_id', 'signed_at', 'signature'] as const;

function isRecord(value: unknown): value is ApprovalRecord {
  if (!isObject(value) || value.format !== 1 || !texts.every((name) => typeof value[name] === 'string')) return false;
  // What is not signed must not be there to be believed.
  if (Object.keys(value).length !== texts.length + 2 || !isObject(value.subject)) return false;
  return isSubject(value.subject);
}

function isSubject(subject: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(subject).sort().join(' ');
  if (names !== 'digest template' && names !== 'image region') return false;
  return Object.values(subject).every((each) => typeof each === 'string');
}
