import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Supervision } from './supervisor/index.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const;

/**
 * Hands the signals on that this process is sent, for as long as it waits for another.
 *
 * @returns ends it
 */
export function forwardSignals(send: (signal: NodeJS.Signals, number: number) => void): () => void {
  const handlers = forwarded.map((signal) => {
    const handler = () => send(signal, constants.signals[signal]);
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
}

/**
 * Starts a launcher and waits for its end.
 *
 * @param starter the launcher's end of the starter's socket, where the launcher wants one
 * @param supervision answers for the filter of the program, where the policy has levels to move between
 * @param say is told why it could not be started; one line
 * @returns the launcher's exit code, or 128 and the signal's number, as shells have it; undefined where it could not be started
 */
export function startAndWait(
  file: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  starter: number | undefined,
  supervision: Supervision | undefined,
  say: (line: string) => void,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    let child: ChildProcess | undefined;
    // Before the start: a signal that came between it and the handlers would end polc and leave the command alone.
    const stop = forwardSignals((signal) => {
      // A terminal sends these to the whole foreground group, the child included; it must not get them twice.
      const shared = process.stdin.isTTY && ['SIGINT', 'SIGQUIT', 'SIGWINCH'].includes(signal);
      if (!shared) child?.kill(signal);
    });
    const done = (code: number | undefined) => {
      stop();
      resolve(code);
    };
    const inherited = ['inherit', 'inherit', 'inherit'] as const;
    const handed = [
      ...(supervision === undefined ? [] : ['pipe' as const]),
      ...(starter === undefined ? [] : [starter]),
    ];
    const stdio = [...inherited, ...handed];
    child = spawn(file, command, { stdio, env: environment });
    supervision?.watch(child);
    child.on('error', (error) => {
      say(`the launcher could not be started: ${error.message}`);
      done(undefined);
    });
    child.on('exit', (code, signal) => done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** The launcher is static, so that what is preloaded is so for the program alone; ahead of what the caller preloads. */
export function environmentWith(allocator: string | undefined): NodeJS.ProcessEnv {
  if (allocator === undefined) return process.env;
  const preloaded = process.env.LD_PRELOAD;
  return { ...process.env, LD_PRELOAD: preloaded ? `${allocator}:${preloaded}` : allocator };
}
