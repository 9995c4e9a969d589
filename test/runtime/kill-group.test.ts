import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { KernelRefusal, type SystemCalls, systemCalls } from '../../runtime/kernel/system-calls.ts';
import { killGroup } from '../../runtime/sandbox/control-group.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('the end of a control group');

const loaded = await systemCalls();
assert.ok(!('problem' in loaded), 'koffi is there');
const calls = loaded;

const groupAt = (path: string) =>
  ({ limits: [], folders: [{ path, files: [] }], joined: { version: 1, directories: [path] } }) as const;

test('every process of a group is killed where it has no `cgroup.kill`, and none that cannot be named', () =>
  withFolder(async (folder) => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    // 0 is a process that is not seen here; as an argument of kill(2) it would be the group of this one.
    writeFileSync(join(folder, 'cgroup.procs'), `0\n${child.pid}\n`);
    assert.is(killGroup(groupAt(folder), calls), undefined);
    assert.equal(await ended, [null, 'SIGKILL']);
  }));

test('the kernel kills a group that it can kill as a whole', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'cgroup.kill'), '');
    writeFileSync(join(folder, 'cgroup.procs'), `${process.pid}\n`);
    assert.is(killGroup(groupAt(folder), calls), undefined);
    assert.is(readFileSync(join(folder, 'cgroup.kill'), 'utf8'), '1');
  }));

test('a group that is gone holds nobody', () =>
  withFolder((folder) => {
    assert.is(killGroup(groupAt(join(folder, 'gone')), calls), undefined);
  }));

test('who cannot be killed is named, and a process that has left the group before it is held is spared', () =>
  withFolder((folder) => {
    const procs = join(folder, 'cgroup.procs');
    writeFileSync(procs, `${process.pid}\n`);
    const refusing = (code: string): SystemCalls => ({
      ...calls,
      call(name, ...words) {
        if (name === 'pidfd_send_signal') throw Object.assign(new KernelRefusal(name, 1), { code });
        return calls.call(name, ...words);
      },
    });
    assert.match(killGroup(groupAt(folder), refusing('EPERM')) ?? '', `process ${process.pid} cannot be killed`);
    assert.is(killGroup(groupAt(folder), refusing('ESRCH')), undefined);
    const leaving: SystemCalls = {
      ...calls,
      call(name, ...words) {
        assert.is.not(name, 'pidfd_send_signal');
        if (name === 'pidfd_open') writeFileSync(procs, '');
        return calls.call(name, ...words);
      },
    };
    assert.is(killGroup(groupAt(folder), leaving), undefined);
    rmSync(procs);
    assert.match(killGroup(groupAt(folder), calls) ?? '', 'cannot be read');
  }));

run();
