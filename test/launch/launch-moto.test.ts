// A launch through the real SDK against moto's EC2, which others wrote. Its images are never encrypted, it knows no base image
// of Ubuntu, and takes a client token twice.
import { CreateImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as assert from 'uvu/assert';
import { launch } from '../../runtime/launch/launch.ts';
import { launchTag } from '../../runtime/launch/ledger-records.ts';
import { connectCloud } from '../../runtime/launch/sdk-cloud.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import {
  askedLaunch,
  askedProfile,
  askedTemplate,
  builtTags,
  governance,
  launchWorld,
  records,
  region,
  template,
} from '../support/launching.ts';
import { hasMoto, startMoto } from '../support/moto.ts';

const { test, skip, run } = suite('launch-moto');

const plain = template.replace('  data_handling: [encrypted_storage_required]\n', '');
const rules = governance
  .replace('  data_handling_rules: [encrypted_storage_required]\n', '')
  .replace('newest_base: true, ', '');

if (!hasMoto()) skip('a signed image is tried, launched, found and launched again', 'moto_server is not on the PATH');
else {
  test('a signed image is tried, launched, found and launched again', async () => {
    const moto = await startMoto();
    const before = { ...process.env };
    const settings = {
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_REGION: region,
    };
    Object.assign(process.env, settings);
    try {
      const cloud = connectCloud();
      const [base] = await cloud.images(region, { owner: 'amazon', architecture: 'x86_64' });
      const builder = { image: base?.id ?? '', instanceType: 't3.medium', tags: [], clientToken: 'builder' };
      const instance = (await cloud.runInstance(region, builder, false))?.id ?? '';
      const client = new EC2Client({ region });
      const made = await client.send(new CreateImageCommand({ InstanceId: instance, Name: 'python-ml-1.0.0' }));
      client.destroy();
      const image = made.ImageId ?? '';
      await cloud.terminateInstance(region, instance);
      const owner = (await cloud.image(region, image))?.owner ?? '';
      await cloud.tag(region, [image], [...builtTags(base?.id ?? '', { image, owner, now: Date.now() }, plain)]);
      await withFolder(async (folder) => {
        const world = launchWorld(cloud, folder, Date.now);
        const built = `precompiled_amis: { ${region}: { x86_64: ${image} } }\n`;
        const profile = askedProfile(rules.replaceAll('123456789012', owner));
        const asked = askedLaunch({ template: askedTemplate(plain + built), profile });
        const ours = () => cloud.instances(region, ['polc:profile', 'cs101']);
        const tried = await launch({ ...asked, dryRun: true }, world);
        assert.is(tried.result, 'would-start', tried.verdict.problems.join('\n'));
        assert.equal(await ours(), []);

        const first = await launch(asked, world);
        assert.is(first.result, 'started');
        const [running, ...others] = await ours();
        assert.equal(others, []);
        assert.equal([running?.id, running?.image, running?.instanceType], [first.instance?.id, image, 't3.medium']);
        assert.is(running?.tags.get('Course'), 'CS101');
        const volumes = await cloud.volumes(region, [launchTag, running?.tags.get(launchTag) ?? '']);
        assert.is(volumes.length, 1, 'its volume has its tags');

        assert.is((await launch(asked, world)).result, 'runs');
        assert.is((await launch({ ...asked, instanceType: 't3.large' }, world)).result, 'refused');
        await cloud.tag(region, [image], [['polc:metadata-01', 'altered']]);
        const altered = await launch({ ...asked, name: 'second' }, world);
        assert.match(altered.verdict.problems.join('\n'), /carry no policy/);
        await cloud.tag(region, [image], [...builtTags(base?.id ?? '', { image, owner, now: Date.now() }, plain)]);

        await cloud.terminateInstance(region, running?.id ?? '');
        const next = await launch(asked, world);
        assert.is(next.result, 'started', next.verdict.problems.join('\n'));
        assert.equal(
          (await ours()).map(({ id }) => id),
          [next.instance?.id],
        );
        const started = records(folder).filter(({ action }) => action === 'launch.start');
        assert.equal(
          started.map(({ facts }) => facts?.instance),
          [first.instance?.id, next.instance?.id],
        );
      });
    } finally {
      for (const name of Object.keys(settings)) delete process.env[name];
      Object.assign(process.env, before);
      await moto.close();
    }
  });
}

run();
