import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { canonicalJson } from '../../compiler/images/canonical-json.ts';
import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { metadataText } from '../../compiler/images/metadata-text.ts';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { chunkTag, headTag, readableTags, readableValue } from '../../compiler/images/tag-names.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import { instanceTypes } from '../../compiler/tables/instance-types.ts';
import { suite } from '../support/harness.ts';
import { seedMetadata } from '../support/image-metadata.ts';

const { test, run } = suite('image-tags');

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

const types = [...instanceTypes()].map(({ name }) => name).sort();
/** More than are written as a list, among them names that objects and patterns treat in their own way. */
const unusual = [...types.slice(0, 60), '__proto__.large', 'm5.*', 'none'].sort();
const word = fc.string({ unit: 'grapheme', maxLength: 20 });
const words = (most: number) => fc.uniqueArray(word, { maxLength: most }).map((each) => [...each].sort());

const anyMetadata: fc.Arbitrary<ImageMetadata> = fc.record(
  {
    source_template: word,
    template_version: fc.string({ unit: 'grapheme', maxLength: 300 }),
    architecture: fc.constantFrom('x86_64', 'arm64'),
    base: word,
    base_image: fc.constant('ami-0123456789abcdef0'),
    compilation_id: word,
    compiled_at: fc.constant('2026-11-23T07:45:00Z'),
    allowed_profiles: words(4),
    cost_estimates: fc.dictionary(word, fc.double({ min: 0, max: 1e6, noNaN: true }), { noNullPrototype: true }),
    resource_limits: fc.record(
      {
        max_instance_types: fc.oneof(words(4), fc.subarray(types), fc.subarray(unusual)),
        forbidden_regions: words(4),
        max_hourly_cost: fc.double({ min: 0, max: 1e6, noNaN: true }),
        required_tags: words(4),
      },
      { requiredKeys: [] },
    ),
    data_classification: fc.constantFrom('public', 'internal', 'confidential', 'restricted'),
    compliance_frameworks: words(3),
    data_handling: words(3),
    approval_required: fc.constant(true as const),
    encrypted_storage: fc.constant(true as const),
    instance_defaults: fc.record(
      { type: word, ports: fc.array(fc.nat(65_535), { maxLength: 3 }), root_volume_gb: fc.nat(1000) },
      { requiredKeys: [] },
    ),
    rules: fc.array(
      fc.record({
        step: fc.constantFrom('source', 'compliance'),
        denied: fc.bigInt(0n, 3n).map((value) => ({
          kind: 'compare' as const,
          operator: '<' as const,
          left: { kind: 'attribute' as const, name: 'clearance' },
          right: { kind: 'literal' as const, value },
        })),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['source_template', 'template_version', 'architecture', 'cost_estimates'] },
);

/** Every field by its value, whatever the order of keys. */
const plain = (value: unknown) =>
  JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`;
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([left], [right]) => (left < right ? -1 : 1)));
  });

test('what is read is what was written, in tags that EC2 takes', () => {
  fc.assert(
    fc.property(anyMetadata, (metadata) => {
      const tags = imageTags(metadata, sha256)!;
      for (const [key, value] of tags) {
        assert.ok(key.length <= 128 && value.length <= 256, key);
        assert.match(`${key}${value}`, /^[A-Za-z0-9 +\-=._:/@]*$/);
      }
      const reading = readImageTags(new Map(tags), sha256);
      assert.ok('metadata' in reading, 'problem' in reading ? reading.problem : '');
      assert.is(plain(reading.metadata), plain(metadata));
    }),
  );
});

test("Node's zlib and base64url read the chunks, and what they write is read", () => {
  fc.assert(
    fc.property(anyMetadata, (metadata) => {
      const tags = new Map(imageTags(metadata, sha256)!);
      const [format, count, bytes] = tags.get(headTag)!.split(':');
      const chunks = Array.from({ length: Number(count) }, (_, index) => tags.get(chunkTag(index))!);
      const json = inflateRawSync(Buffer.from(chunks.join(''), 'base64url'));
      assert.is(json.toString(), metadataText(metadata));
      assert.is(json.length, Number(bytes));
      const theirs = deflateRawSync(json).toString('base64url');
      const cut = theirs.match(/.{1,256}/g)!;
      const head = `${format}:${cut.length}:${bytes}:`;
      for (const key of tags.keys()) if (key.startsWith(headTag)) tags.delete(key);
      tags.set(headTag, head + sha256(head + theirs));
      for (const [index, chunk] of cut.entries()) tags.set(chunkTag(index), chunk);
      const reading = readImageTags(tags, sha256);
      assert.ok('metadata' in reading && plain(reading.metadata) === plain(metadata));
    }),
    { numRuns: 50 },
  );
});

test('every change of a single character is refused', () => {
  const tags = imageTags(seedMetadata, sha256)!;
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ =:./\u0000é'];
  let changes = 0;
  const refuse = (index: number, key: string, value: string) => {
    const changed = new Map([...tags.slice(0, index), [key, value], ...tags.slice(index + 1)]);
    const reading = readImageTags(changed, sha256);
    assert.ok(
      'refused' in reading && reading.refused === (key === tags[index]![0] ? 'altered' : reading.refused),
      `${key} ${value}`,
    );
    changes += 1;
  };
  tags.forEach(([key, value], index) => {
    for (let at = 0; at <= value.length; at += 1) {
      for (const other of alphabet) {
        if (value[at] !== other && at < value.length)
          refuse(index, key, value.slice(0, at) + other + value.slice(at + 1));
      }
      refuse(index, key, `${value.slice(0, at)}A${value.slice(at)}`.replace(value, `${value}B`));
      if (at < value.length) refuse(index, key, value.slice(0, at) + value.slice(at + 1));
    }
    for (let at = 0; at < key.length; at += 1) refuse(index, `${key.slice(0, at)}~${key.slice(at + 1)}`, value);
  });
  assert.ok(changes > 40_000, String(changes));
});

test('a chunk that is missing, added or in another place is refused', () => {
  const tags = imageTags({ ...seedMetadata, resource_limits: { max_instance_types: types } }, sha256)!;
  const chunks = tags.filter(([key]) => key.startsWith('polc:metadata-'));
  assert.ok(chunks.length > 5);
  const altered = (changed: ReadonlyMap<string, string>) => {
    const reading = readImageTags(changed, sha256);
    assert.ok('refused' in reading && reading.refused === 'altered');
  };
  for (const [key, value] of chunks) {
    altered(new Map(tags.filter(([each]) => each !== key)));
    for (const [other, second] of chunks) {
      if (other !== key) altered(new Map([...tags, [key, second], [other, value]]));
    }
  }
  altered(new Map([...tags, [chunkTag(chunks.length), 'AAAA']]));
  altered(new Map([...tags, ['polc:metadata-1', 'AAAA']]));
  altered(new Map([...tags, ['Polc:template', 'other']]));
  altered(new Map([...tags, ['polc:Metadata-01', 'AAAA']]));
  altered(new Map(tags.filter(([key]) => key !== headTag)));
  for (const key of Object.values(readableTags)) altered(new Map(tags.filter(([each]) => each !== key)));
  assert.is(Object.hasOwn(readImageTags(new Map([['Name', 'x']]), sha256), 'metadata'), false);
});

/** Tags whose digest is right, around any bytes. */
function sealed(deflated: Uint8Array, bytes: number): ReadonlyMap<string, string> {
  const encoded = Buffer.from(deflated).toString('base64url');
  const chunks = encoded.match(/.{1,256}/g) ?? [''];
  const head = `1:${chunks.length}:${bytes}:`;
  return new Map([
    [headTag, head + sha256(head + encoded)],
    ...chunks.map((chunk, index) => [chunkTag(index), chunk] as const),
  ]);
}

test('whoever can compute a digest is read strictly all the same', () => {
  const refused = (text: string, problem: RegExp, bytes = Buffer.byteLength(text)) => {
    const reading = readImageTags(sealed(deflateRawSync(text), bytes), sha256);
    assert.ok('refused' in reading, text);
    assert.match(reading.problem, problem);
  };
  const good = metadataText(seedMetadata)!;
  refused(good, /hold no metadata/, good.length - 1);
  refused(good, /hold no metadata/, good.length + 1);
  refused('{', /no JSON/);
  refused(` ${good}`, /no canonical JSON/);
  refused(good.replace('{', '{"architecture":"arm64",'), /no canonical JSON/);
  refused(canonicalJson({ ...JSON.parse(good), surprise: 1 })!, /the key `surprise`/);
  refused(canonicalJson({ ...JSON.parse(good), approval_required: false })!, /another value than true/);
  refused(canonicalJson({ ...JSON.parse(good), architecture: 'riscv64' })!, /unknown value/);
  refused(canonicalJson({ ...JSON.parse(good), cost_estimates: { arm64: -1 } })!, /no amount/);
  refused(canonicalJson({ ...JSON.parse(good), source_template: 'other' })!, /says something else/);
  refused('a'.repeat(2_000_000), /hold no metadata/);
  refused('a'.repeat(2_000_000), /hold no metadata/, 100);
  // A few tags hold so many brackets, and the stack does not.
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  for (const levels of [1_000, 200_000]) refused(nested(levels), /nested too deeply/);
  refused(`${good.slice(0, -1)},"rules":${nested(300)}}`, /nested too deeply/);
  refused(`{"${'[\\"'.repeat(1_000)}":1}`, /the key/);
});

test('no tags make the reader throw', () => {
  const key = fc.oneof(fc.constantFrom(headTag, chunkTag(0), chunkTag(1), 'polc:template'), fc.string());
  const value = fc.oneof(fc.string(), fc.constantFrom('1:1:10:', `1:1:4:${'0'.repeat(64)}`));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (tags) => {
      assert.ok('refused' in readImageTags(new Map(tags), sha256));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (bytes, length) => {
      assert.ok('refused' in readImageTags(sealed(bytes, length), sha256));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.json({ maxDepth: 2 }), (json) => {
      assert.ok('refused' in readImageTags(sealed(deflateRawSync(json), Buffer.byteLength(json)), sha256));
    }),
  );
});

test('the seed is in two chunks, and 770 instance types are in at most 13 tags with those that people read', () => {
  assert.is(imageTags(seedMetadata, sha256)!.filter(([key]) => key.startsWith('polc:metadata-')).length, 2);
  fc.assert(
    fc.property(fc.shuffledSubarray(types, { minLength: 770, maxLength: 770 }), (chosen) => {
      const limits = { ...seedMetadata.resource_limits, max_instance_types: [...chosen].sort() };
      const tags = imageTags({ ...seedMetadata, resource_limits: limits }, sha256)!;
      const carrying = tags.filter(([key]) => key.startsWith('polc:metadata'));
      assert.ok(carrying.length <= 11, String(carrying.length));
      assert.ok(tags.length <= 15);
    }),
    { numRuns: 30 },
  );
});

test('no two texts have one readable value, and none is too long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
      assert.is(readableValue(left, sha256) === readableValue(right, sha256), left === right);
    }),
  );
  assert.is(readableValue('Molekül (2)=', sha256), 'Molek=C3=BCl =282=29=3D');
  const long = readableValue('x'.repeat(400), sha256);
  assert.is(long.length, 256);
  assert.is.not(long, readableValue('x'.repeat(401), sha256));
});

run();
