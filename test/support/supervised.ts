import { spawn } from 'node:child_process';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { ReadyRun } from '../../runtime/hook-programs/run-programs.ts';
import { type SystemCalls, systemCalls } from '../../runtime/kernel/system-calls.ts';
import { makeControlGroup } from '../../runtime/sandbox/control-group.ts';
import { localLauncher } from '../../runtime/sandbox/local-launcher.ts';
import { localMachine } from '../../runtime/sandbox/machine.ts';
import { writeProgram } from '../../runtime/sandbox/program-file.ts';
import { type LevelEvent, readySupervision, type Supervision } from '../../runtime/sandbox/supervisor/index.ts';
import type { RefusalEvent } from '../../runtime/sandbox/supervisor/landlock-refusals.ts';
import { longPatience } from './until.ts';

/** What a program under a supervisor left. */
export interface SupervisedRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Its lines on standard output and standard error. */
  readonly lines: readonly string[];
  readonly events: readonly LevelEvent[];
  readonly refusals: readonly RefusalEvent[];
  readonly said: readonly string[];
}

export interface SupervisedOptions {
  /** Is given the run as it goes: each line that the program prints, and the supervision. */
  readonly line?: (line: string, running: { readonly supervision: Supervision; go(): void; kill(): void }) => void;
  readonly group?: (folder: string) => void;
  /** System calls that fail as a test wants it. */
  readonly calls?: (calls: SystemCalls) => SystemCalls;
  /** What stands for the programs of the kernel. */
  readonly programs?: Pick<ReadyRun, 'tighten'>;
}

/** Compiles an adaptive policy for this machine, as `polc run` does. */
export function compileHere(policy: string): {
  readonly compilation: Compilation;
  readonly launcher: ReturnType<typeof localLauncher>;
} {
  const local = localMachine();
  assert.ok(!('problem' in local));
  const launcher = localLauncher(local, { group: true, programs: false });
  const compilation = compile(
    'p.yaml',
    policy,
    { ...nodeHost, now: () => 0 },
    {
      target: local.target,
      backends: launcher.backends,
      maximumMilliseconds: 0,
    },
  );
  return { compilation, launcher };
}

/** Runs a program under an adaptive policy and its supervisor, in this process. */
export async function runSupervised(
  policy: string,
  command: readonly string[],
  { line, group: look, calls: changed = (calls) => calls, programs }: SupervisedOptions = {},
): Promise<SupervisedRun> {
  const { compilation, launcher } = compileHere(policy);
  const errors = compilation.diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(
    errors.map(({ message }) => message),
    [],
  );
  const local = localMachine();
  assert.ok(!('problem' in local));
  const artifacts = compilation.outputs[0]!.artifacts;
  const image = artifacts.find(({ path }) => path === `launcher.${local.machine}`)!.content;
  assert.ok(image instanceof Uint8Array && compilation.policy !== undefined);
  const events: LevelEvent[] = [];
  const refusals: RefusalEvent[] = [];
  const said: string[] = [];
  const planned = launcher.surroundings()?.group;
  const group = planned === undefined ? undefined : makeControlGroup(planned);
  const calls = await systemCalls();
  assert.ok(!('problem' in calls));
  const request = {
    policy: compilation.policy,
    machine: local.machine,
    artifacts,
    group: planned,
    programs,
    record: (event: LevelEvent | RefusalEvent) =>
      void (event.event === 'level' ? events.push(event) : refusals.push(event)),
    landlock: local.target.landlock,
    say: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
  };
  const supervision = await readySupervision(request, Promise.resolve(changed(calls)));
  assert.ok(!('problem' in supervision));
  const lines: string[] = [];
  const program = writeProgram('level', image);
  try {
    const child = spawn(program.path, command, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    supervision.watch(child);
    const guard = setTimeout(() => child.kill('SIGKILL'), longPatience);
    if (look !== undefined && planned !== undefined) look(planned.folders[0]!.path);
    const running = {
      supervision,
      go: () => child.stdin?.write('\n'),
      kill: () => child.kill('SIGKILL'),
    };
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.on('data', (data: Buffer) => {
        const found = (rest + data.toString()).split('\n');
        rest = found.pop()!;
        for (const each of found) {
          lines.push(each);
          line?.(each, running);
        }
      });
    }
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.on('close', (...ended) => resolve(ended));
    });
    clearTimeout(guard);
    return { code, signal, lines, events, refusals, said };
  } finally {
    program.remove();
    await supervision.end();
    for (const end = performance.now() + longPatience; group !== undefined && group.remove().length > 0; ) {
      assert.ok(performance.now() < end, 'the control group is left');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
