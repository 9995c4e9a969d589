// Reading what an image carries of its policy: the tags decoded and compared with themselves, and the ed25519 signature of
// their digest verified, as a launch does before it decides. Beside it the signature alone, and Node's zlib and JSON.parse,
// which check nothing.
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { nodeHost } from '../cli/host.ts';
import { readImageTags } from '../compiler/images/read-tags.ts';
import { headTag } from '../compiler/images/tag-names.ts';
import { imageTags } from '../compiler/images/write-tags.ts';
import { instanceTypes } from '../compiler/tables/instance-types.ts';
import { seedMetadata } from '../test/support/image-metadata.ts';
import { interleaved, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const { sha256 } = nodeHost;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const all = [...instanceTypes()].map(({ name }) => name).sort();
const many = all.filter(
  (_, index) => Math.floor((index * 770) / all.length) !== Math.floor(((index - 1) * 770) / all.length),
);

/** Microseconds a call, of so many. */
function each(times: number, work: () => unknown): number {
  const start = performance.now();
  for (let index = 0; index < times; index += 1) work();
  return ((performance.now() - start) * 1000) / times;
}

function measure(what: string, types: readonly string[] | undefined, target: number | undefined): readonly Row[] {
  const limits = { ...seedMetadata.resource_limits, ...(types === undefined ? {} : { max_instance_types: types }) };
  const metadata = { ...seedMetadata, resource_limits: limits };
  const tags = new Map(imageTags(metadata, sha256));
  const message = Buffer.from(`${tags.get(headTag)} ami-0123456789abcdef0 us-west-2 123456789012`);
  const signature = sign(null, message, privateKey);
  const read = () => {
    const reading = readImageTags(tags, sha256);
    if ('problem' in reading) throw new Error(reading.problem);
    return reading;
  };
  const signed = () => verify(null, message, publicKey, signature);
  const chunks = [...tags].filter(([key]) => key.startsWith('polc:metadata-')).sort();
  const unchecked = () =>
    JSON.parse(inflateRawSync(Buffer.from(chunks.map(([, value]) => value).join(''), 'base64url')).toString());
  const both = () => read() && signed();
  for (const work of [read, signed, unchecked, both]) warmUp(300, work);
  const [whole = 0, alone = 0, bare = 0, decoded = 0] = interleaved(
    15,
    [both, signed, unchecked, read].map((work) => () => each(500, work)),
  );
  console.log(`${what}: ${tags.size} tags`);
  return [
    { what, ours: whole, peer: { name: 'ed25519 alone', value: alone }, ...(target === undefined ? {} : { target }) },
    { what: '  without the signature', ours: decoded, peer: { name: 'zlib, JSON.parse', value: bare } },
  ];
}

printTable('verify and decode the tags of an image', 'us', [
  ...measure('four instance types', undefined, 150),
  ...measure('770 instance types', many, undefined),
]);
