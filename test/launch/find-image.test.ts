// Which image a launch takes, and why there is none.
import * as assert from 'uvu/assert';
import type { BuildImages } from '../../compiler/ir/obligation.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { failureProblem, findImage, type ImageAsked, isImageId } from '../../runtime/launch/find-image.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { suite } from '../support/harness.ts';
import { account, addImages, askedTemplate, builtImage, builtTags, region, trust } from '../support/launching.ts';

const { test, run } = suite('find-image');

function cloudWithImages() {
  const cloud = new FakeCloud();
  return { cloud, base: addImages(cloud) };
}

const images = askedTemplate().policy.obligations.find(
  (each): each is typeof each & BuildImages => each.kind === 'build-images',
);

function find(cloud: FakeCloud, asked: ImageAsked, where = region, architecture?: 'x86_64' | 'arm64') {
  return findImage(cloud, asked, { region: where, architecture }, trust, cloud.time);
}

const template = (): ImageAsked => {
  if (images === undefined) throw new Error('the template says nothing of images');
  return { template: 'python-ml', images };
};

test('a template has the image of its region and architecture, and elsewhere its base image', async () => {
  const { cloud } = cloudWithImages();
  const built = await find(cloud, template(), region, 'x86_64');
  assert.equal([built.kind, built.image?.id, built.problems], ['built', builtImage, []]);
  assert.is(built.carried?.metadata.source_template, 'python-ml');
  assert.is(built.carried?.verdict.signature, 'valid');
  const other = cloud.addBase(
    'eu-west-1',
    'x86_64',
    '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id',
  );
  const elsewhere = await find(cloud, template(), 'eu-west-1', 'x86_64');
  assert.equal([elsewhere.kind, elsewhere.image?.id, elsewhere.carried], ['base', other, undefined]);
  const arm = await find(cloud, template(), region, 'arm64');
  assert.equal([arm.kind, arm.image, arm.problems.length], ['base', undefined, 1], 'no base image for arm64 is there');
  const unknown = await find(cloud, template(), region);
  assert.equal(unknown.problems, ['the template has no image in us-west-2 for an unknown architecture']);
});

test('a base image is never taken for one that carries a policy, whatever its tags', async () => {
  const { cloud, base } = cloudWithImages();
  const tags = cloud.imageList.find(({ id }) => id === base)?.tags;
  for (const [name, value] of builtTags(base, { image: base, now: cloud.time })) tags?.set(name, value);
  if (images === undefined) throw new Error('the template says nothing of images');
  const found = await find(cloud, { template: 'python-ml', images: { ...images, built: [] } }, region, 'x86_64');
  assert.equal([found.kind, found.image?.id, found.carried], ['base', base, undefined]);
});

test('a name is that of one image of this account', async () => {
  const { cloud, base } = cloudWithImages();
  const baseName = cloud.imageList.find(({ id }) => id === base)?.name ?? '';
  assert.is((await find(cloud, { image: 'python-ml-1.0.0' })).image?.id, builtImage);
  for (const image of [baseName, 'python-ml-1', 'python-ml-*', 'python-ml-1.0.?', 'python-ml-1.0.0\\', '']) {
    const found = await find(cloud, { image });
    assert.equal([found.image, found.unknown], [undefined, true], image);
  }
  const [built] = cloud.imageList.filter(({ owner }) => owner === account);
  cloud.imageList.push({ ...built!, id: 'ami-0abc123def456789b' });
  const several = await find(cloud, { image: 'python-ml-1.0.0' });
  assert.equal(several.problems, ['there are several images `python-ml-1.0.0` in us-west-2: name one by its id']);
});

test('an id is one of 8 or 17 digits, and is of its region', async () => {
  const { cloud } = cloudWithImages();
  assert.ok(isImageId('ami-0abc1234') && isImageId(builtImage));
  for (const word of ['ami-', 'ami-0ABC1234', 'ami-0abc12345', 'xami-0abc1234', `${builtImage} `])
    assert.not(isImageId(word));
  const found = await find(cloud, { image: builtImage }, 'eu-west-1');
  assert.equal(
    [found.unknown, found.problems],
    [undefined, ['there is no image `ami-0abc123def456789a` in eu-west-1']],
  );
});

test('a call that fails is the problem, and anything else is thrown', async () => {
  const { cloud } = cloudWithImages();
  const failure = new AwsFailure('ec2:DescribeImages', 'RequestLimitExceeded', 'slow down', true);
  cloud.fault = () => ({ when: 'before', error: failure });
  for (const asked of [{ image: builtImage }, { image: 'a-name' }, template()]) {
    const found = await find(cloud, asked, region, 'x86_64');
    assert.is(found.failure, failure);
    assert.equal(found.problems, [failureProblem(failure)]);
    assert.is(found.unknown, undefined, 'nobody knows whether there is one');
  }
  cloud.fault = () => ({ when: 'before', error: new Error('a bug') });
  await find(cloud, { image: builtImage }).then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, 'a bug'),
  );
});

run();
