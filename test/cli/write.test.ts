import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { OutputFolder } from '../../cli/staging.ts';
import { publish } from '../../cli/write.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('write');

const web: OutputFolder = {
  name: 'web',
  files: [
    { path: 'seccomp/x86_64.bpf', content: new Uint8Array([1, 2, 3]) },
    { path: 'manifest.json', content: '{}\n' },
    { path: 'launcher/run', content: 'elf', executable: true },
  ],
};

function tree(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory()) files[path.slice(folder.length + 1)] = readFileSync(path, 'latin1');
  }
  return files;
}

test('folders and files come out whole, and nothing else is left', () =>
  withFolder((folder) => {
    const out = join(folder, 'deep/dist');
    for (const sync of [false, true]) {
      assert.is(publish(out, [web], { files: () => [{ path: 'build-report.json', content: '1' }], sync }), undefined);
      assert.equal(tree(out), {
        'build-report.json': '1',
        'web/launcher/run': 'elf',
        'web/manifest.json': '{}\n',
        'web/seccomp/x86_64.bpf': '\u0001\u0002\u0003',
      });
    }
    assert.is(statSync(join(out, 'web/launcher/run')).mode & 0o111, 0o111);
    assert.is(statSync(join(out, 'web/manifest.json')).mode & 0o111, 0);
  }));

test('a folder is replaced as a whole; others stay', () =>
  withFolder((out) => {
    writeFileSync(join(out, 'mine.txt'), 'mine');
    publish(out, [web, { name: 'db', files: [{ path: 'a', content: 'a' }] }]);
    publish(out, [{ name: 'web', files: [{ path: 'ir.txt', content: 'new' }] }]);
    assert.equal(tree(out), { 'db/a': 'a', 'mine.txt': 'mine', 'web/ir.txt': 'new' });
  }));

test('what is already there is not written again, and what was changed is', () =>
  withFolder((out) => {
    publish(out, [web]);
    const inode = () => statSync(join(out, 'web')).ino;
    const first = inode();
    publish(out, [web]);
    assert.is(inode(), first);
    for (const spoil of [
      () => writeFileSync(join(out, 'web/manifest.json'), '[]\n'),
      () => writeFileSync(join(out, 'web/extra'), ''),
      () => chmodSync(join(out, 'web/launcher/run'), 0o644),
    ]) {
      spoil();
      publish(out, [web]);
      assert.is(Object.keys(tree(out)).length, 3);
      assert.is(readFileSync(join(out, 'web/manifest.json'), 'utf8'), '{}\n');
      assert.is(statSync(join(out, 'web/launcher/run')).mode & 0o100, 0o100);
    }
  }));

test('when a step fails, every folder is as it was, and the diagnostic says why', () =>
  withFolder((out) => {
    publish(out, [web]);
    const before = tree(out);
    // A file cannot be renamed over a folder, so the last step of this one fails after `web` and `new` were moved.
    mkdirSync(join(out, 'build-report.json'));
    const found = publish(
      out,
      [
        { name: 'web', files: [{ path: 'x', content: 'x' }] },
        { name: 'new', files: [{ path: 'y', content: 'y' }] },
      ],
      { files: () => [{ path: 'build-report.json', content: '2' }] },
    );
    assert.is(found?.code, 'POL8003');
    assert.match(found?.message ?? '', /^cannot write `.*`: it is a folder \(EISDIR\)$/);
    assert.equal(tree(out), before);
    assert.equal(readdirSync(out).sort(), ['build-report.json', 'web']);
  }));

test('an output that is a file is a diagnostic', () =>
  withFolder((folder) => {
    const out = join(folder, 'file');
    writeFileSync(out, '');
    assert.match(publish(out, [web])?.message ?? '', /a file has the place of a folder \(ENOTDIR\)/);
    assert.match(publish(join(out, 'below'), [web])?.message ?? '', /a file has the place of a folder/);
  }));

test('a build that died between two renames is healed by the next one', () =>
  withFolder((out) => {
    // 4194304 is above the kernel's largest process number (PID_MAX_LIMIT), so no process has it.
    const staging = join(out, '.polc-4194304-abc');
    mkdirSync(join(staging, 'old/web'), { recursive: true });
    writeFileSync(join(staging, 'old/web/kept'), 'kept');
    const running = join(out, `.polc-${process.ppid}-abc`);
    mkdirSync(running);
    publish(out, [{ name: 'db', files: [{ path: 'a', content: 'a' }] }]);
    assert.equal(tree(out), { 'db/a': 'a', 'web/kept': 'kept' });
    assert.not(existsSync(staging));
    assert.ok(existsSync(running));
  }));

test('a path that leaves the output is a mistake of ours and throws', () =>
  withFolder((out) => {
    for (const path of ['../x', 'a/../../x', '/x', 'a//b', '', 'a\\b', './a']) {
      assert.throws(() => publish(out, [{ name: 'web', files: [{ path, content: '' }] }]));
    }
    assert.throws(() =>
      publish(out, [
        { name: '..', files: [] },
        { name: '.polc-1-a', files: [{ path: 'a', content: '' }] },
      ]),
    );
    assert.equal(readdirSync(out), []);
  }));

run();
