import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { killGroup } from '../../runtime/sandbox/control-group.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('the end of a control group');

const groupAt = (path: string) =>
  ({ limits: [], folders: [{ path, files: [] }], joined: { version: 1, directories: [path] } }) as const;

test('every process of a group is killed where it has no `cgroup.kill`, and none that cannot be named', () =>
  withFolder(async (folder) => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    // 0 is a process that is not seen here; as an argument of kill(2) it would be the group of this one.
    writeFileSync(join(folder, 'cgroup.procs'), `0\n${child.pid}\n`);
    killGroup(groupAt(folder));
    assert.equal(await ended, [null, 'SIGKILL']);
  }));

test('the kernel kills a group that it can kill as a whole', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'cgroup.kill'), '');
    writeFileSync(join(folder, 'cgroup.procs'), `${process.pid}\n`);
    killGroup(groupAt(folder));
    assert.is(readFileSync(join(folder, 'cgroup.kill'), 'utf8'), '1');
  }));

test('a group that is gone holds nobody', () => withFolder((folder) => killGroup(groupAt(join(folder, 'gone')))));

run();
