import * as assert from 'uvu/assert';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { compile } from '../../compiler/compile.ts';
import type { Host } from '../../compiler/host.ts';
import { landlockAbiOfKernel } from '../../compiler/tables/landlock.ts';
import { staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { kernelTarget, noVirtualMachine } from '../support/machine-files.ts';
import { koffiFiles, nodeFiles, polcFiles } from '../support/machine-node.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('ways out in a machine');

const denying = '  deny when path beneath "/t/d"\n';
/** What docs/bpf-lsm.md gives for policies that restrict no paths. */
const holding = `hook file_open
  deny when flags & O_ACCMODE != O_RDONLY && filesystem in ["cgroup", "cgroup2", "proc", "sysfs", "debugfs", "tracefs", "binfmt_misc"]
${denying}
hook task_alloc
  deny when clone_flags & 0x200000000 != 0
hook bpf
  deny
`;

const paths = `  landlock:
    paths:
      - { path: /, access: [read_file, read_dir, execute] }
      - { path: /dev/null, access: [read_file, write_file] }
`;
const hooked = '  bpf_lsm: { file_open: files.bpf }\n';
const holds = '  bpf_lsm: { file_open: holding.bpf, task_alloc: holding.bpf, bpf: holding.bpf }\n';

/** What stands under `security`, with what coverage says of the hook and of the ways that are tried. */
const policies = {
  open: { security: hooked, ways: ['cgroup.procs', 'clone3', 'bpf', '/proc/sys and /sys'] },
  paths: { security: `${hooked}${paths}`, ways: ['clone3', 'bpf'] },
  calls: { security: `  level: medium\n${hooked}`, ways: ['cgroup.procs', '/proc/sys and /sys'] },
  capabilities: { security: `  capabilities: [chown]\n${hooked}${paths}`, ways: ['clone3'] },
  closed: { security: `  level: medium\n${hooked}${paths}`, ways: [] },
  held: { security: `  capabilities: [sys_admin, bpf, dac_override]\n${holds}`, ways: [] },
} as const;

/** By the word that the helper prints of an attempt. */
const tried: Readonly<Record<string, string>> = {
  procs: 'cgroup.procs',
  clone: 'clone3',
  '/proc/sys/kernel/core_pattern': '/proc/sys and /sys',
  detach: 'bpf',
};

const textOf = (security: string) => `profile: web\nmode: sandbox\nsecurity:\n${security}`;
const hookFiles: Readonly<Record<string, string>> = {
  'files.bpf': `hook file_open\n${denying}`,
  'holding.bpf': holding,
};

/** The ways that coverage names for the rule at `file_open`. */
function toldOf(security: string): string {
  const host: Host = { read: (path) => hookFiles[path], now: () => 0, sha256: () => '0'.repeat(64) };
  const target = { ...kernelTarget('6.12'), landlock: landlockAbiOfKernel(6, 12), bpfLsm: true };
  const { coverage } = compile('web.yaml', textOf(security), host, {
    maximumMilliseconds: 0,
    target,
    backends: [bpfLsm],
  });
  const told = coverage.filter(({ topic, status }) => topic === 'security.bpf_lsm.file_open' && status !== 'full');
  return told.map(({ answers }) => answers[0]!.lost).join();
}

const name = 'what coverage calls full no root process gets out of, and what it calls open each does';
const missing = noVirtualMachine('6.12');
if (missing !== undefined) skip(name, missing);
else {
  test(name, async () => {
    const encode = (value: string) => new TextEncoder().encode(value);
    const attempts = [
      'cat /t/d 2>&1; way-out write /proc/sys/kernel/core_pattern; way-out procs /sys/fs/cgroup',
      'way-out clone /sys/fs/cgroup; way-out detach; cat /t/d 2>&1',
    ].join('; ');
    const output = await runInMachine({
      kernel: '6.12',
      megabytes: 1000,
      content: {
        ...nodeFiles(),
        ...polcFiles(),
        ...koffiFiles(),
        '/bin/way-out': staticHelper('way-out.c'),
        ...Object.fromEntries(Object.entries(hookFiles).map(([file, text]) => [`/w/${file}`, encode(text)])),
        ...Object.fromEntries(
          Object.entries(policies).map(([key, { security }]) => [`/w/${key}.yaml`, encode(textOf(security))]),
        ),
      },
      script: `
export HOME=/tmp; mkdir -p /t; echo d > /t/d; cd /w
for p in ${Object.keys(policies).join(' ')}; do
  echo "@$p"; node /polc/bin/polc.js run --quiet $p.yaml -- sh -c '${attempts}' 2> /tmp/said || cat /tmp/said
done`,
    });
    const parts = new Map(output.split('@').map((part) => [part.split('\n', 1)[0]!, part.split('\n')]));
    for (const [key, { security, ways }] of Object.entries(policies)) {
      const lines = parts.get(key) ?? [];
      const open: readonly string[] = ways;
      const told = toldOf(security);
      for (const [word, way] of Object.entries(tried)) {
        const line = lines.find((each) => each.startsWith(`${word}: `));
        assert.is(line === `${word}: passed`, open.includes(way), `${key}: ${word}\n${output}`);
        assert.is(told.includes(way), open.includes(way), `${key}: ${way}: ${told}`);
      }
      // Refused at first, and afterwards where nobody took the program away.
      assert.match(lines[1] ?? '', /can't open '\/t\/d'/, output);
      if (open.includes('bpf')) assert.ok(lines.includes('d'), output);
      else assert.match(lines.at(-2) ?? '', /can't open '\/t\/d'/, output);
    }
  });
}

run();
