import * as assert from 'uvu/assert';
import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { scanTag } from '../../compiler/images/tag-names.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { baseInRegion, baseOutdated, imageAge } from '../../runtime/launch/ageing.ts';
import type { Cloud, CloudImage } from '../../runtime/launch/cloud.ts';
import { ageingOf, rebuildReasons } from '../../runtime/launch/rebuild.ts';
import { signScan } from '../../runtime/launch/scan/scan-tag.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';

const { test, run } = suite('ageing');

const day = 86_400_000;
const now = Date.parse('2026-11-23T12:00:00Z');

test('an image is as old as its build, also where it was copied since', () => {
  const ages = [
    imageAge({ madeAt: now - 3 * day }, undefined, now),
    imageAge({ madeAt: now - 3 * day }, { compiled_at: '2026-10-24T12:00:00Z' }, now),
    imageAge({ madeAt: now - 30 * day }, { compiled_at: '2026-11-22T12:00:00Z' }, now),
    imageAge({}, { compiled_at: '2026-11-22T00:00:00Z' }, now),
    imageAge({ madeAt: now + 1000 }, undefined, now),
  ];
  assert.equal(ages, [3, 30, 30, 1.5, 0]);
});

test('an age that a clock that jumped back, or nobody, tells is not known', () => {
  assert.is(imageAge({}, {}, now), undefined);
  assert.is(imageAge({ madeAt: now + day }, undefined, now), undefined);
  assert.is(imageAge({ madeAt: now - day }, { compiled_at: '2026-11-24T12:00:00Z' }, now), undefined);
  assert.is(imageAge({ madeAt: now - day }, { compiled_at: 'yesterday' }, now), undefined);
  assert.is(imageAge({ madeAt: Number.NaN }, undefined, now), undefined);
});

const ubuntu = '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id';
const built: Pick<ImageMetadata, 'architecture' | 'base' | 'base_image' | 'compiled_at'> = {
  architecture: 'x86_64',
  base: 'ubuntu-22.04',
  base_image: 'ami-0aaaaaaaaaaaaaaaa',
  compiled_at: '2026-11-20T12:00:00Z',
};
const { compiled_at: _, ...undated } = built;
const old = image(built.base_image ?? '', { madeAt: now - 10 * day });

test('a base image is outdated once its publisher has a newer one', async () => {
  const newer = image('ami-0bbbbbbbbbbbbbbbb', { madeAt: now - day });
  const older = image('ami-0cccccccccccccccc', { madeAt: now - 20 * day });
  const asked = (newest: CloudImage, metadata = built, ...others: CloudImage[]) => {
    return baseOutdated(cloudOf([newest, ...others], newest.id), 'eu-west-1', metadata);
  };
  assert.is(await asked(old), false);
  assert.is(await asked(newer, built, old), true);
  // The one that it was built from is gone.
  assert.is(await asked(newer), true);
  assert.is(await asked(newer, undated), undefined);
  assert.is(await asked(newer, undated, old), true);
  // Withdrawn by the publisher: what stands now is older.
  assert.is(await asked(older, built, old), false);
  assert.is(await asked(older), undefined);
  assert.is(await asked({ ...newer, state: 'pending' }, built, old), undefined);
});

test('images of a search are outdated by the newest one', async () => {
  const debian = { ...undated, base: 'debian-12' };
  const others = [image('ami-0bbbbbbbbbbbbbbbb', { madeAt: now - day, name: 'debian-12-amd64-20261122' })];
  assert.is(await baseOutdated(cloudOf([old, ...others], ''), 'eu-west-1', debian), true);
  assert.is(await baseOutdated(cloudOf([old], ''), 'eu-west-1', debian), undefined);
});

test('without a base image or a series of them nothing is outdated, or nothing is known', async () => {
  const cloud = cloudOf([old], old.id);
  const { base: _base, ...byId } = built;
  const { base_image: _image, ...unsaid } = built;
  assert.is(await baseOutdated(cloud, 'eu-west-1', byId), false);
  assert.is(await baseOutdated(cloud, 'eu-west-1', unsaid), undefined);
  assert.is(await baseOutdated(cloud, 'eu-west-1', { ...built, base: 'plan9' }), undefined);
  assert.is(await baseOutdated(cloudOf([old], undefined), 'eu-west-1', built), undefined);
});

test('a call that fails says so', async () => {
  const failing: Pick<Cloud, 'image' | 'images' | 'parameter'> = {
    ...cloudOf([], ''),
    parameter: () => Promise.reject(new AwsFailure('ssm:GetParameter', 'AccessDenied', 'no', false)),
  };
  const said = await baseOutdated(failing, 'eu-west-1', built).catch((error: unknown) => error);
  assert.ok(said instanceof AwsFailure);
});

test('the copy of a base image in another region is the one of its name and owner', async () => {
  const there = image('ami-0dddddddddddddddd', {});
  const from = { region: 'eu-west-1', image: old.id };
  const asked = (copies: readonly CloudImage[], original = old) => {
    const cloud: Pick<Cloud, 'image' | 'images'> = {
      image: async (region, id) => (region === 'eu-west-1' && id === original.id ? original : undefined),
      images: async (region, { owner, name }) =>
        region === 'us-east-1' ? copies.filter((copy) => copy.owner === owner && copy.name === name) : [],
    };
    return baseInRegion(cloud, from, 'us-east-1');
  };
  assert.is(
    await asked([there, image('ami-1', { owner: '000000000000' }), image('ami-2', { name: 'other' })]),
    there.id,
  );
  assert.is(await asked([]), undefined);
  assert.is(await asked([there, image('ami-0eeeeeeeeeeeeeeee', {})]), undefined);
  assert.is(await asked([{ ...there, architecture: 'arm64' }]), undefined);
  assert.is(await asked([{ ...there, name: '*' }], { ...old, name: '*' }), undefined);
  assert.is(await baseInRegion(cloudOf([], ''), from, 'eu-west-1'), old.id);
});

test('an image should be built again where it is too old, its base is, or its scan failed', async () => {
  const key = makeKey('univ-it');
  const trust = trusting(key);
  const newest = image('ami-0bbbbbbbbbbbbbbbb', { madeAt: now - day });
  const metadata: ImageMetadata = { ...built, source_template: 'python', template_version: '1', cost_estimates: {} };
  const counts = { critical: 2, high: 0, medium: 0, low: 1, none: 0, unknown: 0 };
  const asked = async (verdict: 'passed' | 'failed', signer = key, newestBase = true) => {
    const place = { image: 'ami-0fffffffffffffff0', region: 'eu-west-1', owner: '123456789012' };
    const tag = signScan({ verdict, failOn: 'high', counts, digest: 'A'.repeat(43) }, place, signer, now) ?? '';
    const own = image(place.image, { owner: place.owner, madeAt: now - 4 * day, tags: new Map([[scanTag, tag]]) });
    const cloud = cloudOf([old, newest], newest.id);
    return ageingOf(cloud, { region: place.region, image: own, metadata }, { newestBase }, trust, now);
  };
  const failed = await asked('failed');
  assert.equal(failed.facts, { imageAge: 4, baseOutdated: true, scan: 'failed' });
  assert.equal(rebuildReasons(failed, { maxAgeDays: 3 }), [
    'it is 4 days old, and may be 3',
    'there is a newer base image',
    'its last scan failed: 2 critical, 1 low',
  ]);
  const passed = await asked('passed', key, false);
  assert.equal(passed.facts, { imageAge: 4, scan: 'passed' });
  assert.equal(rebuildReasons(passed, { maxAgeDays: 4, passedScan: true }), []);
  const forged = await asked('passed', makeKey('univ-it'), false);
  assert.equal(forged.facts, { imageAge: 4 });
  assert.equal(rebuildReasons(forged), []);
  assert.match(rebuildReasons(forged, { passedScan: true }).join(), /does not count/);
  const never = { facts: {}, scan: { scan: 'absent' } } as const;
  assert.equal(rebuildReasons(never, { maxAgeDays: 9, passedScan: true }), [
    'its age is not known, and may be 9',
    'it was never scanned',
  ]);
});

function image(id: string, more: Partial<CloudImage>): CloudImage {
  return {
    id,
    name: 'ubuntu-jammy-20261113',
    owner: '099720109477',
    architecture: 'x86_64',
    state: 'available',
    tags: new Map(),
    encrypted: false,
    snapshots: [],
    ...more,
  };
}

function cloudOf(
  images: readonly CloudImage[],
  parameter: string | undefined,
): Pick<Cloud, 'image' | 'images' | 'parameter'> {
  return {
    image: async (_, id) => images.find((each) => each.id === id),
    images: async (_, { name = '' }) => {
      const start = name.slice(0, name.indexOf('*'));
      return images.filter((each) => start !== '' && each.name.startsWith(start));
    },
    parameter: async (_, name) => (name === ubuntu ? parameter : undefined),
  };
}

run();
