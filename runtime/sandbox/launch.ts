import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { type ControlGroup, groupLimits, makeControlGroup } from './control-group.ts';
import type { LocalMachine } from './machine.ts';
import { expandPatterns } from './path-patterns.ts';

/** env(1): the sandbox could not be set up. */
export const setUpFailed = 125;

export interface LaunchRequest {
  readonly policy: Policy;
  readonly local: LocalMachine;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Whether the limits that need a control group may be left out where none can be made. */
  readonly groupOptional: boolean;
  /** Messages for people, one line each. */
  readonly say: (line: string) => void;
}

export interface LaunchOutcome {
  readonly code: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs a command under a policy: makes the control group, writes the launcher for this machine and this moment, and
 * waits for it. Fails closed: what cannot be set up is said, and the command is not started.
 */
export async function launch(request: LaunchRequest): Promise<LaunchOutcome> {
  const { policy, local, say } = request;
  const limits = groupLimits(policy);
  let group: ControlGroup | undefined;
  let folder: string | undefined;
  try {
    if (limits.length > 0) {
      try {
        group = makeControlGroup(policy.name, limits, local.target.cgroup);
      } catch (error) {
        const topics = limits.map(({ topic }) => topic).join(', ');
        const reason = error instanceof Error ? error.message : String(error);
        if (!request.groupOptional) {
          say(`no control group can be made, so ${topics} would not hold: ${reason}`);
          return { code: setUpFailed, diagnostics: [] };
        }
        say(`without a control group ${topics} do not hold: ${reason}`);
      }
    }
    const surroundings = {
      expansions: expandPatterns(policy, local.target.landlock),
      ...(group === undefined ? {} : { cgroup: group.joined }),
    };
    const emission = emitLauncher(policy, local.target, surroundings);
    const image = emission.artifacts.find(({ path }) => path === `launcher.${local.machine}`);
    const wrong = emission.diagnostics.some(({ severity }) => severity === 'error');
    if (wrong || !(image?.content instanceof Uint8Array))
      return { code: setUpFailed, diagnostics: emission.diagnostics };
    folder = mkdtempSync(join(tmpdir(), 'polc-run-'));
    const file = join(folder, policy.name);
    writeFileSync(file, image.content, { mode: 0o755 });
    const code = await wait(file, request.command, say);
    return { code, diagnostics: emission.diagnostics };
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    for (const left of group === undefined ? [] : await removeGroup(group))
      say(`the control group ${left} still holds processes and was left`);
  }
}

const removalPatience = 300;

/** A process that has just ended leaves its group a moment later: tries for some time. Gives what would not go. */
async function removeGroup(group: ControlGroup): Promise<readonly string[]> {
  const end = performance.now() + removalPatience;
  for (let left = group.remove(); ; left = group.remove()) {
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const;

/** The launcher's exit code, or 128 and the signal's number, as shells have it. */
function wait(file: string, command: readonly string[], say: (line: string) => void): Promise<number> {
  return new Promise((resolve) => {
    let child: ChildProcess | undefined;
    // Before the start: a signal that came between it and the handlers would end polc and leave the command alone.
    const handlers = forwarded.map((signal) => {
      // A terminal sends these to the whole foreground group, the child included; it must not get them twice.
      const shared = process.stdin.isTTY && ['SIGINT', 'SIGQUIT', 'SIGWINCH'].includes(signal);
      const handler = () => {
        if (!shared) child?.kill(signal);
      };
      process.on(signal, handler);
      return { signal, handler };
    });
    const done = (code: number) => {
      for (const { signal, handler } of handlers) process.off(signal, handler);
      resolve(code);
    };
    child = spawn(file, command, { stdio: 'inherit' });
    child.on('error', (error) => {
      say(`the launcher could not be started: ${error.message}`);
      done(setUpFailed);
    });
    child.on('exit', (code, signal) => done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
