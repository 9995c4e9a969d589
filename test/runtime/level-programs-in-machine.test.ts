import * as assert from 'uvu/assert';
import { landlockAbiOfKernel } from '../../compiler/tables/landlock.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { staticHelper } from '../support/compile-helper.ts';
import { compileText } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { type MachineKernel, noVirtualMachine, originOf } from '../support/machine-files.ts';
import { polcMachine } from '../support/polc-machine.ts';

const { test, skip, run } = suite('programs of levels in a machine');

const text = (value: string) => new TextEncoder().encode(value);

const hooks = `profile: hooks
mode: direct
security:
  seccomp: { default: allow }
  bpf_lsm: { file_open: h.bpf, task_kill: h.bpf, task_prctl: h.bpf }
adaptive:
  auto_upgrade: sandbox
  auto_downgrade: hardened
  triggers: [{ network_access: upgrade }, { privilege_change: downgrade }]
`;
const hookProgram = `hook file_open
  audit deny when path beneath "/t/secret"
  counter opens by uid per 60s when path beneath "/t/counted"
  errno EROFS when opens > 2 && path beneath "/t/counted"
hook task_kill
  errno EIO when sig == 10
hook task_prctl
  errno EACCES when option == 38
`;
/** Landlock holds this from the start in `sandbox`; programs alone hold it from the move out of `direct` on. */
const paths = `security:
  landlock:
    paths:
      - { path: /bin, access: execute }
      - { path: /lib, access: execute, optional: true }
      - { path: /dev, access: [read_file, write_file, read_dir] }
      - { path: /t/ro, access: read-only }
      - { path: /t/rw, access: read-write }
      - { path: /t/run, access: [read_file, read_dir, execute, make_reg, make_dir, remove_file, remove_dir, refer] }
`;
const moved = `      - { path: /t/rw/none, access: none }
adaptive:
  auto_upgrade: sandbox
  triggers: [{ network_access: upgrade }]
`;

/** Every line is a command of its own; what came of each is its exit code. */
const attempts = [
  'cat /t/ro/a',
  'echo x > /t/ro/a',
  'echo x >> /t/ro/new',
  'rm /t/ro/a',
  'mkdir /t/ro/d',
  'ls /t/ro',
  'ls /t',
  'cat /t/other/a',
  'ls /t/other',
  'echo x > /t/rw/b',
  'cat /t/rw/b',
  'mkdir /t/rw/d',
  'mv /t/rw/b /t/rw/d/c',
  'mv /t/rw/d/c /t/ro/c',
  'mv /t/rw/d/c /t/other/c',
  'mv /t/ro/a /t/rw/a',
  'ln /t/ro/a /t/rw/l',
  'ln /t/rw/d/c /t/rw/l',
  'ln -s /t/other /t/rw/s',
  'cat /t/rw/s/a',
  'mkfifo /t/rw/p',
  'mknod /t/rw/n c 1 3',
  'truncate -s 1 /t/rw/d/c',
  'truncate -s 1 /t/ro/a',
  '/t/rw/busybox true',
  '/t/run/busybox true',
  // To where it could be executed, which it cannot be where it is.
  'mv /t/rw/busybox /t/run/more',
  'cp /bin/busybox /t/run/copy',
  'rm /t/rw/l /t/rw/p',
  'rmdir /t/rw/d',
  'mount -t tmpfs none /t/rw/d',
  'umount /tmp',
  'cat /proc/self/status',
  'stat /t/other/a',
  'cd /t/other',
  'sh -c "echo x | cat | cat"',
];
const prepare = `rm -rf /t; mkdir -p /t/ro /t/rw/none /t/run /t/other /t/secret /t/counted
for f in ro other secret counted rw/none; do echo $f > /t/$f/a; done
cp /bin/busybox /t/rw/busybox; cp /bin/busybox /t/run/busybox`;

/** Before the event, and what only programs refuse after it. */
const around = {
  before: ['cat /t/other/a', 'cat /t/rw/none/a'],
  after: ['cat /t/rw/none/a', 'echo y > /t/rw/none/b', 'mv /t/rw/none /t/rw/some', 'chroot /t/rw ls', 'cat /t/ro/a'],
};

/** What holds the paths from the start. */
function landlocked(): Uint8Array {
  const { outputs } = compileText(`${paths}accept: [{ loss: security.landlock.paths, because: a test }]\n`, {
    target: { ...defaultTarget, kernel: { major: 6, minor: 12 }, landlock: landlockAbiOfKernel(6, 12) },
  });
  const launcher = outputs
    .flatMap(({ artifacts }) => artifacts)
    .find(({ path }) => path === 'launcher.x86_64')?.content;
  assert.ok(launcher instanceof Uint8Array);
  return launcher;
}

const tries = (which: string, commands: readonly string[]) =>
  commands.map((each, at) => `(${each}) > /dev/null 2>&1; echo "${which} ${at} $?"`).join('\n');

const hooksPart = `${prepare}
polc run -q --events /tmp/hooks h.yaml -- sh -c '
  for n in 1 2 3 4; do cat /t/counted/a; done; cat /t/secret/a; trap "echo signalled" USR1; kill -USR1 $$
  setpriv --no-new-privs echo new; probe socket; setpriv --no-new-privs echo new
  cat /t/secret/a; for n in 1 2 3; do cat /t/counted/a; done; kill -USR1 $$
  probe setuid; cat /t/counted/a; cat /t/secret/a' 2>&1
echo "ended $?"; cat /tmp/hooks; bpftool link list; ls -d /sys/fs/cgroup/polc*`;
const pathsPart = `prepare() {
${prepare}
cp /w/* /t/ro
}
prepare
echo "part landlock"
landlocked sh -c '. /t/ro/attempts' 2>&1
prepare
echo "part programs"
polc run -q --events /tmp/paths p.yaml -- sh -c '. /t/ro/before; probe socket; . /t/ro/attempts; . /t/ro/after' 2>&1
cat /tmp/paths; bpftool link list`;

/** One machine of a kernel for all that is asked of it; files are made for one that is booted. */
function machineOf(kernel: MachineKernel): (part: 'hooks' | 'paths') => Promise<string> {
  let machine: ((part: string) => Promise<string>) | undefined;
  const withPaths = kernel === '6.12';
  return (part) => {
    machine ??= polcMachine({
      kernel,
      files: {
        '/bin/probe': staticHelper('level-probe.c'),
        '/w/h.yaml': text(hooks),
        '/w/h.bpf': text(hookProgram),
        ...(withPaths ? pathFiles() : {}),
      },
      parts: { hooks: hooksPart, ...(withPaths ? { paths: pathsPart } : {}) },
    });
    return machine(part);
  };
}

const pathFiles = () => ({
  '/bin/landlocked': landlocked(),
  '/w/p.yaml': text(`profile: paths\nmode: direct\n${paths}${moved}`),
  '/w/attempts': text(tries('try', attempts)),
  '/w/before': text(tries('before', around.before)),
  '/w/after': text(tries('after', around.after)),
});

const machines = { '5.15': machineOf('5.15'), '6.12': machineOf('6.12') } as const;

function inMachine(title: string, kernel: MachineKernel, body: () => Promise<void>): void {
  const missing = noVirtualMachine(kernel);
  if (missing === undefined) test(title, body);
  else skip(title, missing, originOf(kernel));
}

for (const kernel of ['5.15', '6.12'] as const) {
  inMachine(`a level refuses at hooks after the event what passed before it: Linux ${kernel}`, kernel, async () => {
    const output = await machines[kernel]('hooks');
    const lines = output.trim().split('\n');
    const secret = "cat: can't open '/t/secret/a': Operation not permitted";
    const counted = "cat: can't open '/t/counted/a': Read-only file system";
    assert.equal(
      lines.filter((line) => !line.startsWith('{')).map((line) => line.replace(/pid \d+/, 'pid')),
      [
        ...['counted', 'counted', 'counted', 'counted', 'secret', 'signalled', 'new', 'socket done'],
        // What one level refuses no other lets pass, that of the next either, which is asked beside it and waits.
        'setpriv: prctl: SET_NO_NEW_PRIVS: Permission denied',
        ...[secret, 'counted', 'counted', counted, "sh: can't kill pid: Input/output error"],
        // The counter of the level before goes on, and that of the next begins.
        ...['setuid done', counted, secret, 'ended 1', 'ls: /sys/fs/cgroup/polc*: No such file or directory'],
      ],
      output,
    );
    const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const programs = ['file_open', 'task_kill', 'task_prctl'];
    assert.equal(
      events.filter(({ event }) => event === 'level').map(({ from, to, programs: at }) => [from, to, at]),
      [
        ['direct', 'sandbox', programs],
        ['sandbox', 'hardened', programs],
      ],
    );
    const recorded = events.filter(({ event }) => event !== 'level');
    assert.equal(
      recorded.map(({ rule, hook, line, error, path }) => [rule, hook, line, error, path]),
      // Each refusal once, by the first that is asked: of the control group's programs the one of the lesser level.
      ['sandbox', kernel === '5.15' ? 'hardened' : 'sandbox'].map((level) => [
        ...[`${level}/hook/file_open/0`, 'file_open', 2, 'EPERM', '/t/secret/a'],
      ]),
    );
  });
}

inMachine('programs alone let pass of paths what Landlock would, from the event on', '6.12', async () => {
  const output = await machines['6.12']('paths');
  const [, landlock = '', programs = ''] = output.split(/part \w+\n/);
  const codes = (part: string, which: string, commands: readonly string[]) =>
    commands.map((command, at) => [command, new RegExp(`^${which} ${at} (\\d+)$`, 'm').exec(part)?.[1]]);
  const refused = codes(landlock, 'try', attempts).filter(([, code]) => code !== '0');
  assert.ok(refused.length > 12 && refused.length < attempts.length - 12, output);
  assert.equal(codes(programs, 'try', attempts), codes(landlock, 'try', attempts), output);
  assert.equal(
    [...codes(programs, 'before', around.before), ...codes(programs, 'after', around.after)].map(
      ([, code]) => code === '0',
    ),
    [true, true, false, false, false, false, true],
    output,
  );
  const move = programs.split('\n').find((line) => line.startsWith('{'));
  assert.is(JSON.parse(move ?? '').programs.length, 18);
  assert.not.match(programs, 'lsm');
});

run();
