import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import type { RulesetFile } from '../../compiler/backends/landlock/format.ts';
import { landlockAbiOfKernel } from '../../compiler/tables/landlock.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { staticHelper } from '../support/compile-helper.ts';
import { compileText } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { type MachineKernel, noVirtualMachine } from '../support/machine-files.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('bpf-lsm paths-in-force');

const policy = `security:
  landlock:
    paths:
      - { path: /bin, access: execute }
      - { path: /dev, access: [read_file, write_file] }
      - { path: /ro, access: [read_file, read_dir, write_file] }
      - { path: /only, access: [read_file, read_dir] }
      - { path: /data, access: [read-write, truncate] }
      - { path: /data/secret, access: none }
      - { path: /data/u/keys, access: none }
`;

/** What is there before, and after each call that passed. */
const before =
  'rm -rf /data /ro /only; mkdir -p /data/u/keys /data/w /ro /only; for f in /data/secret /data/u/keys/k /data/plain /data/w/f /ro/f /only/f; do echo x > $f; chmod 644 $f; done';

/** Each by itself, under Landlock and the programs; the last word is whether it is to pass. */
const attempts: readonly (readonly [command: string, passes: boolean])[] = [
  ['cat /data/plain', true],
  ['echo y > /data/plain', true],
  ['cat /data/secret', false],
  ['echo y >> /data/secret', false],
  ['cat /data/u/keys/k', false],
  ['ls /data/u/keys', false],
  ['echo y > /data/u/keys/new', false],
  ['mkdir /data/u/keys/d', false],
  ['mkdir /data/u/d', true],
  ['ln -s x /data/u/keys/s', false],
  ['mknod /data/u/keys/p p', false],
  ['rm /data/secret', false],
  ['rm /data/plain', true],
  ['rmdir /data/u/keys', false],
  ['mv /data/plain /data/w/moved', true],
  ['mv /data/secret /data/w/moved', false],
  ['mv /data/w/f /data/u/keys/f', false],
  // The folder above takes what is denied along.
  ['mv /data/u /data/v', false],
  ['mv /data/w /data/v', true],
  ['ln /data/secret /data/link', false],
  ['ln /data/plain /data/link', true],
  // Below another root it would have another path.
  ['chroot /data/u x 2>&1 | grep "change root"', true],
  ['chroot /data/w x 2>&1 | grep "change root"', false],
  ['chmod 600 /data/plain', true],
  ['chmod 600 /data/secret', false],
  ['chmod 600 /ro/f', true],
  // Landlock asks nobody for these: what may not be written may not be changed so either.
  ['chmod 600 /only/f', false],
  ['chown 5 /only/f', false],
  ['chown 5 /data/plain', true],
  ['truncate -s 3 /data/plain', true],
  ['truncate -s 3 /data/secret', false],
  // Written it may be, and not truncated.
  ['truncate -s 3 /ro/f', false],
  // Another way to the same file.
  ['cat /proc/self/cwd/../data/secret', false],
  // What is in no folder: pipes.
  ['echo y | cat | cat', true],
];

function artifactsFor(kernel: MachineKernel): readonly Artifact[] {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  const landlock = landlockAbiOfKernel(major, minor);
  const target = { ...defaultTarget, kernel: { major, minor }, landlock, bpfLsm: true };
  return compileText(policy, { target: { ...target, architectures: ['x86_64'] } }).outputs.flatMap(
    ({ artifacts }) => artifacts,
  );
}

for (const kernel of ['6.1', '6.12'] as const) {
  const title = `a kernel holds by programs what it loses by Landlock: Linux ${kernel}`;
  const missing = noVirtualMachine(kernel);
  if (missing !== undefined) {
    skip(title, missing);
    continue;
  }
  test(title, async () => {
    const artifacts = artifactsFor(kernel);
    const content = (name: string) => artifacts.find(({ path }) => path === name)!.content;
    const { masks, path_beneath }: RulesetFile = JSON.parse(String(content('ruleset.json')));
    const rules = [
      `ruleset ${masks.handled_access_fs} 0 0`,
      ...path_beneath.map((rule) => `path ${rule.allowed_access} ${rule.file_allowed_access} ${rule.path}`),
      'restrict',
    ];
    const files = attempts.map(
      ([command], index) => [`/try-${index}`, `${rules.join('\n')}\nrun exec >/dev/null 2>&1; ${command}\n`] as const,
    );
    const text = new TextEncoder();
    const output = await runInMachine({
      kernel,
      content: {
        '/p.o': content('policy.bpf.o') as Uint8Array,
        '/sbin/attach': staticHelper('bpf-attach.c'),
        '/sbin/probe': staticHelper('landlock-probe.c'),
        ...Object.fromEntries(files.map(([name, lines]) => [name, text.encode(lines)])),
      },
      script: `
mkdir -p /sys/fs/cgroup/a /sys/fs/bpf/l
bpftool prog loadall /p.o /sys/fs/bpf/p pinmaps /sys/fs/bpf/m || exit
/sbin/attach --cgroup /sys/fs/bpf/m/cgroup /sys/fs/cgroup/a
for p in /sys/fs/bpf/p/*; do /sbin/attach $p /sys/fs/bpf/l/\${p##*/} || echo "$p is not attached"; done
n=0
while test -e /try-$n; do
  (${before}) > /dev/null 2>&1
  sh -c "echo 0 > /sys/fs/cgroup/a/cgroup.procs; exec /sbin/probe < /try-$n"
  n=$((n+1))
done`,
    });
    assert.not.match(output, /is not attached/);
    const ended = output.trim().split('\n');
    assert.equal(
      attempts.map(([command], index) => [command, ended[index] === '0']),
      attempts.map(([command, passes]) => [command, passes]),
      output.slice(-1500),
    );
  });
}

run();
