const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const places = new Uint8Array(128).fill(64);
for (let place = 0; place < 64; place++) places[alphabet.charCodeAt(place)] = place;

/** Bytes in the alphabet of RFC 4648, section 5, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!;
    if (left > 1) text += alphabet[(group >> 6) & 63]!;
    if (left > 2) text += alphabet[group & 63]!;
  }
  return text;
}

/** The bytes; undefined for any text that `toBase64url` does not make, so that no bytes have two texts. */
export function fromBase64url(text: string): Uint8Array | undefined {
  const length = Math.floor((text.length * 3) / 4);
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(length);
  let group = 0;
  let bits = 0;
  let written = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const place = code < 128 ? places[code]! : 64;
    if (place === 64) return undefined;
    group = ((group << 6) | place) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written++] = (group >> bits) & 0xff;
  }
  // The bits that belong to no byte are zero in what is written.
  return (group & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
