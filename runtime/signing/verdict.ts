import { verify } from './ed25519.ts';
import type { Purpose } from './signed-text.ts';
import { instant } from './time.ts';
import type { TrustedKey, TrustStore } from './trust-store.ts';

/** Why a signature does not count. */
export type Invalid = 'malformed' | 'unknown-key' | 'other-authority' | 'unusable-key' | 'from-the-future' | 'altered';

/** What became of a signature; the first field is the attribute `signature` of a launch. */
export type Verdict =
  | { readonly signature: 'valid'; readonly authority: string; readonly keyId: string; readonly signedAt: number }
  | { readonly signature: 'absent' }
  | { readonly signature: 'invalid'; readonly why: Invalid; readonly keyId: string; readonly problem: string };

/** A signature as it was found. */
export interface FoundSignature {
  /** Whose it says that it is; absent where only the key says so. */
  readonly authority?: string;
  readonly keyId: string;
  /** RFC 3339. */
  readonly signedAt: string;
  readonly signature: string;
  readonly encoding: 'base64' | 'base64url';
}

/** How much later than here a clock may be that signs. */
const clockSkew = 5 * 60_000;

/**
 * Checks a signature: that its key is known, is of the authority that it names, may sign this, counted when it signed and
 * counts now, and that it signed these bytes. Fails closed: a clock that is behind the time of signing refuses.
 *
 * @param bytes of what is signed, by the authority that the key belongs to; undefined where it cannot have been signed
 * @param now milliseconds since 1970
 */
export function checkSignature(
  purpose: Purpose,
  found: FoundSignature,
  bytes: (authority: string) => Uint8Array | undefined,
  trust: TrustStore,
  now: number,
): Verdict {
  const { keyId } = found;
  const invalid = (why: Invalid, problem: string): Verdict => ({ signature: 'invalid', why, keyId, problem });
  const signedAt = Date.parse(found.signedAt);
  if (Number.isNaN(signedAt)) return invalid('malformed', `\`${found.signedAt}\` is no time`);
  const key = trust.get(keyId);
  if (key === undefined) return invalid('unknown-key', `the trust store has no key \`${keyId}\``);
  if (found.authority !== undefined && found.authority !== key.authority) {
    return invalid('other-authority', `the key \`${keyId}\` is of \`${key.authority}\`, not of \`${found.authority}\``);
  }
  const unusable = unusableKey(key, purpose, signedAt, now);
  if (unusable !== undefined) return invalid('unusable-key', unusable);
  if (signedAt > now + clockSkew) {
    return invalid('from-the-future', `it was signed at ${found.signedAt}, which is later than the clock here says`);
  }
  const content = bytes(key.authority);
  if (content === undefined || !verify(content, found.signature, key.publicKey, found.encoding)) {
    return invalid('altered', 'it is the signature of something else: what was signed has been changed since');
  }
  return { signature: 'valid', authority: key.authority, keyId, signedAt };
}

/** Why nothing may be signed with a key for a purpose now; undefined where it may. */
export function unusableKey(key: TrustedKey, purpose: Purpose, signedAt: number, now: number): string | undefined {
  if (key.revoked !== undefined) return `it is revoked: ${key.revoked.because}`;
  if (!key.purposes.includes(purpose)) return `it is for ${key.purposes.join(', ') || 'nothing'}, not for ${purpose}`;
  const { validFrom, validUntil } = key;
  if (validFrom !== undefined && Math.min(signedAt, now) < validFrom) return `it counts from ${instant(validFrom)} on`;
  if (validUntil !== undefined && Math.max(signedAt, now) >= validUntil) return `it expired at ${instant(validUntil)}`;
  return undefined;
}
