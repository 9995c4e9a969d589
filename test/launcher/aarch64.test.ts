import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { noStaticHelper, staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { buildLauncher, keeping, loopbackOnly, paths, refusing } from '../support/launcher.ts';
import { noVirtualMachine } from '../support/machine-files.ts';
import { decisionOf, deny, limitOf, pathRule, policyOf } from '../support/policies.ts';
import { longPatience } from '../support/until.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('launcher on aarch64');

const emulator = '/usr/bin/qemu-aarch64-static';

if (process.platform !== 'linux' || !existsSync(emulator))
  skip('user-mode emulation', 'qemu-user-static is not installed');
else {
  /** The emulator runs the launcher's instructions and hands its calls to this kernel; what it execs runs natively. */
  const emulate = (policy: Policy, words: readonly string[]) =>
    spawnSync(emulator, [buildLauncher(policy, { machine: 'aarch64' }), ...words], {
      encoding: 'utf8',
      timeout: longPatience,
    });

  test('plain steps do on this kernel what they do on x86_64', () => {
    const policy = policyOf({ decisions: [keeping(['chown'])], limits: [limitOf('rlimit:nofile', 'count', 99)] });
    const done = emulate(policy, ['sh', '-c', 'ulimit -n; ulimit -Hn; grep Cap /proc/self/status; exit 5']);
    assert.is(done.status, 5, done.stderr);
    const sets = process.getuid?.() === 0 ? '0000000000000001' : '0000000000000000';
    assert.match(done.stdout, `99\n99\nCapInh:\t${sets}\nCapPrm:\t${sets}\nCapEff:\t${sets}\n`);
  });

  test('failures are reported with their names and codes', () => {
    const outcome = (policy: Policy, words: readonly string[]) => {
      const { status, stderr } = emulate(policy, words);
      return `${status} ${stderr}`;
    };
    assert.is(outcome(policyOf({}), []), '125 polc launcher: no command given: errno 22 (EINVAL)\n');
    assert.is(outcome(policyOf({}), ['nowhere']), '127 polc launcher: command: nowhere: errno 2 (ENOENT)\n');
    assert.is(outcome(policyOf({}), ['/etc']), '126 polc launcher: exec: /etc: errno 13 (EACCES)\n');
    // The emulator knows no Landlock.
    assert.is(
      outcome(policyOf({ decisions: [paths()] }), ['true']),
      '125 polc launcher: landlock: errno 38 (ENOSYS)\n',
    );
  });

  test('a supervised program is ended at its deadline', () => {
    const within = (milliseconds: number) => policyOf({ limits: [limitOf('timeout', 'milliseconds', milliseconds)] });
    assert.is(emulate(within(60_000), ['sh', '-c', 'exit 3']).status, 3);
    assert.is(emulate(within(300), ['sleep', '600']).status, 124);
  });
}

const missing = noVirtualMachine('aarch64-6.1') ?? noStaticHelper('aarch64');
if (missing !== undefined) skip('a kernel for aarch64', missing);
else {
  test('a kernel for aarch64 enforces what the launcher asks', async () => {
    // Debian's kernel is 6.1, whose Landlock has ABI 2.
    const target = { ...defaultTarget, landlock: 2, kernel: { major: 6, minor: 1 } };
    const build = (policy: Policy) => readFileSync(buildLauncher(policy, { machine: 'aarch64', target }));
    const rights = ['read_file', 'read_dir', 'execute'];
    const landlocked = decisionOf(
      'path',
      'union-of-allows',
      [pathRule('/bin', rights), pathRule('/proc', rights)],
      deny,
    );
    const refused = { kind: 'errno', errno: 1 } as const;
    const content = {
      '/launch/orphaned-child': staticHelper('orphaned-child.c', 'aarch64'),
      '/launch/filter': build(
        policyOf({ decisions: [refusing(['fchmodat', 'execve', 'execveat'], refused), keeping([])] }),
      ),
      '/launch/kill': build(policyOf({ decisions: [refusing(['uname'], { kind: 'kill-process' })] })),
      '/launch/paths': build(policyOf({ decisions: [landlocked] })),
      '/launch/network': build(policyOf({ decisions: [loopbackOnly, keeping([])] })),
      '/launch/deadline': build(policyOf({ limits: [limitOf('timeout', 'milliseconds', 300)] })),
      '/launch/patient': build(policyOf({ limits: [limitOf('timeout', 'milliseconds', 60_000)] })),
    };
    const script = `
echo secret >/tmp/secret
echo nobody::65534:65534::/:/bin/sh >/etc/passwd
/launch/filter sh -c 'chmod 600 /tmp/secret; echo chmod $?; /bin/true; echo exec $?'
/launch/filter cat /proc/self/status | grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:'
/launch/kill uname; echo kill $?
/launch/paths sh -c 'cat /tmp/secret; echo paths $?; head -n 1 /proc/version | cut -c1-5'
su nobody -c '/launch/paths cat /tmp/secret; echo user $?'
su nobody -c '/launch/network sh -c "id -u; ip link show lo; grep CapEff /proc/self/status"'
/launch/deadline sleep 600; echo deadline $?
/launch/patient nowhere; echo absent $?
/launch/orphaned-child killed free /launch/patient sh -c 'echo ran'; echo orphaned $?
/launch/orphaned-child spared free /launch/patient sh -c 'echo ran; exit 3' | sort | tr '\\n' ' '
`;
    const output = await runInMachine({ kernel: 'aarch64-6.1', content, script });
    for (const expected of [
      'chmod: /tmp/secret: Operation not permitted\nchmod 1\n',
      /true: Operation not permitted|can't execute/,
      /exec (126|127)\n/,
      'CapBnd:\t0000000000000000\n',
      'NoNewPrivs:\t1\n',
      'Seccomp:\t2\n',
      'kill 159\n',
      "can't open '/tmp/secret': Permission denied\npaths 1\nLinux\n",
      'user 1\n',
      /65534\n1: lo: <LOOPBACK,UP[\s\S]*CapEff:\t0{16}\n/,
      'deadline 124\n',
      'polc launcher: command: nowhere: errno 2 (ENOENT)\nabsent 127\n',
      'parent: signal 9\npolc launcher: supervise: errno 32\nchild: code 125\norphaned 0\nparent: code 3 ran ',
    ]) {
      assert.match(output, expected, `${String(expected)} in:\n${output}`);
    }
  });
}

run();
