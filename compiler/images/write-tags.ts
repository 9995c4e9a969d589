import { toBase64url } from './base64url.ts';
import { deflate } from './deflate.ts';
import type { ImageMetadata } from './metadata.ts';
import { metadataText } from './metadata-text.ts';
import { chunkTag, headTag, readableTags, readableValue, tagLimits } from './tag-names.ts';

export type Tag = readonly [key: string, value: string];

export type Sha256 = (content: string) => string;

/** The only format so far. */
export const tagFormat = '1';

const encoder = new TextEncoder();

/**
 * The tags that carry an image's metadata, sorted by key: its canonical JSON in raw deflate (RFC 1951), in base64url cut into
 * `polc:metadata-01` and so on. `polc:metadata` holds `FORMAT:CHUNKS:BYTES:DIGEST`, with the number of chunks, the length of
 * the JSON in bytes, and the SHA-256 digest in hexadecimal of `FORMAT:CHUNKS:BYTES:` and all chunks after each other. The
 * readable tags stand beside.
 *
 * @param sha256 in lower-case hexadecimal
 * @returns undefined where a text of the metadata has half of a surrogate pair, which no JSON has
 */
export function imageTags(metadata: ImageMetadata, sha256: Sha256): readonly Tag[] | undefined {
  const text = metadataText(metadata);
  if (text === undefined) return undefined;
  const bytes = encoder.encode(text);
  const encoded = toBase64url(deflate(bytes));
  const chunks: Tag[] = [];
  for (let at = 0; at < encoded.length; at += tagLimits.value) {
    chunks.push([chunkTag(chunks.length), encoded.slice(at, at + tagLimits.value)]);
  }
  const head = `${tagFormat}:${chunks.length}:${bytes.length}:`;
  const tags: Tag[] = [[headTag, head + sha256(head + encoded)], ...chunks, ...readable(metadata, sha256)];
  return tags.sort(([left], [right]) => (left < right ? -1 : 1));
}

/** What the metadata says that people, lists and IAM's conditions ask for. */
export function readable(metadata: ImageMetadata, sha256: Sha256): readonly Tag[] {
  const { source_template: template, template_version: version, data_classification: classification } = metadata;
  return [
    [readableTags.template, readableValue(template, sha256)],
    [readableTags.version, readableValue(version, sha256)],
    [readableTags.architecture, metadata.architecture],
    ...(classification === undefined ? [] : [[readableTags.classification, classification] as const]),
  ];
}
