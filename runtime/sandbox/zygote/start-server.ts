import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PythonProgram } from './python-command.ts';
import { bootstrap, type ServerPlan, sourceOf } from './source.ts';

/** Milliseconds in which a server has to listen. */
const patience = 20_000;

/**
 * Starts a server, which outlives this process, and waits until it listens or another of its kind does.
 *
 * @returns why there is none
 */
export async function startServer(
  plan: ServerPlan,
  { interpreter, startEnvironment }: PythonProgram,
): Promise<{ readonly problem: string } | undefined> {
  const child = spawn(interpreter, ['-c', bootstrap], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    // The user's own packages are looked at in the sandbox only: there are none in this home. Functions are looked up here
    // (ld.so(8)), or each program would look them up anew while a client waits.
    env: { ...startEnvironment, HOME: '/dev/null/home', LD_BIND_NOW: '1' },
  });
  const failed = once(child, 'error').then(([error]) => `failed: ${error instanceof Error ? error.message : error}`);
  child.stdin.on('error', () => {}); // it says why on the other pipe
  child.stdin.end(sourceOf(plan));
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  try {
    const answer = await Promise.race([firstLine(child), failed]);
    if (answer === 'ready' || answer === 'held') return undefined;
    const reason = answer.startsWith('failed: ') ? answer.slice('failed: '.length) : 'it ended before it listened';
    return { problem: `the fork server cannot start: ${reason}` };
  } finally {
    clearTimeout(timer);
    child.unref();
    child.stdout.destroy();
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  if (stdout === null) return text;
  for await (const chunk of stdout) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0] ?? '';
}
