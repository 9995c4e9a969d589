import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { oci } from '../../compiler/backends/oci/index.ts';
import { attribute, compare, inSet, literal } from '../../compiler/expressions/predicate.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, limitOf, policyOf } from '../support/policies.ts';
import { longPatience } from '../support/until.ts';

const { test, skip, run } = suite('oci-runtime');

/** What a static busybox shell needs besides what the runtime is given anyway. */
const shellCalls = [
  ...['arch_prctl', 'brk', 'dup2', 'getegid', 'geteuid', 'getgid', 'getppid', 'getrandom', 'getuid', 'ioctl', 'lseek'],
  ...[
    'lstat',
    'open',
    'poll',
    'prlimit64',
    'readlink',
    'rseq',
    'sendfile',
    'set_robust_list',
    'set_tid_address',
    'stat',
  ],
  ...['uname', 'wait4', 'exit_group', 'newfstatat', 'fstat', 'read', 'write', 'close', 'openat', 'rt_sigaction'],
  ...['rt_sigprocmask', 'fcntl', 'mmap', 'munmap', 'mprotect', 'getpid', 'prctl', 'getcwd', 'clone', 'fork', 'vfork'],
];
const refused = 18; // EXDEV, which mkdir never gives by itself
const policy = policyOf({
  decisions: [
    decisionOf(
      'syscall',
      'first-match',
      [
        [inSet(attribute('syscall'), shellCalls), allow],
        [inSet(attribute('syscall'), ['mkdir']), { kind: 'errno', errno: refused }],
        [compare(attribute('newer'), '==', literal(true)), { kind: 'errno', errno: 38 }],
      ],
      { kind: 'errno', errno: 1 },
    ),
    decisionOf('capability', 'union-of-allows', [[inSet(attribute('capability'), ['chown', 'kill']), allow]], deny),
    decisionOf('socket', 'deny-overrides', [], deny),
  ],
  limits: [
    limitOf('pids', 'count', 33),
    limitOf('memory', 'bytes', 64_000_000),
    limitOf('disk', 'bytes', 1_000_000),
    limitOf('rlimit:nofile', 'count', 99),
  ],
  obligations: [
    {
      id: 'private-layer//tmp',
      topic: 'resources.tmpfs',
      origin: { span: { file: 'policy.yaml', start: 0, end: 0 } },
      kind: 'private-layer',
      path: '/tmp',
      bytes: 1_048_576,
    },
  ],
});
const target = { ...defaultTarget, architectures: ['x86_64'] as const };
const script = `
cat /proc/self/status
mkdir /tmp/folder
ulimit -n
ulimit -f
cat /proc/net/dev
cat /proc/mounts
( : > /proc/sys/kernel/core_pattern ) && echo opened core_pattern
( : > /proc/sysrq-trigger ) && echo opened sysrq-trigger
cat /proc/self/cgroup
for file in /proc/kcore /proc/keys /proc/timer_list; do
  { read -r -n 1 byte < $file; } 2>/dev/null && echo read $file
done
for folder in /proc/acpi /proc/scsi /proc/asound; do
  for entry in $folder/*; do test -e $entry && echo found $entry; done
done
echo finished`;

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const root = process.getuid?.() === 0;
const ready = root && busybox !== undefined && process.arch === 'x64';

interface Bundle {
  readonly folder: string;
  remove(): void;
}

function bundle(file: 'config.json' | 'rootless.json', owner: number): Bundle {
  const folder = mkdtempSync(join(tmpdir(), 'polc-oci-'));
  const bin = join(folder, 'rootfs', 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['proc', 'dev', 'tmp', 'sys']) mkdirSync(join(folder, 'rootfs', name));
  copyFileSync(busybox!, join(bin, 'busybox'));
  for (const name of ['sh', 'cat', 'mkdir', 'echo']) symlinkSync('busybox', join(bin, name));
  const { artifacts } = oci.emit(policy, target);
  const config = JSON.parse(String(artifacts.find(({ path }) => path === file)!.content));
  config.process.args = ['/bin/sh', '-c', script];
  for (const key of ['uidMappings', 'gidMappings']) if (config.linux[key]) config.linux[key][0].hostID = owner;
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  execFileSync('chown', ['-R', `${owner}:${owner}`, folder]);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

let containers = 0;
function containerName(): string {
  containers += 1;
  return `polc-test-${process.pid}-${containers}`;
}

function inspect(output: string): void {
  const status = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(output)?.[1];
  assert.is(status('Seccomp'), '2', output);
  assert.is(status('NoNewPrivs'), '1');
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) assert.is(status(set), '0000000000000021', set);
  for (const set of ['CapInh', 'CapAmb']) assert.is(status(set), '0000000000000000', set);
  assert.match(output, "can't create directory '/tmp/folder': Invalid cross-device link");
  assert.match(output, /^99$/m);
  assert.match(output, /^(1953|1954)$/m); // ulimit -f counts blocks of 512 bytes
  assert.not.match(output, /eth0/);
  assert.match(output, /tmpfs \/tmp tmpfs [^\n]*size=1024k/);
  // An open for writing alone: it would empty the file only at a write, and ends in a refusal here.
  for (const file of ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger']) {
    if (existsSync(file)) assert.match(output, `can't create ${file}: Read-only file system`);
  }
  assert.not.match(output, /^opened /m);
  assert.not.match(output, /^(read|found) \/proc/m);
  for (const line of output.matchAll(/^\d+:[\w=,]*:(.*)$/gm)) assert.is(line[1], '/', 'the cgroup inside');
  assert.match(output, /^finished$/m);
}

function missing(runtime: string): string | undefined {
  if (!ready) return 'needs root, an x86_64 machine and a static busybox';
  return has(runtime) ? undefined : `${runtime} is not installed`;
}

const noRunc = missing('runc');
if (noRunc !== undefined) {
  skip('runc starts the container', noRunc);
} else {
  test('runc starts the container: seccomp, capabilities, errno and rlimits are read back', () => {
    const made = bundle('config.json', 0);
    try {
      const ran = spawnSync('runc', ['run', containerName()], {
        cwd: made.folder,
        encoding: 'utf8',
        timeout: longPatience,
      });
      inspect(`${ran.stdout}${ran.stderr}`);
    } finally {
      made.remove();
    }
  });

  test('runc sets the limits of the control group', () => {
    const made = bundle('config.json', 0);
    const name = containerName();
    try {
      const created = spawnSync('runc', ['create', name], { cwd: made.folder, stdio: 'ignore', timeout: longPatience });
      assert.is(created.status, 0);
      assert.is(groupValue('pids', name, 'pids.max', 'pids.max'), '33');
      const memory = Number(groupValue('memory', name, 'memory.limit_in_bytes', 'memory.max'));
      assert.ok(memory <= 64_000_000 && memory > 63_900_000, `${memory}`); // whole pages
    } finally {
      spawnSync('runc', ['delete', '--force', name]);
      made.remove();
    }
  });

  test('runc starts the rootless variant for an ordinary user', () => {
    const user = 65534;
    const made = bundle('rootless.json', user);
    const state = mkdtempSync(join(tmpdir(), 'polc-runc-'));
    execFileSync('chown', [`${user}:${user}`, state]);
    try {
      const ran = spawnSync('runc', ['--root', state, '--rootless', 'true', 'run', containerName()], {
        cwd: made.folder,
        encoding: 'utf8',
        timeout: longPatience,
        uid: user,
        gid: user,
        env: { PATH: process.env.PATH, XDG_RUNTIME_DIR: state },
      });
      inspect(`${ran.stdout}${ran.stderr}`);
    } finally {
      made.remove();
      rmSync(state, { recursive: true, force: true });
    }
  });
}

const noCrun = missing('crun');
if (noCrun !== undefined) {
  skip('crun starts the container', noCrun);
} else {
  test('crun starts the container, with hybrid control groups hidden from it', () => {
    const made = bundle('config.json', 0);
    const empty = mkdtempSync(join(tmpdir(), 'polc-empty-'));
    try {
      // crun 1.8 refuses a machine that mounts version 1 controllers and the unified hierarchy at once.
      const hide = existsSync('/sys/fs/cgroup/unified') ? `mount --bind ${empty} /sys/fs/cgroup/unified &&` : '';
      const ran = spawnSync('unshare', ['-m', 'sh', '-c', `${hide} exec crun run ${containerName()}`], {
        cwd: made.folder,
        encoding: 'utf8',
        timeout: longPatience,
      });
      inspect(`${ran.stdout}${ran.stderr}`);
    } finally {
      made.remove();
      rmSync(empty, { recursive: true, force: true });
    }
  });
}

/** Reads a control file of the container's group, wherever the runtime made it. */
function groupValue(controller: string, name: string, file: string, unified: string): string {
  const first = existsSync(`/sys/fs/cgroup/${controller}`)
    ? [`/sys/fs/cgroup/${controller}`, file]
    : ['/sys/fs/cgroup', unified];
  const found = spawnSync('find', [first[0]!, '-type', 'd', '-name', `*${name}*`], { encoding: 'utf8' }).stdout.split(
    '\n',
  )[0];
  assert.ok(found, `no group of ${name} below ${readdirSync(first[0]!).length} entries`);
  return execFileSync('cat', [join(found, first[1]!)], { encoding: 'utf8' }).trim();
}

run();
