import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { pinGroupName } from '../../runtime/hook-programs/pinned.ts';
import { makeProgramGroup, unifiedMount } from '../../runtime/hook-programs/program-group.ts';
import { ownName, sweepDeadFolders, sweepDeadGroups } from '../../runtime/sandbox/left-behind.ts';
import { writeProgram } from '../../runtime/sandbox/program-file.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('what a polc leaves that was killed');

if (process.platform !== 'linux') skip('every test', 'processes and groups of Linux are meant');
else {
  /** Above every number of a process (proc_sys_kernel(5), pid_max). */
  const nobody = 2 ** 22 + 7;
  const here = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0];
  const dead = (name: string, random = '0a1b2c') => `polc-${name}-${here}-${nobody}-${random}`;
  const old = new Date(Date.now() - 3_600_000);

  test('what polc named goes when it is empty, old and its polc gone, and nothing else', () =>
    withFolder((folder) => {
      const now = Date.now();
      const names = {
        dead: dead('web'),
        alive: ownName('web'),
        full: dead('web', 'aaaaaa'),
        elsewhere: `polc-web-${Number(here) + 1}-${nobody}-0a1b2c`,
        unknown: `polc-web-0-${nobody}-0a1b2c`,
        pinned: pinGroupName('web'),
        other: dead('web').slice('polc-'.length),
        longer: `${dead('web')}d`,
      };
      assert.match(names.alive, new RegExp(`^polc-web-${here}-${process.pid}-[0-9a-f]{6}$`));
      for (const name of Object.values(names)) mkdirSync(join(folder, name));
      mkdirSync(join(folder, names.full, 'within'));
      symlinkSync('nowhere', join(folder, dead('link')));
      sweepDeadGroups(folder, lstatSync(join(folder, names.dead)).mtimeMs + 59_000);
      assert.is(readdirSync(folder).length, 9);
      sweepDeadGroups(folder, now + 120_000);
      const { dead: _, ...kept } = names;
      assert.equal(readdirSync(folder).sort(), [...Object.values(kept), dead('link')].sort());
      sweepDeadGroups(join(folder, 'nowhere'), now);
    }));

  test('the group of a pin stays, whatever the pin is called', () =>
    withFolder((folder) => {
      const pins = ['db-20261123-180000', 'web-4194999-abc123', dead('web'), `web-${here}-${nobody}-0a1b2c`];
      for (const pin of pins) mkdirSync(join(folder, pinGroupName(pin)));
      sweepDeadGroups(folder, Date.now() + 120_000);
      assert.is(readdirSync(folder).length, pins.length);
    }));

  test('launchers go with the next that is written, and no folder of another name or of one who lives', () =>
    withFolder((folder) => {
      const before = process.env.TMPDIR;
      process.env.TMPDIR = folder;
      try {
        for (const name of [dead('run'), dead('web'), dead('run', '00000g')]) {
          mkdirSync(join(folder, name));
          writeFileSync(join(folder, name, 'web'), '');
          utimesSync(join(folder, name), old, old);
        }
        const first = writeProgram('web', new Uint8Array(1));
        utimesSync(join(first.path, '..'), old, old);
        const second = writeProgram('web', new Uint8Array(1));
        assert.is(lstatSync(join(first.path, '..')).mode & 0o777, 0o700);
        assert.equal([existsSync(first.path), existsSync(second.path)], [true, true]);
        first.remove();
        second.remove();
        assert.equal(readdirSync(folder).sort(), [dead('run', '00000g'), dead('web')].sort());
        if (process.getuid?.() === 0) {
          mkdirSync(join(folder, dead('run')));
          chownSync(join(folder, dead('run')), 65534, 65534);
          sweepDeadFolders(folder, 'run', Date.now() + 120_000);
          assert.ok(existsSync(join(folder, dead('run'))));
        }
      } finally {
        if (before === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = before;
      }
    }));

  const kernels = 'a group of the kernel goes with the next that is made, unless it holds another';
  const top = process.getuid?.() === 0 ? unifiedMount() : undefined;
  if (top === undefined) skip(kernels, 'it needs root and control groups of version 2');
  else {
    test(kernels, () => {
      const [gone, full] = ['0a1b2c', 'aaaaaa'].map((end) => join(top, dead('swept', end)));
      for (const group of [gone!, full!, join(full!, 'within')]) mkdirSync(group);
      for (const group of [gone!, full!]) utimesSync(group, old, old);
      const made = makeProgramGroup(ownName('swept'));
      try {
        assert.equal([existsSync(gone!), existsSync(full!), existsSync(made)], [false, true, true]);
      } finally {
        for (const group of [made, join(full!, 'within'), full!]) rmdirSync(group);
      }
    });
  }
}

run();
