import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, type ProjectFolder, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('building on threads');

/** As many as two threads are started for. */
const enough = 48;
const onThreads = ['--jobs', '2', ...calm] as const;

function policies(count: number, memory = 64): Record<string, string> {
  const more = (at: number) => `resources: { memory: ${memory + at}MiB }\n`;
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}.yaml`, smallPolicy(`p${at}`, more(at))]));
}

/** The output without the report, which names its time. */
function artifacts({ contents }: ProjectFolder, out = 'dist') {
  const { 'build-report.json': _report, ...rest } = contents(out);
  return rest;
}

test('threads give the same bytes, modes and report as one alone, and leave no staging folder', () =>
  withProject((project) => {
    const { folder, write, read, polc } = project;
    write(policies(enough));
    const one = polc(['build', '--no-cache', '--jobs', '1', ...calm]);
    assert.is(one.status, 0, one.stderr);
    const two = polc(['build', '--no-cache', '--out', 'threads', ...onThreads]);
    assert.is(two.status, 0, two.stderr);
    assert.equal(artifacts(project, 'threads'), artifacts(project));
    assert.equal(readdirSync(join(folder, 'threads')).sort(), readdirSync(join(folder, 'dist')).sort());
    const launcher = 'p0/launcher/launcher.x86_64';
    assert.is(statSync(join(folder, 'threads', launcher)).mode, statSync(join(folder, 'dist', launcher)).mode);
    for (const { policy, files } of JSON.parse(read('threads/build-report.json')).policies) {
      for (let at = 0; at < files.length; at += 3) {
        const { size, mtimeMs } = statSync(join(folder, 'threads', policy, files[at]));
        assert.equal(files.slice(at + 1, at + 3), [size, mtimeMs], files[at]);
      }
      const inside = readdirSync(join(folder, 'threads', policy), { recursive: true, withFileTypes: true });
      assert.is(files.length / 3, inside.filter((entry) => entry.isFile()).length);
    }
  }));

test('what the output folder holds already is not written again', () =>
  withProject(({ folder, write, polc }) => {
    write(policies(enough));
    assert.is(polc(['build', ...onThreads]).status, 0);
    const inodes = () => Array.from({ length: enough }, (_, at) => statSync(join(folder, `dist/p${at}`)).ino);
    const before = inodes();
    write({ 'p7.yaml': policies(8, 100)['p7.yaml']! });
    assert.is(polc(['build', '--no-cache', ...onThreads]).status, 0);
    const same = inodes().filter((inode, at) => inode === before[at]).length;
    assert.is(same, enough - 1);
  }));

test('one wrong policy of many: the last good output stays byte for byte, and no staging folder', () =>
  withProject(({ folder, write, contents, polc }) => {
    write(policies(enough));
    assert.is(polc(['build', ...onThreads]).status, 0);
    const before = contents('dist');
    const names = readdirSync(join(folder, 'dist'));
    write({ ...policies(enough, 100), 'p30.yaml': 'profile: p30\nmode: sandbox\nresorces: {}\n' });
    const failed = polc(['build', ...onThreads]);
    assert.is(failed.status, 1, failed.stderr);
    assert.match(failed.stdout, /\nnothing was written: 1 of 48 policies is wrong/);
    assert.equal(contents('dist'), before);
    assert.equal(readdirSync(join(folder, 'dist')), names);
    // What was made for the staging folder goes with it, and nothing else.
    write({ 'kept/mine.txt': 'mine' });
    assert.is(polc(['build', '--no-cache', '--out', 'kept/deep/out', ...onThreads]).status, 1);
    assert.equal(readdirSync(join(folder, 'kept')), ['mine.txt']);
  }));

test('two policies of one name on two threads are an error, not a mixture', () =>
  withProject(({ folder, write, polc }) => {
    write({ ...policies(enough), 'twin.yaml': policies(1, 9)['p0.yaml']! });
    const failed = polc(['build', ...onThreads]);
    assert.is(failed.status, 1);
    assert.match(failed.stderr, /error\[POL5021\]/);
    assert.not(existsSync(join(folder, 'dist')));
  }));

test('an output that cannot be written ends with 3 and names the reason', () =>
  withProject(({ write, read, polc }) => {
    write({ ...policies(enough), taken: 'a file\n' });
    const refused = polc(['build', '--out', 'taken/below', ...onThreads]);
    assert.is(refused.status, 3);
    assert.match(
      refused.stderr,
      /error\[POL8003\]: cannot write `taken.*`: a file has the place of a folder \(ENOTDIR\)/,
    );
    assert.is(read('taken'), 'a file\n');
  }));

const interrupted = 'who interrupts a build finds no staging folder';
if (process.platform === 'win32') skip(interrupted, 'Windows has no such signals');
else
  test(interrupted, () =>
    withProject(async ({ folder, write, start }) => {
      write(policies(400));
      const build = start(['build', '--no-cache', '--out', 'new/out', ...onThreads], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const ended = once(build, 'exit');
      const out = join(folder, 'new/out');
      const isStaging = () => existsSync(out) && readdirSync(out).some((name) => name.startsWith('.polc-'));
      while (build.exitCode === null && !isStaging()) await delay(2);
      await delay(20);
      build.kill('SIGINT');
      assert.equal(await ended, [null, 'SIGINT']);
      assert.not(existsSync(join(folder, 'new')));
    }),
  );

run();
