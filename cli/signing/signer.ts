import type { KeyObject } from 'node:crypto';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { publicKeyOf } from '../../runtime/signing/ed25519.ts';
import { openPrivateKey, privateKeys } from '../../runtime/signing/key-files.ts';
import type { Purpose } from '../../runtime/signing/signed-text.ts';
import type { TrustStore } from '../../runtime/signing/trust-store.ts';
import { unusableKey } from '../../runtime/signing/verdict.ts';
import { report } from '../report.ts';

/** Who signs. */
export interface Signer {
  readonly keyId: string;
  readonly authority: string;
  readonly key: KeyObject;
}

/**
 * Opens a private key to sign with. What it signs has to count: its public key has to be in the trust store, usable for
 * this now.
 *
 * @param named the id of the key; absent, the only one that counts for this purpose
 * @param option by which the verb is told it
 */
export function openSigner(
  named: string | undefined,
  folder: string,
  purpose: Purpose,
  { trust, path }: { readonly trust: TrustStore; readonly path: string },
  now: number,
  option = '--key',
): Signer | { readonly diagnostic: Diagnostic } | { readonly usage: string } {
  const known = privateKeys(folder);
  const usable = known.filter((id) => {
    const key = trust.get(id);
    return key !== undefined && unusableKey(key, purpose, now, now) === undefined;
  });
  // Where none counts for it, the reason is said of the only one that there is.
  const choice = usable.length > 0 ? usable : known;
  const [only, another] = choice;
  if (named === undefined && another !== undefined) {
    return { usage: `name one with \`${option}\`: ${choice.map((id) => `\`${id}\``).join(', ')}` };
  }
  if (named === undefined && only === undefined) {
    return { usage: `make one with \`polc keys generate\`; there is none in \`${folder}\`` };
  }
  const keyId = named ?? only ?? '';
  const opened = openPrivateKey(folder, keyId);
  if ('diagnostic' in opened) return opened;
  const span = { file: path, start: 0, end: 0 };
  const trusted = trust.get(keyId);
  const subject = 'what you sign';
  if (trusted === undefined || trusted.publicText !== publicKeyOf(opened.key)) {
    const problem = trusted === undefined ? `the trust store has no key \`${keyId}\`` : 'it has another key of this id';
    return { diagnostic: report('POL8344', span, { subject, problem, trust: path }) };
  }
  const problem = unusableKey(trusted, purpose, now, now);
  if (problem !== undefined) return { diagnostic: report('POL8346', span, { key: keyId, problem, trust: path }) };
  return { keyId, authority: trusted.authority, key: opened.key };
}
