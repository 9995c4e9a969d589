import { deflateSync, inflateSync } from 'fflate/browser';

/** Raw deflate (RFC 1951) as small as it gets. The same bytes give the same bytes. */
export function deflate(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 9 });
}

/**
 * The bytes that were deflated; undefined where that is not exactly `length` bytes, or the text is not deflated at all. No
 * more memory is taken than that, whatever the text says of itself.
 */
export function inflate(deflated: Uint8Array, length: number): Uint8Array | undefined {
  try {
    // With a byte to spare, into which a longer text would run.
    const bytes = inflateSync(deflated, { out: new Uint8Array(length + 1) });
    return bytes.length === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}
