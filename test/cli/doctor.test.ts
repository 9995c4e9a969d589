import * as assert from 'uvu/assert';
import { doctorText, withTrials } from '../../cli/commands/doctor.ts';
import { readMachine } from '../../cli/machine.ts';
import { refusalLack } from '../../runtime/hook-programs/trial.ts';
import type { NoAudit } from '../../runtime/kernel/audit-log.ts';
import { type MachineFiles, thisMachine } from '../../runtime/kernel/machine-facts.ts';
import { KernelRefusal } from '../../runtime/kernel/system-calls.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('doctor');

function machine(files: Readonly<Record<string, string>>, more: Partial<MachineFiles> = {}, lack?: NoAudit) {
  return readMachine(
    {
      platform: 'linux',
      release: '6.8.0-45-generic',
      architecture: 'x86_64',
      read: (path) => files[path],
      kernelConfiguration: () => undefined,
      ...more,
    },
    lack,
  );
}

const untried = { hooks: undefined, sockets: undefined };

const ubuntu = {
  '/sys/kernel/security/lsm': 'lockdown,capability,landlock,yama,apparmor,bpf\n',
  '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n',
  '/proc/sys/kernel/seccomp/actions_avail': 'kill_process kill_thread trap errno user_notif trace log allow\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
  '/proc/sys/user/max_user_namespaces': '96365\n',
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
  '/sys/kernel/btf/vmlinux': '',
};

test('a machine that tells everything', () => {
  const found = machine(ubuntu);
  assert.equal(found.kernel, { major: 6, minor: 8 });
  assert.equal(found.landlock, { value: 4, from: 'Linux 6.8', inferred: true });
  assert.is(found.cgroup.value, 'v2');
  assert.equal(found.controllers.value, ['cpuset', 'cpu', 'io', 'memory', 'pids']);
  assert.is(found.userNamespaces.value, false);
  assert.match(found.userNamespaces.from, /apparmor/);
  assert.is(found.bpfLsm.value, true);
  assert.is(found.bpfTypes.value, true);
  assert.is(found.lockdown.value, 'integrity');
  assert.is(found.seccomp.value.length, 8);
  assert.match(
    doctorText(found, untried),
    /polc build --target architectures=x86_64 --target kernel=6.8 --target landlock=4 --target cgroup=v2/,
  );
});

test('whether the machine audits is told where Landlock makes records', () => {
  const row = (release: string, lack?: NoAudit) =>
    /^. audit .*$/m.exec(doctorText(machine(ubuntu, { release }, lack), untried))?.[0].replace(/ +/g, ' ');
  const off = { problem: 'auditing is off on this machine', help: '' };
  assert.is(row('6.15.1'), '✔ audit tells what Landlock refuses');
  assert.is(row('6.18.0', off), '✘ audit none (auditing is off on this machine)');
  assert.is(row('6.14.0'), '✘ audit none (Landlock makes audit records from Linux 6.15)');
});

test('security modules are found without securityfs, and marked as inferred', () => {
  const { '/sys/kernel/security/lsm': _lsm, ...rest } = ubuntu;
  const byCommandLine = machine({ ...rest, '/proc/cmdline': 'quiet lsm=landlock,yama ro\n' });
  assert.equal(byCommandLine.securityModules, {
    value: ['landlock', 'yama'],
    from: '`lsm=` of /proc/cmdline',
    inferred: true,
  });
  const configured = machine(rest, { kernelConfiguration: () => 'CONFIG_X=y\nCONFIG_LSM="yama,apparmor"\n' });
  assert.equal(configured.securityModules.value, ['yama', 'apparmor']);
  assert.is(configured.landlock.value, 0);
  assert.is(machine(rest).securityModules.value, undefined);
  assert.match(machine(rest).landlock.from, /if it is switched on/);
});

test('v1 hierarchies and their controllers', () => {
  const text = '9:name=systemd:/\n8:pids:/\n4:memory:/a\n2:cpu,cpuacct:/\n0::/\n';
  const found = machine({ '/proc/self/cgroup': text });
  assert.is(found.cgroup.value, 'v1');
  assert.equal(found.controllers.value, ['pids', 'memory', 'cpu', 'cpuacct']);
});

test('what keeps programs out of the kernel is said, each with what to do about it', () => {
  const root = `CapEff:\t${'f'.repeat(16)}\n`;
  const able = {
    ...ubuntu,
    '/sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
    '/proc/self/status': root,
    '/proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  };
  const fine = machine(able);
  assert.equal([fine.hookPrograms, fine.socketPrograms], [[], []]);
  const loaded = { result: 'loaded' } as const;
  assert.match(
    doctorText(fine, { hooks: loaded, sockets: { result: 'untried', why: 'the package koffi cannot be loaded' } }),
    /✔ hook programs +can be loaded: one was\n\? socket programs +nothing was found .* none was tried: the package koffi/,
  );
  const without = (name: keyof typeof able): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(able).filter(([key]) => key !== name));
  const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp, RegExp | undefined])[] = [
    [ubuntu, /locked down \(integrity\)/, undefined],
    [{ ...able, '/sys/kernel/security/lsm': 'lockdown,capability,yama\n' }, /`bpf` is not among/, undefined],
    [without('/sys/kernel/security/lsm'), /nothing tells whether programs at hooks are asked/, undefined],
    [without('/sys/kernel/btf/vmlinux'), /does not describe its types/, undefined],
    [without('/proc/self/mountinfo'), /no control groups of version 2/, /no control groups of version 2/],
    [
      {
        ...able,
        '/proc/self/status': 'CapEff:\t0000000000000000\n',
        '/proc/sys/kernel/unprivileged_bpf_disabled': '2\n',
      },
      /CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN.*unprivileged_bpf_disabled is 2/,
      /CAP_BPF, CAP_NET_ADMIN/,
    ],
    // CAP_SYS_ADMIN and CAP_NET_ADMIN, as before CAP_BPF.
    [{ ...able, '/proc/self/status': 'CapEff:\t0000000000200000\n' }, /polc has not CAP_NET_ADMIN/, /CAP_NET_ADMIN/],
  ];
  for (const [files, hooks, sockets] of cases) {
    const found = machine(files);
    assert.match(found.hookPrograms.map(({ what }) => what).join('; '), hooks);
    if (files !== ubuntu) assert.is(found.hookPrograms.length, 1);
    if (sockets === undefined && files !== ubuntu) assert.equal(found.socketPrograms, []);
    if (sockets !== undefined) assert.match(found.socketPrograms.map(({ what }) => what).join('; '), sockets);
    const [lack] = found.hookPrograms;
    assert.ok(doctorText(found, untried).includes(`  ${lack!.what}\n    ${lack!.help}\n`));
  }
  const old = machine(able, { release: '6.1.0-9', architecture: 'aarch64' });
  assert.match(old.hookPrograms[0]!.what, /need Linux 6.4 on aarch64/);
  assert.equal(machine(able, { release: '5.15.0' }).hookPrograms, []);
  assert.match(machine(able, { release: '5.14.9' }).hookPrograms[0]!.what, /need Linux 5.15/);
  assert.match(machine({}, { platform: 'darwin' }).socketPrograms[0]!.what, /this is darwin/);
});

test('a load that is refused although nothing speaks against it is no ✔, and what may be the reason is named', () => {
  const contained = {
    '/proc/self/status': 'Seccomp:\t2\n',
    '/proc/self/uid_map': '         0       1000          1\n',
  };
  const refusal = new KernelRefusal('bpf', 1);
  const files = (read: Readonly<Record<string, string>>) => ({ ...thisMachine(), read: (path: string) => read[path] });
  const hooks = refusalLack(refusal, 'hooks', files(contained));
  assert.match(hooks.what, /\(EPERM\): a seccomp filter is on polc.*; polc is not in the first user.*; nothing tells/);
  const first = { '/proc/self/uid_map': '         0          0 4294967295\n' };
  assert.not.match(refusalLack(refusal, 'sockets', files(first)).what, /EPERM\):/);
  const trials = { hooks: { result: 'refused', lack: hooks }, sockets: undefined } as const;
  const found = withTrials(machine({ ...ubuntu, '/sys/kernel/security/lockdown': '[none]\n' }), trials);
  assert.match(doctorText(found, trials), /✘ hook programs +none\n/);
  assert.ok(doctorText(found, trials).includes(`  ${hooks.what}\n    ${hooks.help}\n`));
});

test('what polc doctor says of programs is what a load of this process meets', () =>
  withProject(({ polc }) => {
    const { hookPrograms, socketPrograms, trials } = JSON.parse(polc(['doctor', '--format', 'json']).stdout);
    for (const [lacking, trial] of [
      [hookPrograms, trials.hooks],
      [socketPrograms, trials.sockets],
    ]) {
      assert.is(trial?.result === 'loaded' || trial?.result === 'untried', lacking.length === 0);
      if (trial?.result === 'refused') assert.equal(lacking, [trial.lack]);
    }
  }));

test('nothing is claimed where nothing tells', () => {
  const found = machine({}, { platform: 'darwin', release: '24.1.0', architecture: 'arm64' });
  assert.is(found.kernel, undefined);
  assert.is(found.landlock.value, 0);
  assert.is(found.cgroup.value, 'none');
  assert.equal(found.seccomp.value, []);
  assert.is(found.userNamespaces.value, false);
  assert.is(found.bpfLsm.value, false);
  assert.match(doctorText(found, untried), /nothing of this is enforced outside Linux/);
});

run();
