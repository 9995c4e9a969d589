import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { SystemCalls } from '../../runtime/kernel/system-calls.ts';
import { filesOfPath, filesOfSet, programOf } from '../../runtime/sandbox/read-ahead/file-sets.ts';
import { linkedLibraries } from '../../runtime/sandbox/read-ahead/linked-libraries.ts';
import { mostFiles, readAhead } from '../../runtime/sandbox/read-ahead/read-ahead.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('reading ahead');

const machine = process.arch === 'x64' ? 'x86_64' : 'aarch64';
const folders = [
  `/usr/lib/${machine}-linux-gnu`,
  `/lib/${machine}-linux-gnu`,
  '/usr/lib64',
  '/lib64',
  '/usr/lib',
  '/lib',
];
const surroundings = (program: string, path = '/usr/bin:/bin') => ({ program, path, machine }) as const;
const all = async (files: AsyncIterable<string>) => {
  const found: string[] = [];
  for await (const file of files) found.push(file);
  return found;
};

/** Keeps what it is asked to read ahead; its descriptors are looked up while they are open. */
function recording(): { readonly calls: SystemCalls; readonly read: string[] } {
  const read: string[] = [];
  const calls: SystemCalls = {
    call: () => 0,
    async wait(name, descriptor, from, size, advice) {
      assert.equal([name, from, advice], ['fadvise64', 0, 3]);
      read.push(`${realpathSync(`/proc/self/fd/${String(descriptor)}`)} ${String(size)}`);
      return 0;
    },
    address: () => 0n,
    memory: () => new ArrayBuffer(0),
  };
  return { calls, read };
}

if (process.platform !== 'linux') skip('every test', 'it reads files of Linux');
else {
  test('the libraries of a program are those that the dynamic linker names', async () => {
    for (const program of ['/bin/bash', '/usr/bin/python3', process.execPath]) {
      if (!existsSync(program)) continue;
      const listed = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout ?? '';
      const expected = [...listed.matchAll(/=> (\/\S+) \(/g)].map(([, path]) => realpathSync(path!));
      // The dynamic linker itself is named by libraries too.
      const found = (await linkedLibraries(program, folders)).filter((path) => !/\/ld[-.]/.test(path));
      assert.equal([...found].sort(), [...new Set(expected)].sort(), program);
    }
  });

  test('what is no program has no libraries, whatever its tables say', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'file');
      const whole = statSync('/bin/sh').isFile() ? spawnSync('cat', ['/bin/sh']).stdout : Buffer.alloc(0);
      for (const content of ['', 'text', whole.subarray(0, 64), whole.subarray(0, 200)]) {
        writeFileSync(file, content);
        assert.equal(await linkedLibraries(file, folders), []);
      }
      for (let at = 16; at < 64; at++) {
        const wrong = Buffer.from(whole);
        wrong[at] = 0xff;
        writeFileSync(file, wrong);
        await linkedLibraries(file, folders);
      }
      assert.equal(await linkedLibraries(join(folder, 'absent'), folders), []);
    }));

  test('a set is of the program that is started, or of the first along PATH that is no script', () =>
    withFolder((folder) => {
      writeFileSync(join(folder, 'python3'), '#!/bin/sh\n', { mode: 0o755 });
      const node = realpathSync(process.execPath);
      symlinkSync(node, join(folder, 'node'));
      assert.is(programOf('node', surroundings('sh', `${folder}:/usr/bin`)), join(folder, 'node'));
      assert.is(programOf('node', surroundings(process.execPath, folder)), process.execPath);
      assert.is(programOf('node', surroundings('sh', '/nonexistent')), undefined);
      assert.is(programOf('python', surroundings(join(folder, 'python3'), folder)), undefined);
      assert.is(programOf('program', surroundings('python3', folder)), join(folder, 'python3'));
      assert.is(programOf('program', surroundings('', folder)), undefined);
    }));

  test('what Python reads at its start is in its set', async () => {
    const python = '/usr/bin/python3';
    if (!existsSync(python)) return;
    const text = 'import sys, encodings.utf_8 as u, encodings as e; print(sys.executable, u.__cached__, e.__cached__)';
    const { stdout } = spawnSync(python, ['-I', '-c', text], { encoding: 'utf8' });
    const set = await all(filesOfSet('python', python, machine));
    assert.is(set[0], realpathSync(python));
    for (const path of stdout
      .trim()
      .split(' ')
      .map((each) => realpathSync(each)))
      assert.ok(set.includes(path), path);
  });

  test('paths stand for files, for folders with all beneath, and for what patterns match; links in a folder are left', () =>
    withFolder(async (folder) => {
      mkdirSync(join(folder, 'data/deep'), { recursive: true });
      for (const name of ['data/a.bin', 'data/b.txt', 'data/deep/c.bin']) writeFileSync(join(folder, name), 'x');
      symlinkSync(folder, join(folder, 'data/loop'));
      const names = async (path: string) =>
        (await all(filesOfPath(join(folder, path)))).map((each) => each.slice(folder.length + 1)).sort();
      assert.equal(await names('data/a.bin'), ['data/a.bin']);
      assert.equal(await names('data'), ['data/a.bin', 'data/b.txt', 'data/deep/c.bin']);
      assert.equal(await names('data/*.bin'), ['data/a.bin']);
      assert.equal(await names('data/*/?.bin'), ['data/deep/c.bin']);
      assert.equal(await names('absent/*'), []);
    }));

  test('each file is handed to the kernel once, whole, and what is no file is passed over', () =>
    withFolder(async (folder) => {
      writeFileSync(join(folder, 'a'), 'four');
      symlinkSync(join(folder, 'a'), join(folder, 'b'));
      writeFileSync(join(folder, 'empty'), '');
      spawnSync('mkfifo', [join(folder, 'pipe')]);
      const { calls, read } = recording();
      const asked = ['b', 'a', 'empty', 'pipe', 'absent', ''].map((name) => join(folder, name));
      const amount = await readAhead(
        [...asked, '/proc/self/status', '/dev/zero'],
        surroundings('sh'),
        async () => calls,
      ).done;
      assert.equal(
        read.filter((each) => !each.endsWith(' 0')),
        [`${realpathSync(folder)}/a 4`],
      );
      assert.equal(amount, { files: 1, bytes: 4 });
      const without = await readAhead([folder], surroundings('sh'), async () => undefined).done;
      assert.equal(without, { files: 1, bytes: 4 });
    }));

  test('so many files are read and no more, and none once it has been ended', () =>
    withFolder(async (folder) => {
      for (let index = 0; index < mostFiles + 5; index++) writeFileSync(join(folder, String(index)), 'x');
      const { calls, read } = recording();
      assert.equal(await readAhead([folder], surroundings('sh'), async () => calls).done, {
        files: mostFiles,
        bytes: mostFiles,
      });
      assert.is(read.length, mostFiles);
      const ended = readAhead([folder], surroundings('sh'), async () => calls);
      ended.end();
      assert.equal(await ended.done, { files: 0, bytes: 0 });
    }));

  test('a set that is not on this machine is told, and the rest is read', async () => {
    const { calls, read } = recording();
    const reading = readAhead(['node', '/bin/sh'], surroundings('sh', '/nonexistent'), async () => calls);
    assert.equal(reading.absent, ['performance.prefetch: of node nothing is found here']);
    await reading.done;
    assert.is(read.length, 1);
  });

  test('polc run reads ahead, starts the program whatever it finds, and says which sets are not there', () =>
    withProject((project) => {
      project.write({ 'p.yaml': 'profile: p\nmode: sandbox\nperformance: { prefetch: [node, program, /absent] }\n' });
      const go = (path: string) => {
        const done = project.polc(['run', 'p.yaml', '--', '/bin/sh', '-c', 'echo done'], { env: { PATH: path } });
        assert.is(done.status, 0, done.stderr);
        assert.is(done.stdout, 'done\n');
        assert.not.match(done.stderr, 'POL');
        return done.stderr;
      };
      assert.match(go('/nonexistent'), 'performance.prefetch: of node nothing is found here');
      assert.not.match(go(dirname(process.execPath)), 'nothing is found');
      project.write({ 'p.yaml': 'profile: p\nmode: sandbox\nperformance: { prefetch: pyton }\n' });
      const { stderr: unknown } = project.polc(['check', 'p.yaml']);
      assert.match(unknown, '`pyton` is not a file set');
      assert.match(unknown, 'did you mean `python`');
    }));
}

run();
