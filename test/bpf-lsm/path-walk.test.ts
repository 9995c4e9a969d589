import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { compile } from '../../compiler/compile.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { type MachineKernel, noVirtualMachine, overlayModule } from '../support/machine-files.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('bpf-lsm path-walk');

/** What a script of path-probe.c does, and for each file that it tells of the path by `d_path` and the one walked up. */
interface Walk {
  readonly script: string;
  readonly paths: readonly (readonly [told: string, walked: string])[];
}

const same = (path: string) => [path, path] as const;
/** The kernel tells the path, or told it when the file was opened, or says something that is none; a walk does not find it. */
const only = (told: string) => [told, ''] as const;
const neither = ['', ''] as const;

const long = 'n'.repeat(255);
const deep = (count: number) => '/d'.repeat(count);

const walks: readonly Walk[] = [
  {
    script: 'make a\ncd a\nfile f\ntell .\ncd /\ntell /t',
    paths: [same('/t/a/f'), same('/t/a'), same('/t')],
  },
  { script: 'tell /', paths: [same('/')] },
  {
    script: `file ${long}\nmake é${'x'.repeat(253)}\ntell é${'x'.repeat(253)}`,
    paths: [same(`/t/${long}`), same(`/t/é${'x'.repeat(253)}`)],
  },
  // Bind mounts of a folder and of a file, and one in the other.
  {
    script: `make a\nfile a/f\nmake b\nbind a b\ntell b/f\ntell b\nfile g\nbind a/f g\ntell g\nmake a/in\nbind a b/in\ntell b/in/f`,
    paths: [same('/t/a/f'), same('/t/b/f'), same('/t/b'), same('/t/g'), same('/t/g'), same('/t/b/in/f')],
  },
  // A file system in a folder, and another on top of it.
  {
    script: 'make m\ntmpfs m\nfile m/x\ntell m\ntmpfs m\nfile m/y\ntmpfs m\nmake m/z\ntmpfs m/z\ntell m/z',
    paths: [same('/t/m/x'), same('/t/m'), same('/t/m/y'), same('/t/m/z')],
  },
  // A folder that is renamed, and held meanwhile.
  {
    script: 'make r\nmake r/one\nfile r/one/f\nhold r/one\nmove r/one r/two\nunder f\nmove r /t/s\nunder f',
    paths: [same('/t/r/one/f'), same('/t/r/two/f'), same('/t/s/two/f')],
  },
  // 63, 64 and 65 components.
  {
    script: 'into 61 d\nfile f\nfile e\ninto 1 d\nfile f\ntell .\ninto 1 d\ntell .\nfile f',
    paths: [
      same(`/t${deep(61)}/f`),
      same(`/t${deep(61)}/e`),
      same(`/t${deep(62)}/f`),
      same(`/t${deep(62)}`),
      same(`/t${deep(63)}`),
      only(`/t${deep(63)}/f`),
    ],
  },
  // The longest path, and one that is a byte longer.
  {
    script: `into 15 ${long}\nfile ${'f'.repeat(252)}\nfile ${'f'.repeat(253)}`,
    paths: [same(`/t${`/${long}`.repeat(15)}/${'f'.repeat(252)}`), neither],
  },
  { script: 'file g1\ngone g1\nmake g2\ngone g2', paths: [same('/t/g1'), only('/t/g1'), only('/t/g2')] },
  // What lies in the root of the process is told from there; what lies elsewhere only the kernel tells, from its own root.
  {
    script: 'make c\nmake c/in\nfile c/in/f\nmake o\nfile o/f\nroot /t/c\ntell /in/f\ntell /\ncd o\ntell f\ntell /in',
    paths: [same('/t/c/in/f'), same('/t/o/f'), same('/in/f'), same('/'), only('/t/o/f'), same('/in')],
  },
  // A mount that is in no tree any more: the kernel takes its root for the root of all.
  { script: 'make l\ntmpfs l\nfile l/f\nhold l\nloose l\nunder f', paths: [same('/t/l/f'), only('/f')] },
];

/** A stacked file system, where the machine has it: what is told is the path in it, not in its layers. */
const overlay: Walk = {
  script:
    'make v\ntmpfs v\nmake v/low\nmake v/up\nmake v/work\nmake v/all\nmake v/low/in\nfile v/low/in/f\n' +
    'overlay v/all lowerdir=v/low,upperdir=v/up,workdir=v/work\ntell v/all/in/f\nfile v/all/in/g\ntell v/all\n' +
    'move v/all/in/g v/all/h\ntell v/all/h',
  paths: [same('/t/v/low/in/f'), same('/t/v/all/in/f'), same('/t/v/all/in/g'), same('/t/v/all'), same('/t/v/all/h')],
};

const text = `hook file_open
  audit when comm == "probe" && path beneath "/"
hook path_chmod
  audit when comm == "probe" && path beneath "/"
`;

function objectFor(kernel: MachineKernel): Uint8Array {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  const target = { ...defaultTarget, kernel: { major, minor } };
  const { outputs } = compile('hooks.bpf', text, nodeHost, {
    target,
    backends: [bpfLsm],
    emit: ['bpf-lsm'],
    maximumMilliseconds: 0,
  });
  const content = outputs.flatMap(({ artifacts }) => artifacts).find(({ path }) => path === 'policy.bpf.o')?.content;
  assert.instance(content, Uint8Array);
  return content as Uint8Array;
}

/**
 * The records in pairs: the path that opening told, and the one of the change of mode that follows. An overlay opens the file
 * of its layer besides.
 */
function pairs(output: string): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  let told: string[] = [];
  for (const line of output.split('\n')) {
    const [, rule, path = ''] = /^record (\d+) 1 probe ?(\S*) 64$/.exec(line) ?? [];
    if (rule === '1') told.push(path);
    if (rule !== '2') continue;
    found.push([told.includes(path) ? path : told.at(-1)!, path]);
    told = [];
  }
  return found;
}

const shown = (pairsOf: readonly (readonly [string, string])[]) =>
  pairsOf.map((pair) => pair.map((path) => (path.length > 100 ? `${path.slice(0, 40)}… ${path.length}` : path)));

for (const kernel of ['5.15', '6.1', '6.12'] as const) {
  const title = `a path that is walked up is the one that the kernel tells: Linux ${kernel}`;
  const missing = noVirtualMachine(kernel);
  if (missing !== undefined) {
    skip(title, missing);
    continue;
  }
  test(title, async () => {
    const all = kernel === '6.1' ? [...walks, overlay] : walks;
    const scripts = all.map(
      ({ script }, index) => [`/walk-${index}`, new TextEncoder().encode(`${script}\n`)] as const,
    );
    const output = await runInMachine({
      kernel,
      content: {
        '/p.o': objectFor(kernel),
        '/bin/attach': staticHelper('bpf-attach.c'),
        '/bin/probe': staticHelper('path-probe.c'),
        ...Object.fromEntries(scripts),
        ...(kernel === '6.1' ? { '/overlay.ko': readFileSync(overlayModule()) } : {}),
      },
      script: `
mkdir -p /sys/fs/cgroup/a /t
test ! -e /overlay.ko || insmod /overlay.ko
bpftool prog loadall /p.o /sys/fs/bpf/p pinmaps /sys/fs/bpf/m || exit
mkdir /sys/fs/bpf/l
if test -e /sys/fs/bpf/m/cgroup; then
  attach --cgroup /sys/fs/bpf/m/cgroup /sys/fs/cgroup/a
  for p in /sys/fs/bpf/p/*; do attach $p /sys/fs/bpf/l/\${p##*/} || echo "$p is not attached"; done
else
  for p in /sys/fs/bpf/p/*; do bpftool cgroup attach /sys/fs/cgroup/a lsm_cgroup pinned $p || echo "$p is not attached"; done
fi
echo 0 > /sys/fs/cgroup/a/cgroup.procs
for n in ${all.map((_, index) => index).join(' ')}; do
  mount -t tmpfs none /t
  (cd /t && probe < /walk-$n)
  echo "@$n"; attach --records /sys/fs/bpf/m/events
  umount -l /t
done`,
    });
    assert.not.match(output, /is not attached/);
    const parts = output.split(/^@\d+$/m);
    assert.is(parts.length, all.length + 1, output);
    for (const [index, { script, paths }] of all.entries()) {
      const found = pairs(parts[index + 1]!);
      // What failed is printed in front of the records.
      assert.equal(shown(found), shown(paths), `${script.slice(0, 300)}\n${parts[index]!.slice(-500)}`);
      assert.equal(found, paths);
    }
  });
}

run();
