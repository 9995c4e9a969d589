/** SHA-256 (FIPS 180-4), since browsers have it only for those who can wait. */
export function sha256(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const state = Uint32Array.from(fractions(8, 1 / 2));
  const constants = Uint32Array.from(fractions(64, 1 / 3));
  // Behind the text a one bit, zeros, and the length in bits.
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const schedule = new Uint32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let at = 0; at < 16; at += 1) schedule[at] = view.getUint32(block + 4 * at);
    digestBlock(state, schedule, constants);
  }
  return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
}

function digestBlock(state: Uint32Array, schedule: Uint32Array, constants: Uint32Array): void {
  for (let at = 16; at < 64; at += 1) {
    const far = schedule[at - 15]!;
    const near = schedule[at - 2]!;
    const mixed = (rotated(far, 7) ^ rotated(far, 18) ^ (far >>> 3)) + schedule[at - 16]! + schedule[at - 7]!;
    schedule[at] = mixed + (rotated(near, 17) ^ rotated(near, 19) ^ (near >>> 10));
  }
  let words = [...state];
  for (let at = 0; at < 64; at += 1) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = words;
    const chosen = (e & f) ^ (~e & g);
    const one = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + chosen + constants[at]! + schedule[at]!;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority;
    words = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
  }
  for (const [index, word] of words.entries()) state[index]! += word;
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 bits behind the point of powers of the first primes, which the standard's constants are. */
function fractions(count: number, exponent: number): readonly number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number += 1)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  return primes.map((prime) => (prime ** exponent % 1) * 2 ** 32);
}
