// SHA-256 (FIPS 180-4) without node:crypto, for as long as little is hashed: Node takes 4 ms to load node:crypto, with the
// streams that it needs, and an evaluation of guardrails asks for the names of a few documents.

/** How many bytes this process hashes here, some 2 ms of work for code that is not warm. */
const most = 4 * 1024;
let hashed = 0;

/** The digest of bytes, or of a text in UTF-8, in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  if (content.length > most - hashed) return process.getBuiltinModule('node:crypto').hash('sha256', content, 'hex');
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  hashed += bytes.length;
  return digestOf(bytes);
}

const blockLength = 64;

/** Section 4.2.2. */
const roundConstants = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];

/** Section 5.3.3. */
const start = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/** Of any number of bytes below 2^29; `sha256` asks for fewer. */
export function digestOf(bytes: Uint8Array): string {
  const padded = paddedMessage(bytes);
  const message = new DataView(padded.buffer);
  const state = Int32Array.from(start);
  const schedule = new Int32Array(blockLength);
  for (let at = 0; at < padded.length; at += blockLength) {
    for (let word = 0; word < 16; word++) schedule[word] = message.getInt32(at + 4 * word);
    addBlock(state, schedule);
  }
  let digest = '';
  for (const word of state) digest += (word >>> 0).toString(16).padStart(8, '0');
  return digest;
}

/** Section 5.1.1: a bit that is set, as few as possible that are not, and the length in bits. */
function paddedMessage(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) * blockLength);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, bytes.length * 8);
  return padded;
}

/** Section 6.2.2, with the letters of its working variables. `schedule` holds the block in its first 16 words. */
function addBlock(state: Int32Array, schedule: Int32Array): void {
  for (let at = 16; at < blockLength; at++) {
    const early = schedule[at - 15]!;
    const late = schedule[at - 2]!;
    schedule[at] =
      schedule[at - 16]! +
      schedule[at - 7]! +
      (((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3)) +
      (((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10));
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let at = 0; at < blockLength; at++) {
    const first =
      (h +
        (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
        ((e & f) ^ (~e & g)) +
        roundConstants[at]! +
        schedule[at]!) |
      0;
    const second =
      (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [at, word] of [a, b, c, d, e, f, g, h].entries()) state[at]! += word;
}
