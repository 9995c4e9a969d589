// Every call of a compilation as the real SDK makes it, refused by a strict EC2, answered by nobody, or cut off after its effect.
import * as assert from 'uvu/assert';
import { openCompilation, writePlan } from '../../runtime/launch/build/compilations.ts';
import { runBuild } from '../../runtime/launch/build/run-build.ts';
import { type BuildWorld, slots, usualTimes } from '../../runtime/launch/build/world.ts';
import { connectCloud } from '../../runtime/launch/sdk-cloud.ts';
import { cloudEnvironment, remaining, startBuildService } from '../support/build-service.ts';
import { abandon, place, planOf, sha256, signing } from '../support/builds.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { makeKey } from '../support/keys.ts';
import type { Fault, StrictEc2 } from '../support/strict-ec2.ts';

const { test, run } = suite('build-service-faults');

const key = makeKey('univ-it-2026');
const parameter = '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id';
const base = { kind: 'parameter', name: parameter } as const;
const places = [
  place('us-west-2', 'x86_64', { base, encrypted: true }),
  place('eu-west-1', 'x86_64', { base, encrypted: true, copyFrom: 'us-west-2' }),
];
const plan = planOf(places, { signWith: key.keyId });

function world(): BuildWorld {
  return {
    cloud: connectCloud({ attempts: 3 }),
    now: Date.now,
    elapsed: () => performance.now(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    sha256,
    slot: slots(4),
    times: { ...usualTimes, poll: 4, settle: 10 },
    ...signing(key),
  };
}

async function withService(work: (ec2: StrictEc2, folder: string) => Promise<void>): Promise<void> {
  const ec2 = await startBuildService();
  const before = { ...process.env };
  Object.assign(process.env, cloudEnvironment(ec2));
  try {
    await withFolder((folder) => work(ec2, folder));
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await ec2.close();
  }
}

async function inProcess(folder: string, work: 'build' | 'abandon'): Promise<boolean> {
  const own = world();
  const opened = openCompilation(folder, plan.id, own);
  if (typeof opened === 'string') throw new Error(opened);
  try {
    if (work === 'abandon') await abandon(opened, own);
    else await runBuild(opened.run);
    return opened.run.state.places.every(({ complete }) => complete);
  } finally {
    opened.close();
  }
}

const whole = ['image eu-west-1 x86_64', 'image us-west-2 x86_64', 'snapshot eu-west-1', 'snapshot us-west-2'];

/** Refused for good, or cut off so often that the SDK gives up. */
const faults: readonly Omit<Fault, 'at'>[] = [
  { kind: 'error', code: 'UnauthorizedOperation', status: 403 },
  { kind: 'lost', times: 3 },
];

test('a call that is refused or lost at any place is resumed or taken back, and nothing is there twice', async () => {
  let actions: readonly string[] = [];
  await withService(async (ec2, folder) => {
    writePlan(folder, plan, Date.now());
    assert.ok(await inProcess(folder, 'build'));
    assert.equal(remaining(ec2), whole);
    actions = ec2.calls.map(({ action }) => action);
  });
  assert.ok(actions.length > 25, `${actions.length} calls`);
  for (const [before, action] of actions.entries()) {
    const at = before + 1;
    const isChange = /:(Run|Stop|Terminate|Create|Copy|Delete|Send)/.test(action);
    const cases = faults.flatMap((fault, index) => [
      { fault, isBack: (at + index) % 2 === 0 },
      ...(isChange ? [{ fault, isBack: (at + index) % 2 !== 0 }] : []),
    ]);
    for (const { fault, isBack } of cases) {
      await withService(async (ec2, folder) => {
        writePlan(folder, plan, Date.now());
        ec2.faults.push({ ...fault, at });
        await inProcess(folder, 'build');
        const called = ec2.calls[at - 1]?.action;
        ec2.faults.length = 0;
        const what = `${fault.kind} ${called} (${at}), then ${isBack ? 'abandon' : 'resume'}`;
        const done = await inProcess(folder, isBack ? 'abandon' : 'build');
        assert.equal(remaining(ec2), isBack ? [] : whole, what);
        assert.ok(isBack || done, what);
        const builders = new Set([...ec2.instances.values()].map(({ clientToken }) => clientToken));
        assert.is(builders.size, ec2.instances.size, what);
      });
    }
  }
});

run();
