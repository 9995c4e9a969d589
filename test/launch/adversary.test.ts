// What people gain who write the tags of an image, or a file of the library, or who launch by one name at the same time: nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openLibrary } from '../../cli/launch/library.ts';
import type { AuditLog } from '../../runtime/audit/log.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { LaunchAsked } from '../../runtime/launch/asked.ts';
import { launch } from '../../runtime/launch/launch.ts';
import { openLedger, withSpend } from '../../runtime/launch/ledger.ts';
import { launchTag } from '../../runtime/launch/ledger-records.ts';
import { reconcile } from '../../runtime/launch/reconcile.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import {
  addImages,
  askedLaunch,
  askedProfile,
  askedTemplate,
  type BuiltTags,
  builtImage,
  launchWorld,
  records,
  region,
  template,
} from '../support/launching.ts';

const { test, run } = suite('launch-adversary');

/** An image that is launched by its id. */
function imageAlone(more: Partial<LaunchAsked>): LaunchAsked {
  const { template: _, ...asked } = askedLaunch({ launched: builtImage, ...more });
  return asked;
}

test('an image that nobody signed does not say what it costs, nor that its base is the newest', async () => {
  const profiles = {
    hourlyCost: 'profile:\n  name: cs101\n  max_hourly_cost: 0.05\n',
    baseOutdated:
      'institution:\n  name: U\n  images: { newest_base: true }\nprofile:\n  name: cs101\n  clearance: internal\n',
  } as const;
  const forged: Partial<BuiltTags> = { metadata: { cost_estimates: { 'c5.large': 0.001 } } };
  for (const [fact, text] of Object.entries(profiles) as [keyof typeof profiles, string][]) {
    for (const signed of [true, false]) {
      await withFolder(async (folder) => {
        const cloud = new FakeCloud();
        addImages(cloud, signed ? forged : { ...forged, signer: null });
        const world = { ...launchWorld(cloud, folder, () => cloud.time), prices: undefined };
        const outcome = await launch(imageAlone({ instanceType: 'c5.large', profile: askedProfile(text) }), world);
        assert.is(outcome.result, signed ? 'started' : 'refused', fact);
        assert.is(outcome.facts[fact] === undefined, !signed, fact);
        assert.is(cloud.started, signed ? 1 : 0);
      });
    }
  }
});

test('of two launches by one name, what the one gives up the other has started, and it counts', async () => {
  await withFolder(async (folder) => {
    const cloud = new FakeCloud();
    addImages(cloud);
    const world = launchWorld(cloud, folder, () => cloud.time);
    const listed = cloud.instances.bind(cloud);
    let asked = 0;
    cloud.instances = async (region, tag) => {
      const before = await listed(region, tag);
      if (tag[0] === launchTag) asked += 1;
      // After the first one was refused, and has looked: the second is quicker than its answer.
      if (tag[0] === launchTag && asked === 1) {
        cloud.fault = () => undefined;
        assert.is(
          (
            await launch(
              askedLaunch(),
              launchWorld(cloud, folder, () => cloud.time),
            )
          ).result,
          'started',
        );
      }
      return before;
    };
    const full = new AwsFailure('ec2:RunInstances', 'InsufficientInstanceCapacity', 'no room', true);
    cloud.fault = ({ method, on }) =>
      method === 'runInstance' && !on.endsWith('-dry') ? { when: 'before', error: full } : undefined;
    assert.is((await launch(askedLaunch(), world)).result, 'failed');
    const { entries, problem } = openLedger(join(folder, 'ledger.jsonl'));
    assert.is(problem, undefined);
    assert.equal(
      [...entries.values()].map(({ instance, ran }) => [instance !== undefined, ran.length]),
      [[true, 1]],
    );
  });
});

test('a machine that slept between its reservation and the start decides once more', async () => {
  await withFolder(async (folder) => {
    const cloud = new FakeCloud();
    addImages(cloud);
    const world = launchWorld(cloud, folder, () => cloud.time);
    let slept = false;
    const audit: AuditLog = {
      append(entries) {
        if (!slept && entries.some(({ facts }) => facts?.launch !== undefined)) {
          slept = true;
          cloud.time += 20 * 60_000;
          const scope = { profile: 'cs101', regions: new Set([region]) };
          reconcile(world.ledger, scope, [], cloud.time);
          for (const id of ['b', 'c', 'd', 'e']) {
            const planned = { id, profile: 'cs101', who: 'ann', name: id, region, instanceType: 't3.medium' };
            withSpend(world.ledger, { ...planned, hourlyCost: 0.0416 }, cloud.time, (_, reserve) => reserve());
          }
        }
        world.audit.append(entries);
      },
    };
    const outcome = await launch(askedLaunch(), { ...world, audit });
    assert.is(outcome.result, 'refused');
    assert.is(outcome.facts.hourlySpend, 0.208);
    assert.is(cloud.started, 0);
  });
});

test('what was started by the name meanwhile is not taken for what is asked for', async () => {
  await withFolder(async (folder) => {
    const cloud = new FakeCloud();
    addImages(cloud);
    cloud.lag = 0;
    const profile = askedProfile('profile:\n  name: cs101\n');
    const first = await launch(
      askedLaunch({ profile }),
      launchWorld(cloud, folder, () => cloud.time),
    );
    assert.is(first.result, 'started');
    const listed = cloud.instances.bind(cloud);
    let asked = 0;
    // Once it is not listed yet.
    cloud.instances = async (region, tag) => {
      if (tag[0] === 'polc:launch') asked += 1;
      return tag[0] === 'polc:launch' && asked === 1 ? [] : listed(region, tag);
    };
    const text = template.replace('Python ML', 'Other').replace('python-ml', 'other');
    const other = askedLaunch({ launched: 'other', template: askedTemplate(text, { name: 'other' }), profile });
    const outcome = await launch(
      other,
      launchWorld(cloud, folder, () => cloud.time),
    );
    assert.is(outcome.result, 'refused');
    assert.match(outcome.verdict.problems.join(), /'homework' runs already as i-\w+, of python-ml on t3.medium/);
    assert.equal(
      records(folder).map(({ action, subject, decision }) => [action, subject, decision]),
      [
        ['launch.decide', 'python-ml as homework', 'allowed'],
        ['launch.start', 'python-ml as homework', 'started'],
        ['launch.decide', 'other as homework', 'allowed'],
        ['launch.decide', 'other as homework', 'refused'],
      ],
    );
  });
});

test('a template that is written between its compilation and its verification is not verified as something else', async () => {
  await withFolder(async (folder) => {
    const path = join(folder, 'python-ml.yaml');
    writeFileSync(path, template);
    const found = (await openLibrary({ templates: folder })).find('python-ml');
    assert.is([...(found?.compilation.sources.values() ?? [])][0]?.text, template);
    writeFileSync(path, template.replace('"1.0.0"', '"2.0.0"'));
    assert.is(found?.signed?.version, '1.0.0');
  });
});

run();
