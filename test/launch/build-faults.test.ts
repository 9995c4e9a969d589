// Every call of a compilation, at which AWS fails, the answer is lost, or the process is gone.
import * as assert from 'uvu/assert';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { Compilation } from '../../runtime/launch/build/compilation.ts';
import {
  buildJournalPath,
  type OpenedCompilation,
  openCompilation,
  writePlan,
} from '../../runtime/launch/build/compilations.ts';
import { BuildJournalFailure, openBuildJournal, readBuildJournal } from '../../runtime/launch/build/journal.ts';
import { type BuildPlan, compilationTag } from '../../runtime/launch/build/plan.ts';
import { runBuild } from '../../runtime/launch/build/run-build.ts';
import { buildState } from '../../runtime/launch/build/state.ts';
import type { BuildWorld } from '../../runtime/launch/build/world.ts';
import { verifyImage } from '../../runtime/signing/image.ts';
import { abandon, addBases, place, planOf, sha256, signing, worldOf } from '../support/builds.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';

const { test, run } = suite('build-faults');

const key = makeKey('univ-it-2026');
const trust = trusting(key);

/** The process is gone: nothing that comes after is made. */
class ProcessGone extends Error {}

const places = [
  place('us-west-2', 'x86_64', { encrypted: true }),
  place('us-west-2', 'arm64'),
  place('eu-west-1', 'x86_64', { copyFrom: 'us-west-2', encrypted: true }),
];
const plan = planOf(places, { signWith: key.keyId });

const denied = new AwsFailure('ec2:Any', 'UnauthorizedOperation', 'you may not', false);
const down = new AwsFailure('ec2:Any', 'Unreachable', 'connect ECONNREFUSED', true);

function freshCloud(): FakeCloud {
  const cloud = new FakeCloud();
  addBases(cloud, [...places, place('eu-west-1', 'arm64')]);
  return cloud;
}

type Fault = 'denied before' | 'lost after' | 'gone before' | 'gone after';
const faults: readonly Fault[] = ['denied before', 'lost after', 'gone before', 'gone after'];

function failAt(cloud: FakeCloud, at: number, fault: Fault): void {
  cloud.fault = (_, index) => {
    if (fault.startsWith('gone')) {
      if (index < at) return undefined;
      return { when: index === at && fault === 'gone after' ? 'after' : 'before', error: new ProcessGone() };
    }
    if (index !== at) return undefined;
    return fault === 'denied before' ? { when: 'before', error: denied } : { when: 'after', error: down };
  };
}

/** Works on a compilation as one process does; false where the process was gone. */
async function inProcess(opened: OpenedCompilation, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ProcessGone)) throw error;
    return false;
  } finally {
    // The next process finds the lock of one that is gone, and takes it away.
    opened.close();
  }
}

function opened(folder: string, world: BuildWorld, of: BuildPlan): OpenedCompilation {
  const found = openCompilation(folder, of.id, world);
  if (typeof found === 'string') throw new Error(`${of.id} is ${found}`);
  return found;
}

function beginCompilation(folder: string, of: BuildPlan, world: BuildWorld): OpenedCompilation {
  writePlan(folder, of, world.now());
  return opened(folder, world, of);
}

/** Exactly what a compilation without faults leaves. */
function checkComplete(cloud: FakeCloud, of: BuildPlan, what: string): void {
  const made = cloud.imageList.filter(({ tags }) => tags.get(compilationTag) === of.id);
  assert.equal(
    made.map(({ region, architecture }) => `${region}/${architecture}`).sort(),
    of.places.map(({ region, architecture }) => `${region}/${architecture}`).sort(),
    what,
  );
  assert.is(cloud.started, of.places.filter(({ copyFrom }) => copyFrom === undefined).length, `${what}: builders`);
  for (const { id, region, owner, tags, encrypted } of made) {
    const reading = readImageTags(tags, sha256);
    if ('refused' in reading) throw new Error(`${what}: ${reading.problem}`);
    const { metadata, digest } = reading;
    assert.is(metadata.compilation_id, of.id, what);
    assert.ok(metadata.base_image !== undefined && metadata.compiled_at !== undefined, what);
    assert.is(verifyImage(tags, { image: id, region, owner, digest }, trust, cloud.time).signature, 'valid', what);
    assert.is(encrypted, metadata.architecture === 'x86_64', what);
  }
  cloud.time += 60_000;
  const kept = [...made.map(({ id }) => id), ...made.flatMap(({ snapshots }) => snapshots)];
  assert.equal([...cloud.left].sort(), kept.sort(), `${what}: what is left`);
}

async function wholeRun(): Promise<number> {
  const cloud = freshCloud();
  await withFolder(async (folder) => {
    const world = worldOf(cloud, signing(key));
    const compilation = beginCompilation(folder, plan, world);
    const outcomes = await runBuild(compilation.run);
    compilation.close();
    assert.equal(
      [...outcomes.values()],
      places.map(() => ({ kind: 'complete' })),
    );
    checkComplete(cloud, plan, 'no fault');
  });
  return cloud.calls.length;
}

/** Runs with a fault at each call, and what is done then. */
async function eachFault(
  work: (cloud: FakeCloud, folder: string, world: BuildWorld) => Promise<void>,
  then: (cloud: FakeCloud, folder: string, world: BuildWorld, what: string) => Promise<void>,
  count: number,
): Promise<void> {
  for (let at = 0; at < count; at++) {
    for (const fault of faults) {
      const cloud = freshCloud();
      const world = worldOf(cloud, signing(key));
      await withFolder(async (folder) => {
        failAt(cloud, at, fault);
        await work(cloud, folder, world);
        cloud.fault = () => undefined;
        const call = cloud.calls[at];
        await then(cloud, folder, world, `${fault} call ${at} (${call?.method} ${call?.on})`);
      });
    }
  }
}

async function begin(folder: string, world: BuildWorld): Promise<void> {
  const compilation = beginCompilation(folder, plan, world);
  await inProcess(compilation, () => runBuild(compilation.run));
}

async function resume(folder: string, world: BuildWorld): Promise<void> {
  const compilation = opened(folder, world, plan);
  await inProcess(compilation, () => runBuild(compilation.run));
}

test('after a fault at any call, resuming ends with each image once, signed, and with nothing else', async () => {
  const count = await wholeRun();
  await eachFault(
    (_, folder, world) => begin(folder, world),
    async (cloud, folder, world, what) => {
      await resume(folder, world);
      checkComplete(cloud, plan, what);
      const { run: finished, close } = opened(folder, world, plan);
      close();
      assert.ok(
        finished.state.places.every(({ complete }) => complete),
        what,
      );
    },
    count,
  );
});

test('after a fault at any call, abandoning leaves nothing', async () => {
  const count = await wholeRun();
  let turn = 0;
  await eachFault(
    (cloud, folder, world) => {
      turn += 1;
      cloud.tagsCopiedSnapshots = turn % 3 > 0;
      return begin(folder, world);
    },
    async (cloud, folder, world, what) => {
      const compilation = opened(folder, world, plan);
      await inProcess(compilation, () => abandon(compilation, world));
      assert.equal(cloud.left, [], what);
    },
    count,
  );
});

test('after a fault at any call of abandoning, abandoning again leaves nothing', async () => {
  const prepared = async (cloud: FakeCloud, folder: string, world: BuildWorld) => {
    cloud.tagsCopiedSnapshots = false;
    cloud.keepsVolumes = true;
    const fault = cloud.fault;
    cloud.fault = () => undefined;
    await begin(folder, world);
    cloud.calls.length = 0;
    cloud.fault = fault;
    const compilation = opened(folder, world, plan);
    await inProcess(compilation, async () => {
      try {
        await abandon(compilation, world);
      } catch (error) {
        if (!(error instanceof AwsFailure)) throw error;
      }
    });
  };
  let count = 0;
  await withFolder(async (folder) => {
    const cloud = freshCloud();
    await prepared(cloud, folder, worldOf(cloud, signing(key)));
    assert.equal(cloud.left, []);
    count = cloud.calls.length;
  });
  await eachFault(
    prepared,
    async (cloud, folder, world, what) => {
      const compilation = opened(folder, world, plan);
      await inProcess(compilation, () => abandon(compilation, world));
      assert.equal(cloud.left, [], what);
    },
    count,
  );
});

test('where the journal cannot be written nothing more is made, and what was made is known again', async () => {
  const journalOf = (folder: string) => buildJournalPath(folder, plan.id);
  const runWith = async (cloud: FakeCloud, folder: string, at: number, when: 'before' | 'after') => {
    const world = worldOf(cloud, signing(key));
    writePlan(folder, plan, world.now());
    const state = buildState(readBuildJournal(journalOf(folder)) ?? []);
    if (state === undefined) throw new Error('no plan');
    const journal = openBuildJournal(journalOf(folder));
    let count = 0;
    let calls = Number.POSITIVE_INFINITY;
    const full = {
      ...journal,
      append(record: Parameters<typeof journal.append>[0]) {
        if (count < at || when === 'after') journal.append(record);
        if (count++ < at) return;
        calls = Math.min(calls, cloud.calls.length);
        throw new BuildJournalFailure(journalOf(folder), 'ENOSPC');
      },
    };
    const compilation = new Compilation(state, full, world);
    const isStopped = await runBuild(compilation).then(
      () => false,
      (error: unknown) => error instanceof BuildJournalFailure,
    );
    journal.close();
    return { isStopped, appended: count, after: cloud.calls.slice(calls) };
  };
  let total = 0;
  await withFolder(async (folder) => {
    total = (await runWith(freshCloud(), folder, Number.POSITIVE_INFINITY, 'before')).appended;
  });
  assert.ok(total > 40, `${total} records`);
  for (let at = 0; at < total; at++) {
    for (const when of ['before', 'after'] as const) {
      await withFolder(async (folder) => {
        const cloud = freshCloud();
        const { isStopped, after } = await runWith(cloud, folder, at, when);
        assert.ok(isStopped, `record ${at}`);
        const makes = after.filter(({ method }) => /^(runInstance|createImage|copyImage|tag)$/.test(method));
        assert.equal(makes, [], `record ${at}`);
        await resume(folder, worldOf(cloud, signing(key)));
        checkComplete(cloud, plan, `${when} record ${at}`);
      });
    }
  }
});

test('processes that are gone again and again still get there', async () => {
  for (const step of [1, 2, 3, 5, 7, 11]) {
    const cloud = freshCloud();
    const world = worldOf(cloud, signing(key));
    await withFolder(async (folder) => {
      let processes = 0;
      let calls = 0;
      const limit = () => {
        calls = 0;
        // A process that looks at what there is makes some calls before it makes its next one.
        const most = 12 + ((processes * step) % 9);
        cloud.fault = () => {
          calls += 1;
          return calls > most ? { when: calls % 2 === 0 ? 'before' : 'after', error: new ProcessGone() } : undefined;
        };
      };
      limit();
      await begin(folder, world);
      for (; processes < 400; processes++) {
        limit();
        const compilation = opened(folder, world, plan);
        const ended = await inProcess(compilation, () => runBuild(compilation.run));
        if (ended && compilation.run.state.places.every(({ complete }) => complete)) break;
      }
      assert.ok(processes < 400, `step ${step}`);
      checkComplete(cloud, plan, `step ${step}`);
    });
  }
});

/** A builder whose script fails, and then one that is right. */
test('a failed builder says its command and last output, is gone, and another attempt succeeds', async () => {
  const cloud = freshCloud();
  const world = worldOf(cloud, signing(key));
  cloud.builder = ({ instanceType }) =>
    instanceType.startsWith('t4g') ? { secondsPerStage: 30, failsAt: 1 } : { secondsPerStage: 30 };
  await withFolder(async (folder) => {
    await begin(folder, world);
    const first = opened(folder, world, plan);
    const failed = first.run.state.places.find(({ failure }) => failure !== undefined);
    assert.is(failed?.name, 'us-west-2/arm64');
    assert.is(failed?.failure?.stage, 'Installing system packages');
    assert.is(failed?.failure?.command, 'apt-get install nonsense');
    assert.is(failed?.failure?.output, 'E: Unable to locate package nonsense');
    cloud.time += 60_000;
    assert.not.ok(cloud.left.some((id) => id.startsWith('i-') || id.startsWith('vol-')));
    cloud.builder = () => ({ secondsPerStage: 30 });
    await inProcess(first, () => runBuild(first.run));
    assert.is(cloud.started, 3);
    cloud.started = 2;
    checkComplete(cloud, plan, 'second attempt');
  });
});

const trouble: readonly (readonly [string, (cloud: FakeCloud) => void, RegExp])[] = [
  [
    'is killed',
    (cloud) => (cloud.builder = () => ({ secondsPerStage: 30, failsAt: 1, killed: true })),
    /without a word/,
  ],
  [
    'never answers',
    (cloud) => (cloud.builder = () => ({ secondsPerStage: 30, mute: true })),
    /has not answered for 2\d minutes/,
  ],
  ['takes too long', (cloud) => (cloud.builder = () => ({ secondsPerStage: 90_000 })), /took longer than 180 minutes/],
  ['gives an image that fails', (cloud) => (cloud.failsImage = () => true), /EC2 says of the image ami-\w+: failed/],
];

for (const [what, make, reason] of trouble) {
  test(`a builder that ${what} fails its place, and leaves nothing`, async () => {
    const cloud = freshCloud();
    const world = worldOf(cloud);
    make(cloud);
    const own = planOf([place('us-west-2', 'x86_64')]);
    await withFolder(async (folder) => {
      const compilation = beginCompilation(folder, own, world);
      const outcomes = await runBuild(compilation.run);
      compilation.close();
      assert.equal([...outcomes.values()], [{ kind: 'failed' }]);
      assert.match(compilation.run.place('us-west-2/x86_64').failure?.reason ?? '', reason);
      cloud.time += 60_000;
      assert.equal(cloud.left, []);
    });
  });
}

test('a builder that somebody else ends fails its place', async () => {
  const cloud = freshCloud();
  const world = worldOf(cloud);
  await withFolder(async (folder) => {
    const compilation = beginCompilation(folder, planOf([place('us-west-2', 'x86_64')]), world);
    cloud.fault = ({ method }) => {
      if (method === 'runScript') for (const each of cloud.instanceList) each.terminatedAt ??= cloud.time;
      return undefined;
    };
    await runBuild(compilation.run);
    compilation.close();
    assert.match(compilation.run.place('us-west-2/x86_64').failure?.reason ?? '', /somebody ended it/);
  });
});

test('a place without a base image fails, and the others are built', async () => {
  const cloud = freshCloud();
  const world = worldOf(cloud);
  await withFolder(async (folder) => {
    const compilation = beginCompilation(
      folder,
      planOf([place('us-west-2', 'x86_64'), place('ap-south-1', 'x86_64')]),
      world,
    );
    const outcomes = await runBuild(compilation.run);
    compilation.close();
    assert.equal([...outcomes.values()], [{ kind: 'complete' }, { kind: 'failed' }]);
    assert.match(
      compilation.run.place('ap-south-1/x86_64').failure?.reason ?? '',
      'ap-south-1 has no public parameter /base/of/tests/x86_64',
    );
  });
});

test('where somebody ends the builders or removes the images at any call, resuming still gets there', async () => {
  const count = await wholeRun();
  for (let at = 0; at < count; at++) {
    for (const kind of ['builders', 'images'] as const) {
      const cloud = freshCloud();
      const world = worldOf(cloud, signing(key));
      await withFolder(async (folder) => {
        cloud.fault = (_, index) => {
          if (index !== at) return undefined;
          for (const each of cloud.instanceList) if (kind === 'builders') each.terminatedAt ??= cloud.time;
          const own = cloud.imageList.filter(({ tags }) => tags.has(compilationTag));
          for (const each of kind === 'images' ? own : []) cloud.imageList.splice(cloud.imageList.indexOf(each), 1);
          return undefined;
        };
        await begin(folder, world);
        // What was complete is not looked at again: whoever removes such an image builds the template again.
        for (let runs = 0; runs < 4; runs++) await resume(folder, world);
        const { run: finished, close } = opened(folder, world, plan);
        const stuck = finished.state.places.filter(({ complete }) => !complete).map(({ name }) => name);
        const lost = kind === 'images' ? ['eu-west-1/x86_64'] : [];
        assert.ok(
          stuck.every((name) => lost.includes(name)),
          `${kind} at call ${at}: ${stuck}`,
        );
        await inProcess({ run: finished, close }, () => abandon({ run: finished, close }, world));
        // Snapshots of images that somebody else removed have the tag too.
        assert.equal(cloud.left, [], `${kind} at call ${at}`);
      });
    }
  }
});

test('a base image that is withdrawn before its builder starts is looked for again', async () => {
  const cloud = freshCloud();
  const world = worldOf(cloud, signing(key));
  await withFolder(async (folder) => {
    cloud.fault = ({ method }) => (method === 'runInstance' ? { when: 'before', error: denied } : undefined);
    await begin(folder, world);
    cloud.fault = () => undefined;
    cloud.imageList.length = 0;
    await resume(folder, world);
    addBases(cloud, [...places, place('eu-west-1', 'arm64')]);
    await resume(folder, world);
    checkComplete(cloud, plan, 'withdrawn base');
  });
});

test('volumes that builders leave are deleted', async () => {
  const cloud = freshCloud();
  cloud.keepsVolumes = true;
  const world = worldOf(cloud, signing(key));
  await withFolder(async (folder) => {
    await begin(folder, world);
    checkComplete(cloud, plan, 'kept volumes');
  });
});

test('one process works on a compilation at a time', async () => {
  const cloud = freshCloud();
  const world = worldOf(cloud);
  await withFolder(async (folder) => {
    const compilation = beginCompilation(folder, plan, world);
    assert.is(openCompilation(folder, plan.id, world), 'held');
    compilation.close();
    opened(folder, world, plan).close();
    assert.is(openCompilation(folder, 'python-ml-20261124t093000-ffffffff', world), 'unknown');
    assert.is(openCompilation(folder, '../x', world), 'unknown');
  });
});

run();
