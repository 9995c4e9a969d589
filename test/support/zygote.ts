import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../compiler/ir/policy.ts';
import { groupLimits, planControlGroup } from '../../runtime/sandbox/control-group.ts';
import { localMachine } from '../../runtime/sandbox/machine.ts';
import { sandboxPlan } from '../../runtime/sandbox/zygote/plan.ts';
import { pythonProgram } from '../../runtime/sandbox/zygote/python-command.ts';
import {
  type ProgramEnd,
  type StartedProgram,
  startInZygote,
  zygoteOf,
} from '../../runtime/sandbox/zygote/run-program.ts';
import { longPatience } from './until.ts';

/** Every distribution's; what `python3` is along PATH may be a script that looks for one. */
export const python = '/usr/bin/python3';

let folder: string | undefined;

/** A folder for servers and their programs' files, which takes the place of the user's; gone when the test process ends. */
export function zygoteTestFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'polc-zygote-'));
    process.env.XDG_RUNTIME_DIR = made;
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

/** Why no server can be had on this machine; undefined where one can. */
export async function noZygote(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  if (!existsSync(python)) return `there is no ${python}`;
  try {
    const { end } = await forked({}, ['-c', 'pass']);
    return 'code' in end ? undefined : 'problem' in end ? end.problem : end.lost;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export interface ForkOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly input?: string;
  readonly idle?: number;
  /** Is given the program once it was asked for. */
  readonly started?: (program: StartedProgram, output: () => string) => void;
}

export interface Forked {
  readonly end: ProgramEnd;
  readonly stdout: string;
  readonly stderr: string;
}

let count = 0;

/** Runs words of python3 as a fork of the server for a policy, and gives what it has printed. */
export async function forked(
  parts: Partial<Policy>,
  words: readonly string[],
  options: ForkOptions = {},
): Promise<Forked> {
  const at = join(zygoteTestFolder(), `run-${count++}`);
  mkdirSync(at);
  const path = (name: string) => join(at, name);
  const opened = [
    openSync(options.input ?? '/dev/null', 'r'),
    openSync(path('stdout'), 'w'),
    openSync(path('stderr'), 'w'),
  ] as const;
  try {
    const { zygote, program, environment } = await zygoteFor(parts, words, options);
    const run = { folder: options.folder ?? '/', environment, descriptors: opened };
    const started = await startInZygote(zygote, program, run);
    const output = () => readFileSync(path('stdout'), 'utf8');
    if ('problem' in started) return { end: started, stdout: '', stderr: '' };
    options.started?.(started, output);
    const late = new Promise<ProgramEnd>((resolve) => {
      const timer = setTimeout(() => resolve({ lost: 'it did not end in time' }), longPatience);
      timer.unref();
    });
    const end = await Promise.race([started.end, late]);
    return { end, stdout: output(), stderr: readFileSync(path('stderr'), 'utf8') };
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** The server that a policy's programs are forked from. */
export async function zygoteFor(
  parts: Partial<Policy>,
  words: readonly string[],
  { environment = {}, idle }: ForkOptions = {},
) {
  zygoteTestFolder();
  const local = localMachine();
  if ('problem' in local) throw new Error(local.problem);
  const policy: Policy = { name: 'zygote', decisions: [], limits: [], obligations: [], ...parts };
  const limits = groupLimits(policy);
  const group = limits.length > 0 ? planControlGroup(policy.name, limits, local.target.cgroup, false) : undefined;
  const plan = sandboxPlan(policy, local.target, local.machine, { separate: true }, group);
  if ('problem' in plan) throw new Error(plan.problem);
  const whole = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', ...environment };
  const program = pythonProgram([python, ...words], whole, undefined, local.machine);
  if ('problem' in program) throw new Error(program.problem);
  const zygote = await zygoteOf(plan, program, idle);
  if ('problem' in zygote) throw new Error(zygote.problem);
  return { zygote, program, environment: whole };
}
