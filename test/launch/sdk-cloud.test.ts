import { CreateImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { Cloud, InstanceRequest } from '../../runtime/launch/cloud.ts';
import { connectCloud } from '../../runtime/launch/sdk-cloud.ts';
import { suite } from '../support/harness.ts';
import { hasMoto, startMoto } from '../support/moto.ts';
import { type StrictEc2, startStrictEc2 } from '../support/strict-ec2.ts';

const { test, skip, run } = suite('launch sdk');

const region = 'eu-west-1';
const pace = { attempts: 4, first: 1 };

function useEndpoint(url: string, timeout = 20_000): Cloud {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'a-key-for-a-test',
  });
  return connectCloud({ timeout, attempts: 3, pace });
}

/** A port to a server that knows no mistake of ours by heart. */
async function withStrict(use: (ec2: StrictEc2, cloud: Cloud) => Promise<void>): Promise<void> {
  const ec2 = await startStrictEc2();
  try {
    await use(ec2, useEndpoint(ec2.url));
  } finally {
    await ec2.close();
  }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AwsFailure) return error.code;
    throw error;
  }
  return 'ok';
}

const request = (image: string, changes: Partial<InstanceRequest> = {}): InstanceRequest => ({
  image,
  instanceType: 't3.medium',
  tags: [['Name', 'homework']],
  clientToken: 'homework-1',
  ...changes,
});

test('an instance is started once for each client token, and found by its tag until it is terminated', () =>
  withStrict(async (ec2, cloud) => {
    const image = ec2.addImage({ furtherDevices: ['/dev/sdf'], encrypted: false, tags: new Map([['a*', 'b?']]) });
    const found = await cloud.image(region, image.id);
    assert.is(found?.encrypted, false);
    assert.equal(found?.furtherDevices, ['/dev/sdf']);
    assert.is(found?.tags.get('a*'), 'b?');
    const instance = request(image.id, {
      encrypted: true,
      rootDevice: '/dev/sda1',
      rootSize: 20,
      furtherDevices: ['/dev/sdf'],
      userData: '#!/bin/sh\necho ü\n',
    });
    const first = await cloud.runInstance(region, instance, false);
    const second = await cloud.runInstance(region, instance, false);
    assert.is(first?.id, second?.id);
    assert.is(ec2.instances.size, 1);
    assert.is([...ec2.instances.values()][0]?.userData, '#!/bin/sh\necho ü\n');
    assert.equal(
      [...ec2.volumes.values()].map(({ device, size, encrypted }) => [device, size, encrypted]),
      [
        ['/dev/sda1', 20, true],
        ['/dev/sdf', 8, true],
      ],
    );
    assert.is(
      await codeOf(cloud.runInstance(region, { ...instance, rootSize: 30 }, false)),
      'IdempotentParameterMismatch',
    );
    assert.is((await cloud.instances(region, ['Name', 'homework'])).length, 1);
    assert.equal(await cloud.instances(region, ['Name', 'homewor*']), []);
    assert.equal(await cloud.instances('us-east-1', ['Name', 'homework']), []);
    assert.is((await cloud.volumes(region, ['Name', 'homework'])).length, 2);
    await cloud.terminateInstance(region, first?.id ?? '');
    await cloud.terminateInstance(region, first?.id ?? '');
    assert.equal(await cloud.instances(region, ['Name', 'homework']), []);
    assert.is(ec2.volumes.size, 0);
  }));

test('a dry run starts nothing, and rejects with what AWS would refuse', () =>
  withStrict(async (ec2, cloud) => {
    const { id } = ec2.addImage();
    assert.is(await cloud.runInstance(region, request(id), true), undefined);
    assert.is(ec2.instances.size, 0);
    const refused: readonly (readonly [string, Partial<InstanceRequest>])[] = [
      ['InvalidParameterValue', { instanceType: 't3.meduim' }],
      ['InvalidParameterValue', { instanceType: 't4g.medium' }],
      ['InvalidParameterValue', { tags: [['AWS:x', 'y']] }],
      ['InvalidParameterValue', { tags: [['k'.repeat(129), 'y']] }],
      ['InvalidParameterValue', { tags: [['k', 'y'.repeat(257)]] }],
      ['TagLimitExceeded', { tags: Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'] as const) }],
      ['InvalidParameterValue', { userData: 'x'.repeat(16_385) }],
      ['InvalidKeyPair.NotFound', { keyPair: 'mine' }],
      ['InvalidAMIID.NotFound', { image: 'ami-0123456789abcdef0' }],
      ['InvalidAMIID.Malformed', { image: 'ami-xyz' }],
    ];
    for (const [code, changes] of refused) {
      assert.is(await codeOf(cloud.runInstance(region, request(id, changes), true)), code, JSON.stringify(changes));
    }
    assert.is(await codeOf(cloud.runInstance('us-east-1', request(id), true)), 'InvalidAMIID.NotFound');
    ec2.settings.denies = (action) => action === 'ec2:RunInstances';
    assert.is(await codeOf(cloud.runInstance(region, request(id), true)), 'UnauthorizedOperation');
    assert.is(ec2.instances.size, 0);
  }));

test('an image is made of an instance, copied to another region, and taken away before its snapshots', () =>
  withStrict(async (ec2, cloud) => {
    ec2.settings.pendingDescribes = 1;
    const { id } = ec2.addImage();
    const instance = await cloud.runInstance(region, request(id), false);
    const running = instance?.id ?? '';
    assert.is(
      await codeOf(cloud.createImage(region, running, { name: 'made', tags: [['of', '1']] })),
      'IncorrectInstanceState',
    );
    await cloud.instances(region, ['Name', 'homework']);
    await cloud.stopInstance(region, running);
    await cloud.instances(region, ['Name', 'homework']);
    assert.is(await codeOf(cloud.createImage(region, running, { name: 'a:b', tags: [] })), 'InvalidAMIName.Malformed');
    const made = await cloud.createImage(region, running, { name: 'made', tags: [['of', '1']] });
    assert.is((await cloud.image(region, made))?.state, 'pending');
    assert.is(
      await codeOf(cloud.copyImage('us-east-1', { region, image: made }, { name: 'made', tags: [] })),
      'InvalidAMIID.Unavailable',
    );
    assert.is((await cloud.image(region, made))?.state, 'available');
    const copy = { name: 'made', tags: [['of', '1']] as const, encrypted: true, clientToken: 'copy-1' };
    const copied = await cloud.copyImage('us-east-1', { region, image: made }, copy);
    assert.is(await cloud.copyImage('us-east-1', { region, image: made }, copy), copied);
    assert.equal(
      (await cloud.images('us-east-1', { owner: 'self', tag: ['of', '1'] })).map((each) => each.id),
      [copied],
    );
    await cloud.tag('us-east-1', [copied], [['polc:signature', 'x']]);
    assert.is((await cloud.image('us-east-1', copied))?.tags.get('polc:signature'), 'x');
    const [snapshot = ''] = await cloud.snapshots(region, ['of', '1']);
    assert.is(await codeOf(cloud.deleteSnapshot(region, snapshot)), 'InvalidSnapshot.InUse');
    await cloud.deregisterImage(region, made);
    await cloud.deregisterImage(region, made);
    assert.is(await cloud.image(region, made), undefined);
    await cloud.deleteSnapshot(region, snapshot);
    await cloud.deleteSnapshot(region, snapshot);
    assert.equal(await cloud.snapshots(region, ['of', '1']), []);
    await cloud.deleteVolume(region, 'vol-0123456789abcdef0');
  }));

test('a script is not started twice where the reply was lost', () =>
  withStrict(async (ec2, cloud) => {
    const { id } = ec2.addImage();
    const instance = (await cloud.runInstance(region, request(id), false))?.id ?? '';
    assert.is(await cloud.runScript(region, instance, 'echo'), undefined);
    await cloud.instances(region, ['Name', 'homework']);
    ec2.settings.script = (script) => ({ success: script === 'echo', output: `ran ${script}` });
    ec2.settings.pendingCommands = 1;
    ec2.faults.push({ at: 2, action: 'ssm:SendCommand', kind: 'throttle', code: 'ThrottlingException', status: 400 });
    const command = (await cloud.runScript(region, instance, 'echo')) ?? '';
    assert.equal(await cloud.scriptResult(region, instance, command), { status: 'pending', output: '' });
    assert.equal(await cloud.scriptResult(region, instance, command), { status: 'success', output: 'ran echo' });
    assert.is((await cloud.scriptResult(region, instance, 'another')).status, 'pending');
    ec2.faults.push({ at: 4, action: 'ssm:SendCommand', kind: 'lost' });
    assert.is(await codeOf(cloud.runScript(region, instance, 'false')), 'Unreachable');
    assert.is(ec2.commands.size, 2);
  }));

test('what passes is tried again, and what does not is said with its code', () =>
  withStrict(async (ec2, cloud) => {
    const { id } = ec2.addImage();
    ec2.faults.push({ at: 1, kind: 'throttle' }, { at: 3, kind: 'lost' }, { at: 5, kind: 'reset' });
    assert.is((await cloud.image(region, id))?.id, id);
    assert.is((await cloud.runInstance(region, request(id), false))?.state, 'pending');
    assert.is(ec2.instances.size, 1);
    assert.is(await codeOf(cloud.image(region, id)), 'ok');
    ec2.faults.push({ at: 1, kind: 'error', times: Number.POSITIVE_INFINITY, code: 'Unavailable', status: 503 });
    assert.is(await codeOf(cloud.image(region, id)), 'Unavailable');
    ec2.faults.splice(0);
    assert.is(await codeOf(cloud.image('eu-north-1', id)), 'AuthFailure');
    assert.is(await cloud.parameter(region, '/aws/service/x'), undefined);
    ec2.parameters.set(`${region} /aws/service/x`, id);
    assert.is(await cloud.parameter(region, '/aws/service/x'), id);
  }));

test('a call that is not answered ends', () =>
  withStrict(async (ec2) => {
    ec2.faults.push({ at: 1, kind: 'hang', times: 10 });
    const cloud = connectCloud({ timeout: 100, attempts: 2 });
    assert.is(await codeOf(cloud.image(region, 'ami-0123456789abcdef0')), 'Unreachable');
  }));

if (!hasMoto()) skip('the port with moto', 'this machine has no moto_server');
else {
  test('the port with moto', async () => {
    const moto = await startMoto();
    try {
      const cloud = useEndpoint(moto.url, 20_000);
      const [any] = await cloud.images(region, { owner: 'amazon', architecture: 'x86_64' });
      const image = any?.id ?? '';
      assert.match(image, /^ami-/);
      assert.is((await cloud.image(region, image))?.id, image);
      assert.is(await cloud.image(region, 'ami-0123456789abcdef0'), undefined);
      assert.is(await cloud.runInstance(region, request(image), true), undefined);
      const instance = (await cloud.runInstance(region, request(image), false))?.id ?? '';
      assert.equal(
        (await cloud.instances(region, ['Name', 'homework'])).map(({ id }) => id),
        [instance],
      );
      // moto takes no tags of snapshots in CreateImage, without which polc makes none.
      const client = new EC2Client({ region });
      const made = (await client.send(new CreateImageCommand({ InstanceId: instance, Name: 'made' }))).ImageId ?? '';
      await cloud.tag(region, [made], [['of', '1']]);
      assert.equal(
        (await cloud.images(region, { owner: 'self', tag: ['of', '1'] })).map(({ id }) => id),
        [made],
      );
      await cloud.deregisterImage(region, made);
      assert.is((await cloud.image(region, made))?.state ?? 'deregistered', 'deregistered');
      await cloud.stopInstance(region, instance);
      await cloud.terminateInstance(region, instance);
      assert.equal(await cloud.instances(region, ['Name', 'homework']), []);
      assert.match(
        (await cloud.parameter(region, '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64')) ?? '',
        /^ami-/,
      );
    } finally {
      await moto.close();
    }
  });
}

run();
