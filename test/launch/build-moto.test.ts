// A compilation through the real SDK against moto's EC2 and SSM, which others wrote. Its builders run nothing, so what they
// would say of their scripts is put in; everything else is moto's answer. Its images are never encrypted.
import * as assert from 'uvu/assert';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { openCompilation, writePlan } from '../../runtime/launch/build/compilations.ts';
import { compilationTag } from '../../runtime/launch/build/plan.ts';
import { runBuild } from '../../runtime/launch/build/run-build.ts';
import { type BuildWorld, slots, usualTimes } from '../../runtime/launch/build/world.ts';
import type { Cloud } from '../../runtime/launch/cloud.ts';
import { connectCloud } from '../../runtime/launch/sdk-cloud.ts';
import { verifyImage } from '../../runtime/signing/image.ts';
import { abandon, place, planOf, script, sha256, signing } from '../support/builds.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';
import { hasMoto, startMoto } from '../support/moto.ts';

const { test, skip, run } = suite('build-moto');

class ProcessGone extends Error {}

const key = makeKey('univ-it-2026');
const trust = trusting(key);

/** moto, except for what runs on builders. `gone` ends the process after so many calls that change something. */
function motoCloud(real: Cloud, gone = Number.POSITIVE_INFINITY): Cloud {
  let changes = 0;
  const changing = async <T>(call: () => Promise<T>): Promise<T> => {
    if (changes > gone) throw new ProcessGone();
    const value = await call();
    changes += 1;
    if (changes > gone) throw new ProcessGone();
    return value;
  };
  return {
    image: (...given) => real.image(...given),
    images: (...given) => real.images(...given),
    parameter: (...given) => real.parameter(...given),
    instances: (...given) => real.instances(...given),
    snapshots: (...given) => real.snapshots(...given),
    volumes: (...given) => real.volumes(...given),
    // moto has no instance profile of the name, and looks for it; it takes no client token for a repetition.
    runInstance: (region, { instanceProfile: _, ...instance }, dryRun) =>
      changing(() => real.runInstance(region, instance, dryRun)),
    stopInstance: (...given) => changing(() => real.stopInstance(...given)),
    terminateInstance: (...given) => changing(() => real.terminateInstance(...given)),
    // moto tags no snapshots with an image, and copies without their tags.
    createImage: (region, instance, { name, tags }) =>
      changing(async () => {
        const sdk = await import('@aws-sdk/client-ec2');
        const client = new sdk.EC2Client({ region });
        const Tags = tags.map(([Key, Value]) => ({ Key, Value }));
        const input = {
          InstanceId: instance,
          Name: name,
          TagSpecifications: [{ ResourceType: 'image' as const, Tags }],
        };
        const { ImageId = '' } = await client.send(new sdk.CreateImageCommand(input));
        client.destroy();
        return ImageId;
      }),
    copyImage: (region, from, copy) =>
      changing(async () => {
        const id = await real.copyImage(region, from, copy);
        await real.tag(region, [id], copy.tags);
        return id;
      }),
    deregisterImage: (...given) => changing(() => real.deregisterImage(...given)),
    tag: (...given) => changing(() => real.tag(...given)),
    deleteSnapshot: (...given) => changing(() => real.deleteSnapshot(...given)),
    deleteVolume: (...given) => changing(() => real.deleteVolume(...given)),
    runScript: async () => 'command',
    scriptResult: async () => {
      const stages = [...script.matchAll(/^polc_stage (.*)$/gm)].map(([, stage]) => stage);
      return { status: 'success', output: `${stages.join('\n')}\nend 0 true\n-- polc --\nstatus: done\n-- polc --\n` };
    },
  };
}

function worldWith(cloud: Cloud): BuildWorld {
  return {
    cloud,
    now: Date.now,
    elapsed: () => performance.now(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    sha256,
    slot: slots(4),
    times: { ...usualTimes, poll: 20, settle: 50 },
    ...signing(key),
  };
}

if (hasMoto()) {
  test('a compilation is built, copied and signed, resumed and abandoned', async () => {
    const moto = await startMoto();
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_REGION: 'us-west-2',
    });
    try {
      const real = connectCloud();
      const name = 'amzn2-ami-hvm-*';
      const [base] = await real.images('us-west-2', { owner: '137112412989', name });
      if (base === undefined) throw new Error('moto has no image to begin with');
      const own = { kind: 'image', id: base.id } as const;
      const places = [
        place('us-west-2', 'x86_64', { base: own }),
        place('eu-west-1', 'x86_64', { base: own, copyFrom: 'us-west-2' }),
      ];
      for (const gone of [Number.POSITIVE_INFINITY, 0, 2, 4]) {
        for (const end of ['resume', 'abandon'] as const) {
          const id = `python-ml-20261124t093000-0000${end === 'resume' ? '0' : '1'}00${Number.isFinite(gone) ? gone : 9}`;
          const plan = planOf(places, { id, signWith: key.keyId, name: `python-ml-${gone}` });
          await withFolder(async (folder) => {
            writePlan(folder, plan, Date.now());
            const open = (cloud: Cloud) => {
              const opened = openCompilation(folder, id, worldWith(cloud));
              if (typeof opened === 'string') throw new Error(opened);
              return opened;
            };
            const first = open(motoCloud(real, gone));
            await runBuild(first.run).catch((error: unknown) => {
              if (!(error instanceof ProcessGone)) throw error;
            });
            first.close();
            const cloud = motoCloud(real);
            const second = open(cloud);
            if (end === 'resume') await runBuild(second.run);
            else await abandon(second, worldWith(cloud));
            second.close();
            const tag = [compilationTag, id] as const;
            const left = { images: 0, instances: 0, volumes: 0, snapshots: 0 };
            for (const region of ['us-west-2', 'eu-west-1']) {
              const images = await real.images(region, { owner: 'self', tag });
              left.images += images.length;
              left.instances += (await real.instances(region, tag)).length;
              left.volumes += (await real.volumes(region, tag)).length;
              left.snapshots += (await real.snapshots(region, tag)).length;
              for (const { tags, id: image, owner } of images) {
                const reading = readImageTags(tags, sha256);
                if ('refused' in reading) throw new Error(reading.problem);
                const identity = { image, region, owner, digest: reading.digest };
                assert.is(verifyImage(tags, identity, trust, Date.now()).signature, 'valid');
              }
            }
            const what = `${end} after ${gone} changes`;
            const images = end === 'resume' ? 2 : 0;
            assert.is(left.images, images, what);
            assert.is(left.instances, 0, what);
            assert.is(left.volumes, 0, what);
            if (end === 'abandon') assert.is(left.snapshots, 0, what);
          });
        }
      }
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      await moto.close();
    }
  });
} else {
  skip('a compilation is built, copied and signed, resumed and abandoned', 'moto_server is not on the PATH');
}

run();
