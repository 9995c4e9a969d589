import * as assert from 'uvu/assert';
import { ownFolder } from '../../runtime/sandbox/control-group-paths.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('folders of control groups');

const unified = '35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n';

test('a group of version 2 lies below the mount point', () => {
  const group = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope\n';
  assert.equal(ownFolder(unified, group, ''), {
    folder: '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope',
    top: false,
  });
  assert.equal(ownFolder(unified, '0::/\n', ''), { folder: '/sys/fs/cgroup', top: true });
});

test('the root of the mount is taken off the path, where a container sees a part of a hierarchy', () => {
  const mounts =
    '40 39 0:36 /docker/abc /sys/fs/cgroup/memory ro,nosuid master:15 - cgroup cgroup rw,memory\n' +
    '41 39 0:37 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro master:16 - cgroup cgroup rw,cpu,cpuacct\n' +
    '42 39 0:38 / /mnt/all\\040groups rw - cgroup cgroup rw,pids\n';
  const group = '9:memory:/docker/abc/inner\n8:cpu,cpuacct:/docker/abc\n7:pids:/docker/abc\n0::/\n';
  assert.equal(ownFolder(mounts, group, 'memory'), { folder: '/sys/fs/cgroup/memory/inner', top: false });
  assert.equal(ownFolder(mounts, group, 'cpu'), { folder: '/sys/fs/cgroup/cpu,cpuacct', top: true });
  assert.equal(ownFolder(mounts, group, 'pids'), { folder: '/mnt/all groups/docker/abc', top: false });
  assert.is(
    ownFolder(mounts, '9:memory:/docker/abcd\n', 'memory'),
    'the control group /docker/abcd of the controller memory is not visible here',
  );
});

test('what is missing is said', () => {
  assert.is(ownFolder('', '0::/\n', ''), 'no control groups of version 2 are mounted');
  assert.is(ownFolder(unified, '3:pids:/a\n', ''), 'this process is in no control group of version 2');
  assert.is(ownFolder(unified, '0::/../other\n', ''), 'the control group /../other of version 2 is not visible here');
  assert.is(ownFolder(unified, '3:pids:/a\n', 'pids'), 'no control groups of the controller pids are mounted');
});

run();
