import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { withLock } from '../../runtime/audit/lock.ts';
import { replaceFile } from '../../runtime/replace-file.ts';
import { withTrustedKey } from '../../runtime/signing/add-trusted-key.ts';
import { generatePair } from '../../runtime/signing/ed25519.ts';
import { keyPath, writePrivateKey } from '../../runtime/signing/key-files.ts';
import { type Purpose, purposes } from '../../runtime/signing/signed-text.ts';
import { readTrustStore } from '../../runtime/signing/trust-store.ts';
import { failureText } from '../failure.ts';
import { report } from '../report.ts';
import { type OpenedTrust, openTrust } from './places.ts';

/** What the command line says of a new key. */
export interface WantedKey {
  readonly id: string;
  readonly authority: string;
  readonly days: number | undefined;
  /** Empty: all. */
  readonly purposes: readonly string[];
}

type Added =
  | { readonly privatePath: string; readonly publicKey: string }
  | { readonly diagnostics: readonly Diagnostic[] };

/**
 * Makes a pair: the private key first, so that no public key is trusted that nobody has. Of several processes that do so at
 * once each adds its key to what the one before wrote.
 *
 * @param folder of private keys, which is there
 * @param trustFile in a folder that is there
 * @throws AuditFailure where the trust store cannot be locked
 */
export function addKey(wanted: WantedKey, folder: string, trustFile: string): Added {
  return withLock(trustFile, () => addLocked(wanted, folder, openTrust(trustFile)));
}

function addLocked({ id, authority, days, purposes: asked }: WantedKey, folder: string, store: OpenedTrust): Added {
  const { path, text, trust, diagnostics: wrong } = store;
  if (wrong.some(({ severity }) => severity === 'error')) return { diagnostics: wrong };
  const span = { file: path, start: 0, end: 0 };
  if (trust.has(id)) return { diagnostics: [report('POL8342', span, { key: id })] };
  const pair = generatePair();
  const today = new Date().toISOString().slice(0, 10);
  const last = days === undefined ? undefined : new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const wanted = purposes.filter((purpose): purpose is Purpose => asked.includes(purpose));
  const added = withTrustedKey(text, {
    id,
    authority,
    publicKey: pair.publicKey,
    ...(last === undefined ? {} : { validFrom: today, validUntil: last }),
    ...(asked.length === 0 ? {} : { purposes: wanted }),
  });
  const again = added === undefined ? undefined : readTrustStore(path, added);
  // Read again before anything is written: an authority that YAML takes for something else is found here.
  if (added === undefined || again?.trust.get(id)?.authority !== authority) {
    const reason = 'a key cannot be added to it; its keys have to be written in lines, not in braces';
    return { diagnostics: [...(again?.diagnostics ?? []), report('POL8003', span, { path, reason })] };
  }
  const problem = writePrivateKey(folder, id, pair.privateKey);
  if (problem !== undefined) return { diagnostics: [problem] };
  try {
    replaceFile(path, added);
  } catch (error) {
    return { diagnostics: [report('POL8003', span, { path, reason: failureText(error) })] };
  }
  return { privatePath: keyPath(folder, id), publicKey: pair.publicKey };
}
