import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

// A certificate that signs itself, for TLS on loopback: clients of Kubernetes send no token without TLS. DER as in
// RFC 5280; only what a client checks is in it.

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const octets = (...parts: readonly Buffer[]) => der(0x04, ...parts);
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);
const truth = der(0x01, Buffer.from([0xff]));

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
const commonName = objectId('550403');
const subjectKeyIdentifier = objectId('551d0e');
const alternativeName = objectId('551d11');
const basicConstraints = objectId('551d13');

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

export interface Identity {
  /** PEM. */
  readonly key: string;
  /** PEM; it is its own authority. */
  readonly certificate: string;
}

/** An identity for 127.0.0.1 and localhost, valid for a day. */
export function loopbackIdentity(): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const certificate = certificateOf(publicKey, privateKey).toString('base64').replace(/.{64}/g, '$&\n');
  return { key, certificate: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n` };
}

function certificateOf(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const day = 86_400_000;
  const now = Date.now();
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('loopback')))));
  const subject = publicKey.export({ type: 'spki', format: 'der' });
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(
    sequence(basicConstraints, truth, octets(sequence(truth))),
    sequence(subjectKeyIdentifier, octets(octets(createHash('sha1').update(subject).digest()))),
    sequence(alternativeName, octets(names)),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(utcTime(new Date(now - day)), utcTime(new Date(now + day))),
    name,
    subject,
    der(0xa3, extensions),
  );
  return sequence(body, ecdsaWithSha256, bits(sign('sha256', body, privateKey)));
}
