import type { KeyObject } from 'node:crypto';
import { signatureTag } from '../../compiler/images/tag-names.ts';
import { sign } from './ed25519.ts';
import { signedText } from './signed-text.ts';
import { instant } from './time.ts';
import type { TrustStore } from './trust-store.ts';
import { checkSignature, type Verdict } from './verdict.ts';

/** What a signature binds the metadata of an image to: a copy, or the same tags on another image, has none. */
export interface ImageIdentity {
  /** `ami-…`. */
  readonly image: string;
  readonly region: string;
  /** The account that owns it, 12 digits. */
  readonly owner: string;
  /** What `readImageTags` gives: it stands for everything that the tags say. */
  readonly digest: string;
}

/**
 * The value of the tag `polc:signature`: `1:KEY-ID:TIME:SIGNATURE`, at most 238 of the 256 characters that a tag takes.
 * The image has to exist, since its id is signed.
 *
 * @param now milliseconds since 1970, to the second
 */
export function signImage(
  identity: ImageIdentity,
  by: { readonly authority: string; readonly keyId: string; readonly key: KeyObject },
  now: number,
): string {
  const signedAt = instant(Math.floor(now / 1000) * 1000);
  const bytes = imageText(identity, by.authority, by.keyId, signedAt);
  return `1:${by.keyId}:${signedAt}:${bytes === undefined ? '' : sign(bytes, by.key, 'base64url')}`;
}

/** Whether the signature in the tags of an image counts now, for this image, in this region, of this owner. */
export function verifyImage(
  tags: ReadonlyMap<string, string>,
  identity: ImageIdentity,
  trust: TrustStore,
  now: number,
): Verdict {
  const tag = tags.get(signatureTag);
  if (tag === undefined) return { signature: 'absent' };
  const [, keyId, signedAt, signature] = form.exec(tag) ?? [];
  if (keyId === undefined || signedAt === undefined || signature === undefined) {
    const problem = `the tag \`${signatureTag}\` is not of the form 1:KEY-ID:TIME:SIGNATURE`;
    return { signature: 'invalid', why: 'malformed', keyId: '', problem };
  }
  const found = { keyId, signedAt, signature, encoding: 'base64url' } as const;
  return checkSignature('image', found, (authority) => imageText(identity, authority, keyId, signedAt), trust, now);
}

const form = /^1:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}):(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ):([A-Za-z0-9_-]{86})$/;

function imageText(
  { image, region, owner, digest }: ImageIdentity,
  authority: string,
  keyId: string,
  signedAt: string,
): Uint8Array | undefined {
  const by = { authority, public_key_id: keyId, signed_at: signedAt };
  return signedText('image', { image, region, owner, metadata: digest, ...by });
}
