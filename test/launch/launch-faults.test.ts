// Every call of a launch, at which AWS fails, the answer is lost or never comes, or the process is gone; then the same again.
// There are never two instances, never one that ledger and audit log do not know, and never more than the budget.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { Cloud } from '../../runtime/launch/cloud.ts';
import { type LaunchOutcome, launch } from '../../runtime/launch/launch.ts';
import { openLedger } from '../../runtime/launch/ledger.ts';
import { launchTag } from '../../runtime/launch/ledger-records.ts';
import { isRunning } from '../../runtime/launch/ledger-state.ts';
import { connectCloud } from '../../runtime/launch/sdk-cloud.ts';
import { template as basicTemplate, cloudEnvironment, startBuildService } from '../support/build-service.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import {
  addImages,
  addStrictImages,
  askedLaunch,
  askedProfile,
  governance,
  launchWorld,
  records,
  region,
} from '../support/launching.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';
import { type Fault, type StrictEc2, startStrictEc2 } from '../support/strict-ec2.ts';

const { test, run } = suite('launch-faults');

/** Room for one instance. */
const profile = askedProfile(governance.replace('max_hourly_budget: 0.2', 'max_hourly_budget: 0.05'));
const asked = askedLaunch({ profile });
const budget = 0.05;
const price = 0.0416;

interface Running {
  readonly id: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** What always holds. */
function checkInvariants(
  running: readonly Running[],
  ledgerPath: string,
  audit: ReturnType<typeof records>,
  what: string,
) {
  assert.ok(running.length <= 1, `${what}: ${running.length} instances`);
  assert.ok(running.length * price <= budget, what);
  const { entries, problem } = openLedger(ledgerPath);
  assert.is(problem, undefined, what);
  for (const { tags } of running) {
    const id = tags.get(launchTag) ?? '';
    const entry = entries.get(id);
    assert.ok(entry !== undefined && isRunning(entry), `${what}: the ledger counts what runs`);
    const decided = audit.find(({ facts, decision }) => facts?.launch === id && decision === 'allowed');
    assert.ok(decided !== undefined, `${what}: the audit log knows why it runs`);
  }
}

/** What holds once the same command has gone through. */
function checkStarted(
  running: readonly Running[],
  ledgerPath: string,
  audit: ReturnType<typeof records>,
  what: string,
) {
  checkInvariants(running, ledgerPath, audit, what);
  const [one] = running;
  const id = one?.tags.get(launchTag) ?? '';
  const counted = [...openLedger(ledgerPath).entries].filter(([, entry]) => isRunning(entry));
  assert.equal(
    counted.map(([key, { instance }]) => [key, instance]),
    [[id, one?.id]],
    what,
  );
  const started = audit.filter(({ action }) => action === 'launch.start').map(({ facts }) => facts?.instance);
  assert.equal([...new Set(started)], [one?.id], what);
}

/** The SDK keeps what the environment said at the first call of each client. */
async function connected(ec2: StrictEc2, timeout: number): Promise<Cloud> {
  Object.assign(process.env, cloudEnvironment(ec2));
  const cloud = connectCloud({ timeout, attempts, pace: { attempts: 2, first: 10 } });
  await cloud.image(region, 'ami-00000000000000000');
  await cloud.parameter(region, '/none');
  ec2.calls.length = 0;
  return cloud;
}

interface Strict {
  readonly ec2: StrictEc2;
  readonly cloud: Cloud;
}

async function strictCloud(timeout = 20_000): Promise<Strict> {
  const ec2 = await startStrictEc2();
  addStrictImages(ec2);
  return { ec2, cloud: await connected(ec2, timeout) };
}

const runningIn = (ec2: StrictEc2): readonly Running[] =>
  [...ec2.instances.values()].filter(({ state }) => state !== 'terminated');

/** Of the SDK. */
const attempts = 3;

const kinds: readonly Fault['kind'][] = ['error', 'throttle', 'reset', 'lost', 'hang'];

test('a fault at each call through the SDK, then the same launch again', async () => {
  const before = { ...process.env };
  const clean = await strictCloud();
  let calls = 0;
  await withFolder(async (folder) => {
    assert.is((await launch(asked, launchWorld(clean.cloud, folder, Date.now))).result, 'started');
    calls = clean.ec2.calls.length;
    await clean.ec2.close();
  });
  assert.is(calls, 6);
  const faults = Array.from({ length: calls }, (_, at) => kinds.map((kind) => ({ kind, at: at + 1 }))).flat();
  await inTurns(
    faults.flatMap((fault) => [1, attempts].map((times) => ({ ...fault, times }))),
    12,
    async (fault) => {
      const strict = await connecting(() => strictCloud(fault.kind === 'hang' ? 800 : undefined));
      strict.ec2.faults.push(fault);
      await faultThenAgain(strict, `${fault.kind} at call ${fault.at}, ${fault.times} times`, fault.times);
    },
  );
  for (const name of Object.keys(cloudEnvironment(clean.ec2))) delete process.env[name];
  Object.assign(process.env, before);
});

/** So many at once. */
async function inTurns<T>(all: readonly T[], atOnce: number, work: (each: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let each = left.shift(); each !== undefined; each = left.shift()) await work(each);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

let connection: Promise<unknown> = Promise.resolve();

/** One after the other, since the environment is that of the whole process. */
function connecting<T>(work: () => Promise<T>): Promise<T> {
  const next = connection.then(work);
  connection = next;
  return next;
}

async function faultThenAgain({ ec2, cloud }: Strict, what: string, times: number): Promise<void> {
  try {
    await withFolder(async (folder) => {
      const world = launchWorld(cloud, folder, Date.now);
      const ledger = join(folder, 'ledger.jsonl');
      const first = await launch(asked, world);
      const isFaulty = ec2.calls.some(({ result }) => result !== 'ok' && result !== 'DryRunOperation');
      assert.ok(isFaulty || /hang/.test(what), what);
      checkInvariants(runningIn(ec2), ledger, records(folder), what);
      // What happens once, the SDK's second attempt makes good.
      if (times === 1) assert.is(first.result, 'started', what);
      ec2.faults.length = 0;
      const again = await launch(asked, world);
      assert.ok(again.result === 'started' || again.result === 'runs', `${what}: ${again.result}`);
      checkStarted(runningIn(ec2), ledger, records(folder), what);
      const other = await launch({ ...asked, name: 'second' }, world);
      assert.is(other.result, 'refused', `${what}: the budget is used up`);
      assert.is(runningIn(ec2).length, 1, what);
    });
  } finally {
    await ec2.close();
  }
}

/** The process is gone: nothing that comes after is made. */
class ProcessGone extends Error {}

const denied = new AwsFailure('ec2:Any', 'UnauthorizedOperation', 'you may not', false);
const lost = new AwsFailure('ec2:Any', 'Unreachable', 'socket hang up', true, false);
const memoryFaults = ['denied before', 'lost before', 'lost after', 'gone before', 'gone after'] as const;

test('the process is gone at each call, of a first launch and of one that is repeated', async () => {
  let cases = 0;
  for (const repeated of [false, true]) {
    for (let at = 0, reached = true; reached; at++) {
      for (const fault of memoryFaults) {
        await withFolder(async (folder) => {
          const cloud = new FakeCloud();
          addImages(cloud);
          const world = () => launchWorld(cloud, folder, () => cloud.time);
          const what = `${fault} at call ${at}${repeated ? ' of a repeated launch' : ''}`;
          const ledger = join(folder, 'ledger.jsonl');
          const running = (): readonly Running[] =>
            cloud.instanceList.map(({ id, request }) => ({ id, tags: new Map(request.tags) }));
          if (repeated) {
            // The first call was not answered, and its instance is not listed yet.
            cloud.fault = ({ method, on }) =>
              method === 'runInstance' && !on.endsWith('-dry')
                ? { when: 'after', error: new ProcessGone() }
                : undefined;
            await gone(launch(asked, world()));
          }
          const from = cloud.calls.length;
          cloud.fault = (_, index) => {
            const is = index - from;
            const error = fault.startsWith('gone') ? new ProcessGone() : fault.startsWith('lost') ? lost : denied;
            const when = fault.endsWith('after') ? 'after' : 'before';
            return is === at ? { when, error } : undefined;
          };
          await gone(launch(asked, world()));
          reached = cloud.calls.length - from > at;
          checkInvariants(running(), ledger, existsSync(join(folder, 'audit.jsonl')) ? records(folder) : [], what);
          cloud.fault = () => undefined;
          cloud.time += 60_000;
          const again = await launch(asked, world());
          assert.ok(again.result === 'started' || again.result === 'runs', `${what}: ${again.result}`);
          checkStarted(running(), ledger, records(folder), what);
          assert.is((await launch({ ...asked, name: 'second' }, world())).result, 'refused', what);
          assert.is(cloud.started, 1, what);
          cases += 1;
        });
      }
    }
  }
  assert.ok(cases >= 60, `${cases}`);
});

async function gone(work: Promise<LaunchOutcome>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ProcessGone)) throw error;
  }
}

test('what a process that is gone reserved is released after a quarter of an hour, and what it started is found by another launch', async () => {
  for (const when of ['before', 'after'] as const) {
    await withFolder(async (folder) => {
      const cloud = new FakeCloud();
      addImages(cloud);
      const world = () => launchWorld(cloud, folder, () => cloud.time);
      cloud.fault = ({ method, on }) =>
        method === 'runInstance' && !on.endsWith('-dry') ? { when, error: new ProcessGone() } : undefined;
      await gone(launch(asked, world()));
      cloud.fault = () => undefined;
      const other = { ...asked, name: 'second' };
      assert.is((await launch(other, world())).result, 'refused', 'it counts');
      cloud.time += 16 * 60_000;
      const later = await launch(other, world());
      assert.is(later.result, when === 'before' ? 'started' : 'refused');
      const starts = records(folder).filter(({ action }) => action === 'launch.start');
      assert.equal(
        starts.map(({ facts }) => facts?.instance),
        cloud.instanceList.map(({ id }) => id),
      );
      assert.is(cloud.started, 1);
    });
  }
});

const course = `profile:
  name: cs101
  template_whitelist: [python-basic]
  max_hourly_cost: 0.05
  max_hourly_budget: 0.05
`;

test('a process that is killed at each call, then the same command again', async () => {
  const ec2 = await startBuildService();
  try {
    await withProject(async (project) => {
      project.write({ 'python-basic.yaml': basicTemplate, 'cs101.yaml': course });
      // Processes of their own machines at the same time, by regions and homes of their own.
      const kills = new Map<string, Kill>();
      ec2.drops = (call) => kills.get(call.accessKey)?.('before') ?? false;
      ec2.onCall = (call, when) => when === 'after' && kills.get(call.accessKey)?.('after');
      const points = [1, 2, 3, 4].flatMap((at) => (['before', 'after'] as const).map((when) => ({ at, when })));
      await inTurns(points, 2, ({ at, when }) => killedAt({ ec2, project, kills }, at, when));
    });
  } finally {
    await ec2.close();
  }
});

/** Told of each call of a process; true where the process is gone before it. */
type Kill = (when: 'before' | 'after') => boolean;

interface Killing {
  readonly ec2: StrictEc2;
  readonly project: ProjectFolder;
  /** By the access keys of processes. */
  readonly kills: Map<string, Kill>;
}

async function killedAt({ ec2, project, kills }: Killing, at: number, when: 'before' | 'after'): Promise<void> {
  const name = `killed-${when}-${at}`;
  const home = join(project.folder, '..', name);
  const words = ['launch', 'python-basic', name, '--region', region, '--profile', 'cs101.yaml', '--format', 'json'];
  // Their access keys tell the calls of processes apart.
  const env = { ...cloudEnvironment(ec2), HOME: home, AWS_ACCESS_KEY_ID: name };
  const what = `killed ${when} call ${at}`;
  const first = project.start(words, { env, stdio: 'ignore' });
  let calls = 0;
  kills.set(name, (moment) => {
    if (moment === 'before') calls += 1;
    return calls === at && moment === when && first.kill('SIGKILL');
  });
  const signal = await new Promise<string | null>((resolve) => first.once('close', (_, by) => resolve(by)));
  kills.delete(name);
  assert.is(signal, 'SIGKILL', what);
  const running = () => runningIn(ec2).filter(({ tags }) => tags.get('Name') === name);
  const state = join(home, '.local/state/polc');
  const audit = () => recordsIn(join(state, 'audit.jsonl'));
  checkInvariants(running(), join(state, 'ledger.jsonl'), audit(), what);
  const again = project.start(words, { env });
  let text = '';
  again.stdout?.on('data', (part: Buffer) => (text += part.toString()));
  const status = await new Promise<number | null>((resolve) => again.once('close', resolve));
  assert.is(status, 0, `${what}: ${text}`);
  assert.ok(['started', 'runs'].includes(JSON.parse(text).result), `${what}: ${text}`);
  checkStarted(running(), join(state, 'ledger.jsonl'), audit(), what);
}

function recordsIn(path: string): ReturnType<typeof records> {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

run();
