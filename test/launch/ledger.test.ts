import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { isLocked, withLock } from '../../runtime/audit/lock.ts';
import { AuditFailure } from '../../runtime/audit/log.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { Cloud, CloudInstance } from '../../runtime/launch/cloud.ts';
import { confirmLaunch, endLaunch, openLedger, releaseLaunch, withSpend } from '../../runtime/launch/ledger.ts';
import { launchTag } from '../../runtime/launch/ledger-records.ts';
import { type FoundInstance, reconcile, reconcileProfile } from '../../runtime/launch/reconcile.ts';
import type { PlannedLaunch, Spend, SpendReading } from '../../runtime/launch/spend.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const root = resolve(process.env.POLC_ROOT ?? '.');
const { test, run } = suite('ledger');

const minute = 60_000;
const noon = Date.parse('2026-11-23T12:00:00Z');

test('a launch counts from its reservation until it ends, and one that failed not at all', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'state', 'ledger.jsonl');
    reserve(path, launch('a', { hourlyCost: 0.1 }), noon);
    reserve(path, launch('b', { hourlyCost: 0.2 }), noon);
    assert.is(spendAt(path, noon).hour.running, 0.3);
    confirmLaunch(path, 'a', 'i-1', noon + minute);
    releaseLaunch(path, 'b', noon + minute);
    assert.equal(spendAt(path, noon + 60 * minute).day, { spent: 0.1, running: 1.1, this: 11, total: 12.2 });
    endLaunch(path, 'a', noon + 120 * minute);
    assert.equal(spendAt(path, noon + 180 * minute).hour, { running: 0, this: 1, total: 1 });
    assert.is(spendAt(path, noon + 180 * minute).day.spent, 0.2);
    assert.throws(() => reserve(path, launch('a'), noon + 181 * minute), isFailure('has ended'));
    assert.throws(() => endLaunch(path, 'c', noon), isFailure('no launch `c`'));
    assert.equal(readdirSync(join(folder, 'state')), ['ledger.jsonl']);
  });
});

test('a launch that is tried again under its id counts once, and other profiles have budgets of their own', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    reserve(path, launch('a'), noon);
    withSpend(path, launch('a'), noon, (reading, again) => {
      again();
      assert.is(spendOf(reading).hour.total, 1);
    });
    assert.is(openLedger(path).entries.size, 1);
    assert.is(spendAt(path, noon, 'other').hour.running, 0);
    const { profile: _, ...nobody } = launch('none');
    withSpend(path, nobody, noon, (reading) => assert.is(spendOf(reading).hour.running, 0));
  });
});

test('nothing is reserved where nothing was decided, nor afterwards', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    const late = withSpend(path, launch('a'), noon, (_, later) => later);
    assert.throws(late, /only while it is decided/);
    assert.throws(() => {
      withSpend(path, launch('a'), noon, () => {
        throw new Error('no decision');
      });
    }, /no decision/);
    assert.not.ok(existsSync(path));
    assert.not.ok(existsSync(`${path}.lock`));
  });
});

test('wherever a crash cuts the last line off, the ledger is read, goes on, and counts what was acted upon', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    const whole = join(folder, 'whole');
    reserve(whole, launch('a'), noon);
    endLaunch(whole, 'a', noon + 60 * minute);
    const text = readFileSync(whole);
    const lastLine = text.lastIndexOf('{');
    for (let cut = lastLine; cut <= text.length; cut++) {
      writeFileSync(path, text.subarray(0, cut));
      // Only the end may be lost, and then the launch runs on.
      const { hour } = spendAt(path, noon + 120 * minute);
      assert.is(hour.running, cut < text.length - 1 ? 1 : 0, String(cut));
      reserve(path, launch('b'), noon + 120 * minute);
      assert.is(openLedger(path).problem, undefined);
      assert.is(spendAt(path, noon + 120 * minute).hour.running, hour.running + 1);
    }
  });
});

test('a line that was changed, taken out or put in makes the spend unknown', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    reserve(path, launch('a'), noon);
    confirmLaunch(path, 'a', 'i-1', noon);
    reserve(path, launch('b'), noon);
    const lines = readFileSync(path, 'utf8').split('\n');
    const broken: readonly (readonly [string, RegExp])[] = [
      [lines.map((line) => line.replace('"who":"ann"', '"who":ann')).join('\n'), /line 2 is no record/],
      [lines.map((line) => line.replace('"hourly_cost":1', '"hourly_cost":-1')).join('\n'), /line 2 is no record/],
      [lines.map((line) => line.replace('"format":1', '"format":2')).join('\n'), /line 2 is no record/],
      [lines.filter((line) => !line.includes('reserve')).join('\n'), /which no line reserves/],
      [[...lines, ...lines].join('\n'), /reserves `a` again/],
      [`${lines.join('\n')}{"format":1,"event":"release","id":"a","at":"2026-11-23T12:00:00Z"}\n`, /has an instance/],
      [`${lines.join('\n')}nonsense\n`, /is no record/],
    ];
    for (const [text, problem] of broken) {
      writeFileSync(path, text);
      withSpend(path, launch('c'), noon, (reading) => {
        assert.match('problem' in reading ? reading.problem : '', problem);
      });
    }
  });
});

test('a clock that jumped back makes the spend unknown; one that is minutes behind counts as late as the ledger', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    reserve(path, launch('a'), noon);
    endLaunch(path, 'a', noon + 60 * minute);
    withSpend(path, launch('b'), noon, (reading) => {
      assert.match('problem' in reading ? reading.problem : '', /13:00:00Z, and the clock says 2026-11-23T12:00:00Z/);
    });
    assert.is(spendAt(path, noon + 57 * minute).day.spent, 1);
    assert.is(spendAt(path, noon + 57 * minute).day.this, 11);
    // What ends by a clock that has jumped back ran until the latest record, which stays the latest.
    reserve(path, launch('c'), noon + 60 * minute);
    reserve(path, launch('d'), noon + 120 * minute);
    endLaunch(path, 'c', noon + 30 * minute);
    assert.equal(spendAt(path, noon + 120 * minute).hour.running, 1);
    assert.equal(spendAt(path, noon + 120 * minute).day.spent, 2);
    withSpend(path, launch('b'), noon + 30 * minute, (reading) => assert.ok('problem' in reading));
  });
});

test('what EC2 has and the ledger does not, and the other way round, is put right', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    for (const id of ['died', 'started', 'gone', 'stopped', 'new']) {
      reserve(path, launch(id), id === 'new' ? noon + 19 * minute : noon);
    }
    reserve(path, launch('elsewhere', { region: 'us-east-1' }), noon);
    reserve(path, launch('other', { profile: 'other' }), noon);
    for (const id of ['gone', 'stopped']) confirmLaunch(path, id, `i-${id}`, noon);
    const found = [instance('started'), instance('stopped', 'stopped'), instance('stranger')];
    const scope = { profile: 'cs101', regions: new Set(['eu-west-1']) };
    const { unknown, ...told } = reconcile(path, scope, found, noon + 20 * minute);
    assert.equal(told, { confirmed: ['started'], released: ['died'], ended: ['gone', 'stopped'], resumed: [] });
    assert.equal(unknown, [found[2]]);
    assert.is(spendAt(path, noon + 20 * minute).hour.running, 3);
    const nothing = { confirmed: [], released: [], ended: [], resumed: [] };
    const again = reconcile(path, scope, found, noon + 20 * minute);
    assert.equal(again, { ...nothing, unknown: [found[2]] });
    // What was released too early, and what was started again, counts from when it started.
    const later = [
      instance('died'),
      instance('stopped', 'running', noon + 30 * minute),
      instance('started', 'stopping'),
      instance('new'),
    ];
    assert.equal(reconcile(path, scope, later, noon + 40 * minute), {
      ...nothing,
      confirmed: ['died', 'new'],
      resumed: ['stopped'],
      unknown: [],
    });
    const { entries } = openLedger(path);
    assert.equal(entries.get('died')?.ran, [{ from: noon }]);
    const stopped = entries.get('stopped')?.ran;
    assert.equal(stopped, [{ from: noon, to: noon + 20 * minute }, { from: noon + 30 * minute }]);
  });
});

test('who releases a launch that another call has started in between releases nothing, and the ledger still adds up', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    reserve(path, launch('a'), noon);
    confirmLaunch(path, 'a', 'i-a', noon);
    releaseLaunch(path, 'a', noon);
    assert.is(openLedger(path).problem, undefined);
    assert.is(spendAt(path, noon).hour.running, 1);
  });
});

test('no tag of an instance, taken away or put on another, ends a launch of the ledger', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'ledger');
    const scope = { profile: 'cs101', regions: new Set(['eu-west-1']) };
    for (const id of ['a', 'b']) reserve(path, launch(id), noon);
    confirmLaunch(path, 'a', 'i-a', noon);
    const untagged = { region: 'eu-west-1', instance: { ...instance('a').instance, tags: new Map<string, string>() } };
    const decoy = (id: string) => {
      const { instance: other } = instance(id, 'stopped');
      return { region: 'eu-west-1', instance: { ...other, id: `i-decoy-${id}` } };
    };
    const found = [untagged, decoy('a'), decoy('b'), instance('b'), decoy('b')];
    const told = reconcile(path, scope, found, noon + 20 * minute);
    assert.equal(told, { confirmed: ['b'], released: [], ended: [], resumed: [], unknown: [] });
    assert.is(openLedger(path).entries.get('b')?.instance, instance('b').instance.id);
    assert.is(spendAt(path, noon + 20 * minute).hour.running, 2);
  });
});

test('a ledger has one lock by all its names, also before it is there', async () => {
  await withFolder((folder) => {
    mkdirSync(join(folder, 'shared'));
    symlinkSync(join(folder, 'shared'), join(folder, 'mine'));
    symlinkSync(join(folder, 'shared', 'ledger'), join(folder, 'link'));
    const path = join(folder, 'shared', 'ledger');
    withLock(path, () => assert.ok(isLocked(join(folder, 'mine', 'ledger'))));
    reserve(path, launch('a'), noon);
    for (const name of ['mine/ledger', 'link']) {
      withLock(join(folder, name), () => assert.ok(isLocked(path)));
    }
    assert.equal(readdirSync(join(folder, 'shared')), ['ledger']);
  });
});

test('EC2 is asked for the instances of the profile, where it has launched and where it is to launch', async () => {
  await withFolder(async (folder) => {
    const path = join(folder, 'ledger');
    reserve(path, launch('a'), noon);
    reserve(path, launch('b', { region: 'us-east-1' }), noon);
    reserve(path, launch('c', { profile: 'other', region: 'us-west-2' }), noon);
    const { profile: _, ...nobody } = launch('d', { region: 'eu-central-1' });
    reserve(path, nobody, noon);
    const asked: string[] = [];
    const cloud: Pick<Cloud, 'instances'> = {
      instances: async (region, [key, value]) => {
        asked.push(`${region} ${key}=${value}`);
        return region === 'eu-west-1' ? [instance('a').instance] : [];
      },
    };
    const told = await reconcileProfile(path, 'cs101', 'eu-west-3', cloud, noon + 20 * minute);
    assert.equal(
      asked.sort(),
      ['eu-west-1', 'eu-west-3', 'us-east-1'].map((region) => `${region} polc:profile=cs101`),
    );
    assert.equal([told.confirmed, told.released], [['a'], ['b']]);
    await reconcileProfile(path, undefined, 'eu-central-1', cloud, noon + 20 * minute);
    assert.equal(asked.slice(3), ['eu-central-1 polc:profile=-']);
    assert.ok(openLedger(path).entries.get('c')?.ran.length);
    const refusing: Pick<Cloud, 'instances'> = {
      instances: () => Promise.reject(new AwsFailure('ec2:DescribeInstances', 'AccessDenied', 'no', false)),
    };
    const failed = await reconcileProfile(path, 'cs101', 'us-east-1', refusing, noon).catch((error: unknown) => error);
    assert.ok(failed instanceof AwsFailure);
  });
});

const processes = 100;

test('100 processes at once never exceed one budget, one of them killed while it holds the ledger, one after it reserved', async () => {
  await withFolder(async (folder) => {
    const path = join(folder, 'ledger');
    const script = join(folder, 'launcher.mjs');
    await writeScript(script);
    const start = (...words: string[]) => spawn(process.execPath, [script, path, ...words], { stdio: 'pipe' });
    const reserved = start('reserved', 'after-reserve');
    await heard(reserved, 'held');
    await killed(reserved);
    const holder = start('holder', 'before-reserve');
    await heard(holder, 'held');
    const launchers = Array.from({ length: processes - 2 }, (_, index) => start(`launch-${index}`));
    const answers = launchers.map(answerOf);
    await heard(launchers[0]!, 'waiting');
    await killed(holder);
    const said = await Promise.all(answers);
    const allowed = said.filter((answer) => answer.endsWith('allowed'));
    const refused = said.filter((answer) => answer.endsWith('refused'));
    // $0.50/h are ten at $0.05/h, one of them the process that died with its reservation.
    assert.equal([allowed.length, refused.length], [9, processes - 2 - 9]);
    const { entries, problem } = openLedger(path);
    assert.is(problem, undefined);
    assert.is(entries.size, 10);
    assert.equal(readdirSync(folder).sort(), ['launcher.mjs', 'ledger']);
    // Nothing of it is in EC2 but what the nine said, so the tenth is free again, after its time.
    const found = [...entries.keys()].filter((id) => id !== 'reserved').map((id) => instance(id));
    const { released } = reconcile(
      path,
      { profile: 'cs101', regions: new Set(['eu-west-1']) },
      found,
      Date.now() + 16 * minute,
    );
    assert.equal(released, ['reserved']);
    assert.is(spendAt(path, Date.now() + 16 * minute, 'cs101').hour.running, 0.45);
  });
});

test('locks of processes whose numbers others have, and of processes that died as they took one away, hold up nobody', async () => {
  await withFolder(async (folder) => {
    const path = join(folder, 'ledger');
    const gone = spawn(process.execPath, ['-e', '']);
    await new Promise((done) => gone.on('exit', done));
    writeFileSync(`${path}.lock`, `${process.ppid} ${hostname()} 1`);
    writeFileSync(`${path}.lock.remove`, `${gone.pid} ${hostname()} 1`);
    reserve(path, launch('a'), noon);
    assert.equal(readdirSync(folder), ['ledger']);
  });
});

function launch(id: string, more: Partial<PlannedLaunch> = {}): PlannedLaunch {
  const place = { region: 'eu-west-1', instanceType: 't3.micro' };
  return { id, profile: 'cs101', who: 'ann', name: id, ...place, hourlyCost: 1, ...more };
}

function reserve(path: string, planned: PlannedLaunch, now: number): void {
  withSpend(path, planned, now, (_, doReserve) => doReserve());
}

function spendAt(path: string, now: number, profile = 'cs101'): Spend {
  return withSpend(path, launch('asked', { profile }), now, spendOf);
}

function spendOf(reading: SpendReading): Spend {
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.spend;
}

function instance(id: string, state = 'running', startedAt = noon): FoundInstance {
  const tags = new Map([[launchTag, id]]);
  const found: CloudInstance = { id: `i-${id}`, state, tags, startedAt };
  return { region: 'eu-west-1', instance: found };
}

function isFailure(text: string): (error: unknown) => boolean {
  return (error) => error instanceof AuditFailure && error.message.includes(text);
}

/** A launch as a process: decides by an hourly budget of half a dollar, and says what came of it. */
async function writeScript(script: string): Promise<void> {
  const contents = `
    import { writeSync } from 'node:fs';
    import { confirmLaunch, withSpend } from ${JSON.stringify(join(root, 'runtime/launch/ledger.ts'))};
    const [path, id, hang] = process.argv.slice(2);
    const forEver = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    const hold = (where) => { if (hang === where) { writeSync(1, 'held '); forEver(); } };
    const planned = { id, profile: 'cs101', who: 'ann', name: id, region: 'eu-west-1', instanceType: 't3.micro', hourlyCost: 0.05 };
    writeSync(1, 'waiting ');
    const allowed = withSpend(path, planned, Date.now(), (reading, reserve) => {
      hold('before-reserve');
      const fits = 'spend' in reading && reading.spend.hour.total <= 0.5;
      if (fits) reserve();
      hold('after-reserve');
      return fits;
    });
    if (allowed) confirmLaunch(path, id, 'i-' + id, Date.now());
    writeSync(1, allowed ? 'allowed' : 'refused');`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: '/' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  writeFileSync(script, outputFiles[0]!.text);
}

function heard(child: ChildProcess, word: string): Promise<void> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      if (text.includes(word)) done();
    });
    child.on('exit', () => fail(new Error(`it ended before it said \`${word}\`: ${text}`)));
  });
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.removeAllListeners('exit');
    child.on('exit', () => done());
    child.kill('SIGKILL');
  });
}

function answerOf(child: ChildProcess): Promise<string> {
  return new Promise((done) => {
    let text = '';
    child.stdout?.on('data', (part: Buffer) => (text += part.toString()));
    child.stderr?.on('data', (part: Buffer) => (text += part.toString()));
    child.on('close', () => done(text));
  });
}

run();
