import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { baseImage, baseImages, baseOfImages, findBase, nearestBase } from '../../compiler/tables/base-images.ts';
import { instanceType, instanceTypes, nearestInstanceType } from '../../compiler/tables/instance-types.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('instance-types');

/** The names that the AWS SDK was generated with, which is a list of EC2's own. */
function namesOfSdk(): ReadonlySet<string> {
  const folder = join(process.env.POLC_ROOT ?? '.', 'node_modules/@aws-sdk/client-ec2/dist-types/models');
  const text = readFileSync(join(folder, 'enums.d.ts'), 'utf8');
  const start = text.indexOf('const _InstanceType:');
  return new Set([...text.slice(start, text.indexOf('};', start)).matchAll(/"([^"]+)"/g)].map(([, name]) => name!));
}

test('the types are those that EC2 has', () => {
  const known = namesOfSdk();
  assert.ok(known.size > 1400);
  assert.equal(new Set([...instanceTypes()].map(({ name }) => name)), known);
});

test('processors, memory, architecture and GPUs are those of EC2', () => {
  const published = [
    ['t3.micro', 2, 1024, 'x86_64', 0],
    ['t4g.medium', 2, 4096, 'arm64', 0],
    ['a1.metal', 16, 32_768, 'arm64', 0],
    ['c7g.16xlarge', 64, 131_072, 'arm64', 0],
    ['m5.24xlarge', 96, 393_216, 'x86_64', 0],
    ['g5g.16xlarge', 64, 131_072, 'arm64', 2],
    ['p3.16xlarge', 64, 499_712, 'x86_64', 8],
  ] as const;
  for (const [name, cpus, memory, architecture, gpus] of published) {
    assert.equal(instanceType(name), { name, cpus, memory, architecture, gpus });
  }
  assert.is(instanceType('t3.gigantic'), undefined);
  assert.is(instanceType('constructor'), undefined);
  assert.equal(instanceType('m9g.large'), { name: 'm9g.large', architecture: 'arm64', gpus: 0 });
  assert.equal(instanceType('g7.2xlarge'), { name: 'g7.2xlarge', architecture: 'x86_64', gpus: 1 });
  // AWS names families of Graviton with a `g` behind their number; a1 was before that, Macs and Grace are others.
  for (const { name, architecture } of instanceTypes()) {
    const isGraviton = /^(a1|[a-z]+\d+g[a-z]*|mac2[a-z0-9-]*|mac-m\w+|[a-z]\d+e?-gb\d+)\./.test(name);
    assert.is(architecture === 'arm64', isGraviton, name);
  }
});

test('a misspelt type is one of its family', () => {
  assert.is(nearestInstanceType('t3.meduim'), 't3.medium');
  assert.is(nearestInstanceType('m5.2xlrage'), 'm5.2xlarge');
  assert.is(nearestInstanceType('t4.medium'), 't4g.medium');
  assert.is(nearestInstanceType('completely-else'), undefined);
});

test('a base image is found by its publisher, and images of one`s own by their place', () => {
  assert.equal(baseImage('ubuntu-22.04', 'eu-west-1', 'arm64'), {
    kind: 'parameter',
    name: '/aws/service/canonical/ubuntu/server/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id',
  });
  assert.equal(baseImage('ubuntu-24.04', 'eu-west-1', 'x86_64'), {
    kind: 'parameter',
    name: '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id',
  });
  assert.equal(baseImage('rocky-9', 'us-east-1', 'arm64'), {
    kind: 'search',
    owner: '792107900819',
    name: 'Rocky-9-EC2-Base-9.*.aarch64',
  });
  for (const { name } of baseImages()) {
    for (const architecture of ['x86_64', 'arm64'] as const) {
      const found = baseImage(name, 'us-east-1', architecture);
      assert.ok(found !== undefined && found.kind !== 'image' && !found.name.includes('%'), name);
    }
  }
  const own = baseOfImages([
    { region: 'us-west-2', architecture: 'x86_64', image: 'ami-0123456789abcdef1' },
    { region: 'us-east-1', architecture: 'arm64', image: 'ami-0123456789abcdef0' },
  ]);
  assert.is(own, 'us-east-1/arm64=ami-0123456789abcdef0 us-west-2/x86_64=ami-0123456789abcdef1');
  assert.equal(baseImage(own, 'us-west-2', 'x86_64'), { kind: 'image', id: 'ami-0123456789abcdef1' });
  assert.is(baseImage(own, 'us-west-2', 'arm64'), undefined);
  assert.is(findBase('rockylinux-9')?.name, 'rocky-9');
  assert.is(nearestBase('ubuntu-2404'), 'ubuntu-24.04');
});

run();
