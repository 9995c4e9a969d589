import type { KeyObject } from 'node:crypto';

// Node takes 4 ms to load node:crypto, and most runs verify nothing.
const crypto = () => process.getBuiltinModule('node:crypto');

/** Bytes of a public key and of a signature (RFC 8032, section 5.1). */
const publicKeyLength = 32;
const signatureLength = 64;

/** A new pair: the private key in PEM (PKCS #8, RFC 8410), the public one in base64. */
export function generatePair(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = crypto().generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicText(publicKey),
  };
}

/** Reads a private key in PEM; undefined where it is none, or none of ed25519. */
export function readPrivateKey(pem: string): KeyObject | undefined {
  try {
    const key = crypto().createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The public key of a private one, in base64. */
export function publicKeyOf(privateKey: KeyObject): string {
  return publicText(crypto().createPublicKey(privateKey));
}

function publicText(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}

/** Reads a public key in base64; undefined where it is not 32 bytes. */
export function readPublicKey(text: string): KeyObject | undefined {
  const bytes = exactBytes(text, 'base64', publicKeyLength);
  if (bytes === undefined) return undefined;
  const x = bytes.toString('base64url');
  return crypto().createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** 64 bytes in the encoding that is asked for; base64 with its padding, base64url without. */
export function sign(bytes: Uint8Array, key: KeyObject, encoding: 'base64' | 'base64url'): string {
  return crypto().sign(null, bytes, key).toString(encoding);
}

/** Whether a signature is right. One that is written otherwise than `sign` does is not. */
export function verify(
  bytes: Uint8Array,
  signature: string,
  key: KeyObject,
  encoding: 'base64' | 'base64url',
): boolean {
  const given = exactBytes(signature, encoding, signatureLength);
  return given !== undefined && crypto().verify(null, bytes, key, given);
}

/**
 * Node skips characters that are no base64, and ignores bits of the last one that belong to no byte; so several texts
 * stand for the same bytes. Only the one that encoding gives is taken.
 */
function exactBytes(text: string, encoding: 'base64' | 'base64url', length: number): Buffer | undefined {
  const bytes = Buffer.from(text, encoding);
  return bytes.length === length && bytes.toString(encoding) === text ? bytes : undefined;
}
