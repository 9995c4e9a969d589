/**
 * The tags that polc writes on images. AWS takes 50 on a resource, keys of 128 and values of 256 characters, and no key that
 * begins with `aws:` ("Tag your Amazon EC2 resources").
 */
export const tagLimits = { tags: 50, key: 128, value: 256 } as const;

/** Keys of this prefix are polc's, and no policy may write others of it. */
export const tagPrefix = 'polc:';

/** What the chunks are: `FORMAT:CHUNKS:BYTES:DIGEST`, see write-tags.ts. */
export const headTag = 'polc:metadata';

/** The chunks, `polc:metadata-01` to `polc:metadata-NN`. */
export const chunkPrefix = 'polc:metadata-';

export function chunkTag(index: number): string {
  return `${chunkPrefix}${String(index + 1).padStart(2, '0')}`;
}

/** Written after the image exists: who signed its metadata with its id, region and owner. */
export const signatureTag = 'polc:signature';

/** The verdict of the last vulnerability scan. */
export const scanTag = 'polc:scan';

/** Tags that say for people, lists and IAM's conditions what the metadata says too; whoever decodes compares the two. */
export const readableTags = {
  template: 'polc:template',
  version: 'polc:template-version',
  classification: 'polc:classification',
  architecture: 'polc:architecture',
} as const;

/**
 * A text as the value of a readable tag: letters, digits, space and `+-._:/@` stay, and each byte of the rest in UTF-8 is
 * written `=HH`, since not every service takes more. No two texts have one value, and so a condition on the tag means one
 * template. A text of which the value would be too long is cut before the digest of the whole.
 */
export function readableValue(text: string, sha256: (content: string) => string): string {
  let value = '';
  for (const character of text) value += plain.test(character) ? character : escaped(character);
  if (value.length <= tagLimits.value) return value;
  const digest = `=${sha256(text)}`;
  return value.slice(0, tagLimits.value - digest.length) + digest;
}

const plain = /^[A-Za-z0-9 +\-._:/@]$/;
const encoder = new TextEncoder();

function escaped(character: string): string {
  let written = '';
  for (const byte of encoder.encode(character)) written += `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return written;
}
