import type { Policy } from '../../../compiler/ir/policy.ts';
import type { LocalSurroundings } from '../local-launcher.ts';
import type { LocalMachine } from '../machine.ts';
import { forwardSignals } from '../start.ts';
import { writableByPrograms } from './guarded-interpreter.ts';
import { sandboxPlan } from './plan.ts';
import { pythonProgram } from './python-command.ts';
import { startInZygote, zygoteOf } from './run-program.ts';

/**
 * Runs a command as a fork of its policy's server, which is started where there is none, on this process's own standard
 * descriptors and in its folder.
 *
 * @returns the exit code as the launcher gives it; or why the command was not started, and has to be plainly
 */
export async function runForked(
  policy: Policy,
  { machine, target }: LocalMachine,
  { forLauncher, expansions, group, unseparated }: LocalSurroundings,
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<{ readonly code: number | undefined } | { readonly problem: string }> {
  const { supervised, bound, allocator } = forLauncher;
  if (supervised === true) return { problem: 'a program that adapts is supervised from its start' };
  if (bound === true) return { problem: 'the programs of `security.bpf_lsm` hold a control group of this start alone' };
  if (unseparated) return { problem: 'no Landlock domain would keep the programs of one server apart' };
  const program = pythonProgram(command, environment, allocator, machine);
  if ('problem' in program) return program;
  const writable = writableByPrograms(policy, target.landlock, expansions, program.interpreter);
  if (writable !== undefined) {
    return { problem: `the policy lets a program change ${writable}, which the server runs outside of the sandbox` };
  }
  const plan = sandboxPlan(policy, target, machine, forLauncher, group);
  if ('problem' in plan) return plan;
  const zygote = await zygoteOf(plan, program);
  if ('problem' in zygote) return zygote;
  let send: ((signal: number) => void) | undefined;
  const stop = forwardSignals((_, number) => send?.(number));
  try {
    const run = { folder: process.cwd(), environment, descriptors: [0, 1, 2] } as const;
    const started = await startInZygote(zygote, program, run);
    if ('problem' in started) return started;
    send = started.signal;
    const end = await started.end;
    if (!('lost' in end)) return end;
    say(end.lost);
    return { code: undefined };
  } finally {
    stop();
  }
}
