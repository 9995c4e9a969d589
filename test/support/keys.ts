import type { KeyObject } from 'node:crypto';
import { generatePair, readPrivateKey } from '../../runtime/signing/ed25519.ts';
import { readTrustStore, type TrustStore } from '../../runtime/signing/trust-store.ts';

/** A key that can sign, and the entry of a trust store for it. */
export interface TestKey {
  readonly keyId: string;
  readonly authority: string;
  readonly key: KeyObject;
  readonly publicKey: string;
}

export function makeKey(keyId: string, authority = 'University IT'): TestKey {
  const { privateKey, publicKey } = generatePair();
  const key = readPrivateKey(privateKey);
  if (key === undefined) throw new Error('the pair that was made has no private key');
  return { keyId, authority, key, publicKey };
}

/** A trust store with one key, and what else its entry says. */
export function trusting({ keyId, authority, publicKey }: TestKey, more = ''): TrustStore {
  const text = `authorities:
  ${JSON.stringify(authority)}:
    ${keyId}:
      public_key: ${JSON.stringify(publicKey)}
${more}`;
  const { trust, diagnostics } = readTrustStore('trust.yaml', text);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return trust;
}
