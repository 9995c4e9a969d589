import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { compile } from '../../compiler/compile.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';
import { type HookCall, hookCalls } from '../support/hook-calls.ts';
import { type MachineKernel, noVirtualMachine } from '../support/machine-files.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('bpf-lsm in force');
const missing = noVirtualMachine();
const enforced = 'a kernel refuses what the text refuses, and nothing outside of the cgroup';

/** The object for a text, and the policy's rules by the indexes of records. */
function objectOf(text: string, kernel: MachineKernel): Uint8Array {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  const target = { ...defaultTarget, kernel: { major, minor } };
  const { outputs, diagnostics } = compile('hooks.bpf', text, nodeHost, {
    target,
    backends: [bpfLsm],
    emit: ['bpf-lsm'],
    maximumMilliseconds: 0,
  });
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`),
    [],
  );
  const content = outputs.flatMap(({ artifacts }) => artifacts).find(({ path }) => path === 'policy.bpf.o')?.content;
  assert.instance(content, Uint8Array);
  return content as Uint8Array;
}

/** A static program that attaches programs to the whole system. */
function attachProgram(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'polc-attach-'));
  try {
    execFileSync('gcc', ['-O1', '-static', '-o', join(folder, 'attach'), 'test/support/bpf-attach.c'], {
      cwd: process.env.POLC_ROOT ?? '.',
      stdio: 'pipe',
    });
    return readFileSync(join(folder, 'attach'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

if (missing !== undefined) skip(enforced, missing);
else {
  test(`${enforced}: all hooks at once, attached to the system`, async () => {
    const calls = hookCalls.filter(({ kernel }) => kernel === undefined || kernel === '6.1');
    assert.ok(new Set(calls.map(({ hook }) => hook)).size >= 30);
    const output = await runInMachine({
      kernel: '6.1',
      content: { '/p.o': objectOf(textOf(calls), '6.1'), '/bin/attach': attachProgram() },
      script: `
mkdir ${group}
bpftool prog loadall /p.o /sys/fs/bpf/p pinmaps /sys/fs/bpf/m || exit
attach --cgroup /sys/fs/bpf/m/cgroup ${group}
mkdir /sys/fs/bpf/l
for p in /sys/fs/bpf/p/*; do attach $p /sys/fs/bpf/l/\${p##*/} || echo "$p is not attached"; done
${callsScript(calls)}`,
    });
    assert.not.match(output, /is not attached/);
    assert.equal(wrongRows(`\n${output}`, calls), []);
  });

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
      content: { '/p.o': objectOf(text, '6.12'), '/bin/attach': attachProgram() },
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
