import { fromBase64url } from './base64url.ts';
import { inflate } from './deflate.ts';
import type { ImageMetadata } from './metadata.ts';
import { readMetadata } from './read-metadata.ts';
import { chunkPrefix, chunkTag, headTag, readableTags, tagLimits, tagPrefix } from './tag-names.ts';
import { readable, type Sha256, tagFormat } from './write-tags.ts';

export type TagReading =
  /** `digest` stands for everything that the tags say: it is what a signature signs. */
  | { readonly metadata: ImageMetadata; readonly digest: string }
  /** `absent`: there is no metadata at all. `altered`: the tags are not as polc wrote them. `problem` says how. */
  | { readonly refused: 'absent' | 'altered'; readonly problem: string };

/** Bytes of JSON: more is refused before it is inflated. 50 tags of what polc writes hold far less. */
const mostBytes = 1 << 20;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the metadata of an image back from its tags. Whatever differs from what `imageTags` made is refused: a chunk that is
 * missing, added, reordered or changed, and a readable tag that says something else. Who wrote the tags, only their
 * signature tells.
 *
 * @param sha256 in lower-case hexadecimal
 */
export function readImageTags(tags: ReadonlyMap<string, string>, sha256: Sha256): TagReading {
  const head = tags.get(headTag);
  if (head === undefined) {
    for (const key of tags.keys()) if (key.startsWith(chunkPrefix)) return altered(`the tag \`${headTag}\` is missing`);
    return { refused: 'absent', problem: `the image has no tag \`${headTag}\`` };
  }
  const [, format, count = '', bytes = '', digest = ''] = headForm.exec(head) ?? [];
  if (format === undefined) return altered(`\`${headTag}\` is not of the form FORMAT:CHUNKS:BYTES:DIGEST`);
  if (format !== tagFormat) return altered(`the metadata is of format ${format}, which this polc does not know`);
  let encoded = '';
  for (let index = 0; index < Number(count); index++) {
    const chunk = tags.get(chunkTag(index));
    if (chunk === undefined) return altered(`the tag \`${chunkTag(index)}\` is missing`);
    encoded += chunk;
  }
  if (encoded.length > Number(count) * tagLimits.value) return altered('the chunks are longer than tags can be');
  for (const key of tags.keys()) {
    if (key.startsWith(chunkPrefix) && !isChunk(key, Number(count))) return altered(`the tag \`${key}\` is no chunk`);
    if (isLookalike(key)) return altered(`IAM takes the tag \`${key}\` for \`${key.toLowerCase()}\``);
  }
  if (sha256(`${format}:${count}:${bytes}:${encoded}`) !== digest) return altered('the digest is another');
  const deflated = fromBase64url(encoded);
  const text = deflated === undefined || Number(bytes) > mostBytes ? undefined : inflate(deflated, Number(bytes));
  if (text === undefined) return altered('the chunks hold no metadata');
  const reading = readMetadata(textOf(text));
  if ('problem' in reading) return altered(reading.problem);
  const wanted = new Map(readable(reading.metadata, sha256));
  for (const key of Object.values(readableTags)) {
    if (tags.get(key) !== wanted.get(key)) return altered(`\`${key}\` says something else than the metadata`);
  }
  return { metadata: reading.metadata, digest };
}

const headForm = /^([1-9]\d?):([1-9]\d?):([1-9]\d{0,6}):([0-9a-f]{64})$/;

function isChunk(key: string, count: number): boolean {
  const index = Number(key.slice(chunkPrefix.length)) - 1;
  return index >= 0 && index < count && key === chunkTag(index);
}

/** Conditions of IAM do not tell tags apart that differ in case alone; EC2 does. */
function isLookalike(key: string): boolean {
  const lower = key.toLowerCase();
  return lower.startsWith(tagPrefix) && lower !== key;
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return '';
  }
}

function altered(problem: string): TagReading {
  return { refused: 'altered', problem };
}
