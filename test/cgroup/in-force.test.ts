import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { cgroup } from '../../compiler/backends/cgroup/index.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { buildLauncher } from '../support/launcher.ts';
import { noVirtualMachine } from '../support/machine-files.ts';
import { nodeFiles, polcFiles } from '../support/machine-node.ts';
import { limitOf, policyOf } from '../support/policies.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('cgroup v2 in force');

const text = (value: string) => new TextEncoder().encode(value);

/** The parts of an output that begin with a line `@NAME`. */
function partsOf(output: string): ReadonlyMap<string, string> {
  const parts = `\n${output}`.split('\n@').slice(1);
  return new Map(parts.map((part) => [part.split('\n', 1)[0]!, part.slice(part.indexOf('\n') + 1)]));
}

const limits = fc.tuple(
  fc.integer({ min: 5_000, max: 500_000 }),
  fc.double({ min: 0.001, max: 4, noNaN: true }),
  fc.integer({ min: 1, max: 4_000 }),
);

const policyWith = (bytes: number, cpus: number, pids: number) =>
  policyOf({
    limits: [limitOf('memory', 'bytes', bytes), limitOf('cpu', 'cpus', cpus), limitOf('pids', 'count', pids)],
  });

async function artifactsAndLauncher(): Promise<void> {
  const random = fc.sample(limits, 12).map(([pages, cpus, pids]) => policyWith(pages * 4096, cpus, pids));
  const infinite = policyWith(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const held = policyWith(32 << 20, 0.5, 6);
  const folders = [...random, infinite, held].map((policy, index) => {
    const files = cgroup.emit(policy, defaultTarget).artifacts.filter(({ path }) => path.startsWith('v2/'));
    return files.map(({ path, content }) => [`/limits/${index}/${path.slice(3)}`, text(String(content))] as const);
  });
  const last = folders.length - 1;
  const group = '/sys/fs/cgroup/held';
  const launcher = buildLauncher(held, { surroundings: { cgroup: { version: 2, directory: group } } });
  const output = await runInMachine({
    kernel: '6.1',
    disk: 64,
    content: {
      ...Object.fromEntries(folders.flat()),
      '/bin/probe': staticHelper('launcher-probe.c'),
      '/bin/launch': readFileSync(launcher),
    },
    script: `
echo '+memory +pids +cpu' > /sys/fs/cgroup/cgroup.subtree_control
mkswap /dev/nvme0n1 > /dev/null && swapon /dev/nvme0n1
mkdir /sys/fs/cgroup/tried
for n in $(seq 0 ${last}); do
  for f in /limits/$n/*; do
    cat $f > /sys/fs/cgroup/tried/\${f##*/} && cmp $f /sys/fs/cgroup/tried/\${f##*/}
  done
done
mkdir ${group} /sys/fs/cgroup/swapping
for f in /limits/${last}/*; do cat $f > ${group}/\${f##*/}; done
echo 32M > /sys/fs/cgroup/swapping/memory.max
echo @swapping
sh -c 'echo 0 > /sys/fs/cgroup/swapping/cgroup.procs; exec probe memory 40'
echo @free; probe burn 300
echo @held
launch sh -c 'cat /proc/self/cgroup; probe fork; probe memory 16; probe memory 40; echo $?; probe burn 1000'
echo @events; cat ${group}/memory.events ${group}/pids.events ${group}/cpu.stat
rmdir ${group} && echo removed`,
  });
  const said = partsOf(output);
  // What is written is read back: nothing came before the first part.
  assert.is(output.slice(0, output.indexOf('@')), '', output);
  // Without a limit on swap the same memory is had.
  assert.is(said.get('swapping')?.trim(), 'touched', output);
  const [member, forks, little, much, share] = (said.get('held') ?? '').replace(/^Killed\n/m, '').split('\n');
  assert.equal([member, forks, little, much], ['0::/held', 'forks: 4', 'touched', '137'], output);
  const shareOf = (line: string | undefined) => Number(/^share: (\d+)$/.exec(line ?? '')?.[1]);
  assert.ok(shareOf(said.get('free')?.trim()) > 75, output);
  assert.ok(shareOf(share) < 75, output);
  const events = said.get('events') ?? '';
  assert.match(events, /^oom_kill 1$/m);
  assert.match(events, /^max [1-9]\d*$/m);
  assert.match(events, /^nr_throttled [1-9]\d*$/m);
  assert.match(events, /removed\n$/);
}

const policy = `profile: held
mode: sandbox
security:
  seccomp: { default: allow, deny: [ptrace] }
resources: { pids: 6, memory: 32MiB, cpu: 0.5 }
`;
const confined = `profile: confined
mode: sandbox
security:
  landlock:
    paths:
      - { path: /bin, access: execute }
      - { path: /, access: [read_file, read_dir] }
resources: { pids: 6 }
`;

/** Ports need ABI 4 of Landlock, and Linux 6.1 has 2. */
const ports = `profile: ports
mode: sandbox
network: { mode: host }
security:
  landlock:
    bind: [8000]
`;

async function polcRun(): Promise<void> {
  const polc = 'node /polc/bin/polc.js run';
  const output = await runInMachine({
    kernel: '6.1',
    megabytes: 768,
    content: {
      ...nodeFiles(),
      ...polcFiles(),
      '/bin/probe': staticHelper('launcher-probe.c'),
      '/p/held.yaml': text(policy),
      '/p/confined.yaml': text(confined),
      '/p/ports.yaml': text(ports),
    },
    script: `
echo nobody::65534:65534::/:/bin/sh > /etc/passwd; cd /p; ls -d /sys/fs/cgroup/polc*
echo @held
${polc} held.yaml -- sh -c 'probe fork; probe memory 16; probe memory 40; echo $?; probe burn 1000; grep throttled /sys/fs/cgroup/polc-*/cpu.stat
cat /sys/fs/cgroup/polc-*/memory.swap.max; echo 0 > /sys/fs/cgroup/cgroup.procs; cat /proc/self/cgroup' 2> /tmp/e; echo $?
ls -d /sys/fs/cgroup/polc*
echo @confined
${polc} confined.yaml -- sh -c 'echo 0 > /sys/fs/cgroup/cgroup.procs; sed s/polc-.*/group/ /proc/self/cgroup; sleep 20 &' 2> /tmp/c; echo $?
sed s/polc-confined-.*still/GROUP\\ still/ /tmp/c
echo @undelegated
su nobody -c '${polc} held.yaml -- probe fork' 2> /tmp/u; echo $?; cat /tmp/u
echo @delegated
mkdir -p /sys/fs/cgroup/user/session; chown -R 65534:65534 /sys/fs/cgroup/user
sh -c "echo 0 > /sys/fs/cgroup/user/session/cgroup.procs; exec su nobody -c '${polc} held.yaml -- probe fork'" 2> /tmp/d; echo $?
ls /sys/fs/cgroup/user | grep polc
echo @ports
${polc} ports.yaml -- echo started 2>&1; echo $?`,
  });
  const said = partsOf(output);
  assert.is(output.slice(0, output.indexOf('@')).trim(), 'ls: /sys/fs/cgroup/polc*: No such file or directory', output);
  const held = (said.get('held') ?? '').replace(/^Killed\n/m, '').split('\n');
  assert.equal(held.slice(0, 3), ['forks: 4', 'touched', '137'], output);
  assert.ok(Number(/^share: (\d+)$/.exec(held[3] ?? '')?.[1]) < 75, output);
  assert.match(held[4] ?? '', /nr_throttled [1-9]/, output);
  assert.equal(held.slice(-4), ['0', '0::/', '0', 'ls: /sys/fs/cgroup/polc*: No such file or directory'], output);
  // Landlock keeps root in the group, whose folder stays as long as somebody is in it.
  const inside = said.get('confined') ?? '';
  assert.match(inside, /^0::\/group\n0\n/, output);
  assert.match(inside, "sh: can't create /sys/fs/cgroup/cgroup.procs: Permission denied", output);
  assert.match(inside, 'GROUP still holds processes and was left', output);
  assert.match(said.get('undelegated') ?? '', /^125\npolc run: no control group can be made, so .* EACCES/, output);
  assert.is(said.get('delegated')?.trim(), 'forks: 5\n0', output);
  assert.match(said.get('ports') ?? '', 'TCP ports: they need ABI 4, the target has 2', output);
  assert.match(said.get('ports') ?? '', /\n125\n$/, output);
  assert.not.match(said.get('ports') ?? '', /^started/m, output);
}

const missing = noVirtualMachine('6.1');
const files = 'a kernel takes every file, says it back, and holds what the launcher is born into to the limits';
const whole = 'polc run makes the group, holds the limits, and removes it; what it cannot hold, it does not start';
if (missing !== undefined) {
  skip(files, missing);
  skip(whole, missing);
} else {
  test(files, artifactsAndLauncher);
  test(whole, polcRun);
}

run();
