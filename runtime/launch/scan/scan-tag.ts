import type { KeyObject } from 'node:crypto';
import { scanTag, tagLimits } from '../../../compiler/images/tag-names.ts';
import { sign } from '../../signing/ed25519.ts';
import { signedText } from '../../signing/signed-text.ts';
import { instant } from '../../signing/time.ts';
import type { TrustStore } from '../../signing/trust-store.ts';
import { checkSignature, type Verdict } from '../../signing/verdict.ts';
import type { ScanVerdict } from './read-scan.ts';
import { type Counts, severities, type Threshold } from './severity.ts';

/** Which image a verdict is of; that of a copy, or of another image, is none of this one. */
export interface ScannedImage {
  /** `ami-…`. */
  readonly image: string;
  readonly region: string;
  /** The account that owns it, 12 digits. */
  readonly owner: string;
}

/** What the tag of an image says of its last scan; the first field is the attribute `scan` of a launch. */
export type ScanReading =
  | { readonly scan: 'absent' }
  | {
      readonly scan: 'passed' | 'failed';
      readonly failOn: Threshold;
      readonly counts: Counts;
      /** Milliseconds since 1970. */
      readonly signedAt: number;
      readonly authority: string;
      readonly keyId: string;
    }
  /** Somebody without a key that counts wrote it, or it is of another image: nobody knows. */
  | { readonly scan: undefined; readonly problem: string; readonly verdict?: Verdict };

/** The most that is counted; more is written as this many. */
const mostCounted = 9999;

/**
 * The value of the tag `polc:scan`: `1:VERDICT:THRESHOLD:TIME:COUNTS:DIGEST:KEY-ID:SIGNATURE`, with the counts from the
 * worst severity on, and the digest of the file that the scanner wrote. Whoever signs vouches that the file is of this image.
 *
 * @param now milliseconds since 1970, to the second
 * @returns undefined where the id of the key is too long for a tag: at most 56 characters always fit
 */
export function signScan(
  { verdict, failOn, counts, digest }: Pick<ScanVerdict, 'verdict' | 'failOn' | 'counts' | 'digest'>,
  scanned: ScannedImage,
  by: { readonly authority: string; readonly keyId: string; readonly key: KeyObject },
  now: number,
): string | undefined {
  const signedAt = instant(Math.floor(now / 1000) * 1000);
  const said = [verdict, failOn, countsText(counts), digest] as const;
  const bytes = scanText(scanned, said, by.authority, by.keyId, signedAt);
  if (bytes === undefined) return undefined;
  const signature = sign(bytes, by.key, 'base64url');
  const value = `1:${verdict}:${failOn}:${signedAt}:${said[2]}:${digest}:${by.keyId}:${signature}`;
  return value.length <= tagLimits.value ? value : undefined;
}

/** What the tag says of the image, if it was signed for it by a key that counts now. */
export function readScan(
  tags: ReadonlyMap<string, string>,
  scanned: ScannedImage,
  trust: TrustStore,
  now: number,
): ScanReading {
  const tag = tags.get(scanTag);
  if (tag === undefined) return { scan: 'absent' };
  const [, verdict, failOn, time, counted, digest, keyId, signature] = form.exec(tag) ?? [];
  const parts = [time, counted, digest, keyId, signature];
  if (!isVerdict(verdict) || !isThreshold(failOn) || !isWhole(parts)) {
    return { scan: undefined, problem: `the tag \`${scanTag}\` is not one that polc writes` };
  }
  const [signedAt, countsSaid, fileDigest, key, found] = parts;
  const said = [verdict, failOn, countsSaid, fileDigest] as const;
  const checked = checkSignature(
    'image',
    { keyId: key, signedAt, signature: found, encoding: 'base64url' },
    (authority) => scanText(scanned, said, authority, key, signedAt),
    trust,
    now,
  );
  if (checked.signature !== 'valid') {
    const why = checked.signature === 'invalid' ? checked.problem : 'it is not signed';
    return { scan: undefined, problem: `the verdict of the scan does not count: ${why}`, verdict: checked };
  }
  const { authority, signedAt: at } = checked;
  return { scan: verdict, failOn, counts: readCounts(countsSaid), signedAt: at, authority, keyId: key };
}

const form =
  /^1:(passed|failed):(critical|high|medium|low):(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ):(\d{1,4}(?:\.\d{1,4}){5}):([A-Za-z0-9_-]{43}):([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}):([A-Za-z0-9_-]{86})$/;

function isVerdict(text: string | undefined): text is 'passed' | 'failed' {
  return text === 'passed' || text === 'failed';
}

function isThreshold(text: string | undefined): text is Threshold {
  return text === 'critical' || text === 'high' || text === 'medium' || text === 'low';
}

function isWhole(parts: readonly (string | undefined)[]): parts is readonly [string, string, string, string, string] {
  return parts.length === 5 && parts.every((part) => part !== undefined);
}

function countsText(counts: Counts): string {
  return severities.map((severity) => Math.min(counts[severity], mostCounted)).join('.');
}

function readCounts(text: string): Counts {
  const [critical = 0, high = 0, medium = 0, low = 0, none = 0, unknown = 0] = text.split('.').map(Number);
  return { critical, high, medium, low, none, unknown };
}

/** The key `scan` stands in nothing else that an image's key signs. */
function scanText(
  { image, region, owner }: ScannedImage,
  [verdict, failOn, counts, digest]: readonly [verdict: string, failOn: string, counts: string, digest: string],
  authority: string,
  keyId: string,
  signedAt: string,
): Uint8Array | undefined {
  const scan = { verdict, fail_on: failOn, counts, digest };
  return signedText('image', { image, region, owner, scan, authority, public_key_id: keyId, signed_at: signedAt });
}
