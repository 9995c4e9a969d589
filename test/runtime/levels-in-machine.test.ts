import * as assert from 'uvu/assert';
import { staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { noVirtualMachine } from '../support/machine-files.ts';
import { polcMachine } from '../support/polc-machine.ts';

const { test, skip, run } = suite('levels of a program in a machine');

const text = (value: string) => new TextEncoder().encode(value);
const written = `profile: written
mode: sandbox
security: { seccomp: { default: allow } }
adaptive:
  auto_upgrade: hardened
  triggers: [{ file_write_outside_tmp: upgrade }]
accept: [{ loss: adaptive.triggers.file_write_outside_tmp, because: files that are made without being opened }]
`;
const limited = `profile: limited
mode: direct
resources: { pids: 9, memory: 64MiB, cpu: 0.5 }
adaptive:
  auto_upgrade: sandbox
  triggers: [{ network_access: upgrade }]
`;

const title = 'a hook tells of what is opened outside of /tmp, and limits of version 2 groups are lowered';
const missing = noVirtualMachine();
if (missing !== undefined) skip(title, missing);
else {
  test(title, async () => {
    const machine = polcMachine({
      kernel: '6.12',
      files: {
        '/bin/probe': staticHelper('level-probe.c'),
        '/w/p.yaml': text(written),
        '/w/q.yaml': text(limited),
      },
      parts: {
        levels: `mkdir -p /t
polc run -q --events /tmp/events p.yaml -- probe personality open /tmp/a pause personality open /t/a refused open /t/b; echo "ended $?"
cat /tmp/events; bpftool link list
polc run -q --events /tmp/limits q.yaml -- probe unix socket forks; echo "ended $?"
cat /tmp/limits; ls -d /sys/fs/cgroup/polc*`,
      },
    });
    const output = await machine('levels');
    const lines = output.trim().split('\n');
    const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    assert.equal(
      lines.filter((line) => !line.startsWith('{')).map((line) => line.replace(/^refused \d+/, 'refused')),
      [
        'personality done',
        'open done',
        'personality done',
        'open done',
        'refused EPERM',
        'open done',
        'ended 0',
        'unix done',
        'socket done',
        'forks 8 EAGAIN',
        'ended 0',
        'ls: /sys/fs/cgroup/polc*: No such file or directory',
      ],
      output,
    );
    const rule = 'hook/file_open/audit/transition/file_write_outside_tmp';
    const recorded = events.filter((event) => event.rule === rule);
    assert.equal(recorded.map(({ path, file }) => [path, file]).slice(0, 2), [
      ['/t/a', 'p.yaml'],
      ['/t/b', 'p.yaml'],
    ]);
    assert.equal(
      events
        .filter(({ event }) => event === 'level')
        .map(({ from, to, trigger, limits }) => [from, to, trigger, limits]),
      [
        ['sandbox', 'hardened', 'file_write_outside_tmp', undefined],
        [
          'direct',
          'sandbox',
          'network_access',
          ['memory.max=67108864', 'memory.swap.max=0', 'cpu.max=50000 100000', 'pids.max=9'],
        ],
      ],
    );
  });
}

run();
