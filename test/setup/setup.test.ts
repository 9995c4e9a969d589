import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('setup');
const root = process.env.POLC_ROOT ?? '.';

/** An `npm` that writes what it does, takes half a second, and fails where the file `fail` stands. */
const npm = `#!/bin/sh
echo "begins $1" >> npm.log
sleep 0.5
echo ends >> npm.log
mkdir -p node_modules
test ! -e fail
`;

interface Clone {
  /** Starts `setup.js` and gives its exit code with what it said. */
  setUp(): Promise<{ readonly code: number | null; readonly errors: string }>;
  readonly lock: string;
  /** What was asked of npm, by line. */
  log(): readonly string[];
  path(name: string): string;
}

const withClone = (check: (clone: Clone) => Promise<void>) =>
  withFolder(async (folder) => {
    const path = (name: string) => join(folder, name);
    for (const each of ['scripts/setup.js', 'scripts/setup-lock.js', 'package-lock.json', 'package.json'])
      cpSync(join(root, each), path(each));
    mkdirSync(path('bin'));
    writeFileSync(path('bin/npm'), npm, { mode: 0o755 });
    await check({
      path,
      lock: path('build/setup-lock'),
      log: () => (existsSync(path('npm.log')) ? readFileSync(path('npm.log'), 'utf8').trim().split('\n') : []),
      setUp: () =>
        new Promise((resolve) => {
          const env = { ...process.env, PATH: `${path('bin')}:${process.env.PATH}` };
          const child = spawn(process.execPath, [path('scripts/setup.js')], {
            env,
            stdio: ['ignore', 'ignore', 'pipe'],
          });
          let errors = '';
          child.stderr.on('data', (text) => {
            errors += text;
          });
          child.on('close', (code) => resolve({ code, errors }));
        }),
    });
  });

/** The pid of a process that has ended. */
const gone = () => String(spawnSync(process.execPath, ['-e', '']).pid);

function holdLock({ lock }: Clone, pid: string): void {
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'pid'), pid);
}

test('several that start at once install once, and all wait for it', () =>
  withClone(async (clone) => {
    const results = await Promise.all([clone.setUp(), clone.setUp(), clone.setUp()]);
    assert.equal(clone.log(), ['begins ci', 'ends']);
    for (const { code, errors } of results) assert.is(code, 0, errors);
    assert.is(results.filter(({ errors }) => /^installing/.test(errors)).length, 1);
    assert.equal(readdirSync(clone.path('build')), []);
    assert.equal(await clone.setUp(), { code: 0, errors: '' });
  }));

test('the lock of a process that is gone holds nobody, of however many that wait', () =>
  withClone(async (clone) => {
    holdLock(clone, gone());
    const results = await Promise.all([clone.setUp(), clone.setUp(), clone.setUp()]);
    for (const { code, errors } of results) assert.is(code, 0, errors);
    assert.equal(clone.log(), ['begins ci', 'ends']);
    assert.equal(readdirSync(clone.path('build')), []);
  }));

test('a lock older than any installation is of a pid that was given away again', () =>
  withClone(async (clone) => {
    holdLock(clone, String(process.pid));
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(clone.lock, hourAgo, hourAgo);
    assert.is((await clone.setUp()).code, 0);
    assert.equal(clone.log(), ['begins ci', 'ends']);
  }));

test('while its holder runs a lock is respected, and whoever waits says for whom', () =>
  withClone(async (clone) => {
    const holder = spawn('sleep', ['1']);
    holdLock(clone, String(holder.pid));
    const ended = new Promise((resolve) => holder.on('close', resolve)).then(() => clone.log());
    const { code, errors } = await clone.setUp();
    assert.is(code, 0, errors);
    assert.match(errors, new RegExp(`^process ${holder.pid} installs the dependencies; waiting …\ninstalling`));
    assert.equal(await ended, []);
  }));

test('an installation that fails leaves no lock, and the next one tries again', () =>
  withClone(async (clone) => {
    writeFileSync(clone.path('fail'), '');
    const results = await Promise.all([clone.setUp(), clone.setUp()]);
    for (const { code } of results) assert.is(code, 1);
    assert.equal(clone.log(), ['begins ci', 'ends', 'begins ci', 'ends']);
    assert.equal(readdirSync(clone.path('build')), []);
  }));

run();
