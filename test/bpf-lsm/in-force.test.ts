import * as assert from 'uvu/assert';
import { hookSince, refusingHooks } from '../../compiler/tables/lsm-hooks.ts';
import type { KernelVersion } from '../../compiler/target.ts';
import { noStaticHelper, staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { type HookCall, hookCalls } from '../support/hook-calls.ts';
import { compileHooks, randomTexts } from '../support/hook-object.ts';
import {
  architectureOf,
  kernelTarget,
  type MachineKernel,
  noVirtualMachine,
  originOf,
} from '../support/machine-files.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('bpf-lsm in force');
const missing = noVirtualMachine();
const enforced = 'a kernel refuses what the text refuses, and nothing outside of the cgroup';

function objectOf(text: string, kernel: MachineKernel): Uint8Array {
  const made = compileHooks(text, kernelTarget(kernel));
  assert.ok(made);
  return made.object;
}

const textOf = (calls: readonly HookCall[]) =>
  calls.map(({ hook, statements }) => `hook ${hook}\n  ${statements.replaceAll('\n', '\n  ')}\n`).join('');

const group = '/sys/fs/cgroup/a';

/** Runs each command outside of the cgroup and in it, and prints with what both ended and what it said in it. */
function callsScript(calls: readonly HookCall[]): string {
  const lines = calls.flatMap(({ hook, before, command }) => {
    const quoted = `'${command.replaceAll("'", "'\\''")}'`;
    return [
      `{ ${before ?? 'true'}; } > /dev/null 2>&1; sh -c ${quoted} > /tmp/o 2>&1; o=$?; { ${before ?? 'true'}; } > /dev/null 2>&1`,
      `sh -c 'echo 0 > ${group}/cgroup.procs && exec sh -c "$1"' x ${quoted} > /tmp/i 2>&1; i=$?`,
      `echo "@${hook} $o $i"; cat /tmp/o /tmp/i`,
    ];
  });
  return `mkdir -p /t ${group}\n${lines.join('\n')}\n`;
}

/** The rows of which something is not as it should be. */
function wrongRows(output: string, calls: readonly HookCall[]): readonly string[] {
  const said = new Map(output.split('\n@').map((part) => [part.split(' ', 1)[0]!, part]));
  return calls.flatMap(({ hook, refused }) => {
    const part = said.get(hook);
    const [, outside, inside] = /^\S+ (\d+) (\d+)/.exec(part ?? '') ?? [];
    const holds = outside === '0' && (refused === undefined ? inside !== '0' : part!.includes(refused));
    return holds ? [] : [part ?? `${hook}: nothing was said of it`];
  });
}

/** Attaches a program at each hook that the kernel has to the whole system, which is what a kernel before 6.0 can. */
async function attachedToTheSystem(kernel: MachineKernel): Promise<void> {
  const target = kernelTarget(kernel);
  const version = target.kernel;
  const calls = hookCalls.filter(
    (each) =>
      (each.until === undefined || !isAtLeast(version, each.until)) &&
      isAtLeast(version, hookSince(each.hook)) &&
      // The names of libraries and of the console.
      (architectureOf(kernel) === 'x86_64' || !/x86_64|ttyS0/.test(each.statements)),
  );
  assert.ok(new Set(calls.map(({ hook }) => hook)).size >= 30);
  const object = objectOf(textOf(calls), kernel);
  // Whether the kernel has every hook that it is said to have, and takes a program there.
  const every = refusingHooks().filter((hook) => isAtLeast(version, hookSince(hook)));
  const everyText = every.map((hook) => `hook ${hook}\n  deny\n`).join('');
  const output = await runInMachine({
    kernel,
    content: {
      '/p.o': object,
      '/every.o': objectOf(everyText, kernel),
      ...Object.fromEntries(
        randomTexts(3).flatMap((text, index) => {
          const made = compileHooks(text, target);
          return made === undefined ? [] : [[`/random/${index}`, made.object]];
        }),
      ),
      '/bin/attach': staticHelper('bpf-attach.c', architectureOf(kernel)),
    },
    script: `
mkdir ${group} /sys/fs/bpf/e
bpftool prog loadall /every.o /sys/fs/bpf/every || echo 'every hook is not attached'
attach --system /sys/fs/bpf/every /sys/fs/bpf/e
rm -r /sys/fs/bpf/e /sys/fs/bpf/every
for o in /random/*; do
  bpftool prog loadall $o /sys/fs/bpf/r 2> /tmp/e || { cat /tmp/e; echo "$o is not loaded"; }
  rm -r /sys/fs/bpf/r
done
bpftool prog loadall /p.o /sys/fs/bpf/p pinmaps /sys/fs/bpf/m || exit
attach --cgroup /sys/fs/bpf/m/cgroup ${group}
mkdir /sys/fs/bpf/l
attach --system /sys/fs/bpf/p /sys/fs/bpf/l
${callsScript(calls)}`,
  });
  assert.not.match(output, /is not (attached|loaded)/);
  assert.equal(wrongRows(`\n${output}`, calls), []);
}

function isAtLeast({ major, minor }: KernelVersion, since = '0.0'): boolean {
  const [first = 0, second = 0] = since.split('.').map(Number);
  return major > first || (major === first && minor >= second);
}

for (const kernel of ['5.15', '6.1', 'aarch64-6.12'] as const) {
  const name = `${enforced}: all hooks at once, attached to the system, Linux ${kernel}`;
  const reason = noVirtualMachine(kernel) ?? noStaticHelper(architectureOf(kernel));
  if (reason === undefined) test(name, () => attachedToTheSystem(kernel));
  else skip(name, reason, originOf(kernel));
}

if (missing !== undefined) skip(enforced, missing);
else {
  for (const kernel of ['6.1', '6.12'] as const) {
    test(`${enforced}: Linux ${kernel}, attached to the cgroup by bpftool`, async () => {
      const wanted = ['file_open', 'path_mkdir', 'path_rename', 'inode_setattr', 'bprm_check_security'];
      const more = ['mmap_file', 'task_kill', 'socket_connect', 'task_prctl', 'sb_mount'];
      const calls = hookCalls.filter(({ hook }) => [...wanted, ...more].includes(hook));
      const output = await runInMachine({
        kernel,
        content: { '/p.o': objectOf(textOf(calls), kernel) },
        script: `
mkdir ${group}
bpftool prog loadall /p.o /sys/fs/bpf/p || exit
for p in /sys/fs/bpf/p/*; do bpftool cgroup attach ${group} lsm_cgroup pinned $p || echo "$p is not attached"; done
${callsScript(calls)}`,
      });
      assert.not.match(output, /is not attached/);
      assert.equal(wrongRows(`\n${output}`, calls), []);
    });
  }

  test('counters hold in a kernel, and records tell the rule, the answer and the path', async () => {
    const text = `hook file_open
  counter opens by uid per 100s when path beneath "/t/c"
  audit errno EACCES when path beneath "/t/d"
  audit when path like "/t/e*"
  deny when opens > 2 && path beneath "/t/c"
`;
    const output = await runInMachine({
      kernel: '6.12',
      content: { '/p.o': objectOf(text, '6.12'), '/bin/attach': staticHelper('bpf-attach.c') },
      script: `
mkdir -p ${group} /t/c /t/d; echo c > /t/c/1; echo d > /t/d/long-name; echo e > /t/eé
bpftool prog loadall /p.o /sys/fs/bpf/p pinmaps /sys/fs/bpf/m || exit
bpftool cgroup attach ${group} lsm_cgroup pinned /sys/fs/bpf/p/file_open || exit
sh -c 'echo 0 > ${group}/cgroup.procs; cat /t/c/1; cat /t/c/1; cat /t/c/1; cat /t/d/long-name; cat /t/eé'
attach --records /sys/fs/bpf/m/events`,
    });
    assert.equal(output.trim().split('\n'), [
      'c',
      'c',
      "cat: can't open '/t/c/1': Operation not permitted",
      "cat: can't open '/t/d/long-name': Permission denied",
      'e',
      'record 0 -13 cat /t/d/long-name 64',
      'record 4 1 cat /t/eé 64',
    ]);
  });
}

run();
