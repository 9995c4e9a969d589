import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Observations } from '../../compiler/trace/observations.ts';
import { observer, type TracedMachine } from '../../compiler/trace/observe.ts';
import { interpreters } from './interpreters.ts';

export interface TraceRequest {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The descriptor that the program's standard output goes to: 1, or 2 where polc's own output has the first. */
  readonly output: 1 | 2;
}

export type TraceOutcome =
  | { readonly problem: string; readonly help: string }
  | { readonly observations: Observations /** As a shell has it: 128 and more of a signal. */; readonly code: number };

/** Runs a command under strace(1), without any sandbox, and gives what it and all that it starts were seen to do. */
export async function traceCommand({ command, output }: TraceRequest): Promise<TraceOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'polc-trace-'));
  try {
    const file = join(folder, 'calls');
    // Before the program starts: a file that is older was not made by it. Clocks of file systems are coarse.
    const began = Date.now() - 20;
    const options = ['-f', '-yy', '--quiet=attach,exit', '-s', '48', '-e', 'signal=none', '-o', file, '--'];
    const ended = await run([...options, ...command], output);
    if (typeof ended !== 'number') return ended;
    const observations = await readTrace(file, machineSince(began), process.cwd());
    if (observations.calls.size === 0) {
      return {
        problem: `the command did not start under strace, which ended with ${ended}`,
        help: 'see what strace says above: the command has to be there, and in a container ptrace(2) to be allowed (SYS_PTRACE)',
      };
    }
    return { observations, code: ended };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads what strace wrote elsewhere. Its files may be gone here, and count as made by the program. */
export function readTraceFile(file: string): Promise<Observations> {
  return readTrace(file, machineSince(0), process.cwd());
}

/** @throws the operating system's error where the file cannot be read */
async function readTrace(file: string, machine: TracedMachine, folder: string): Promise<Observations> {
  const seen = observer(machine, folder);
  const lines = createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) seen.line(line);
  return seen.end();
}

function run(words: readonly string[], output: 1 | 2): Promise<number | { problem: string; help: string }> {
  return new Promise((resolve) => {
    // A terminal sends these to the program too, whose end ends strace.
    const ignored = ['SIGINT', 'SIGQUIT'] as const;
    const passed = ['SIGTERM', 'SIGHUP'] as const;
    let child: ChildProcess | undefined;
    const nothing = () => {};
    const pass = (signal: NodeJS.Signals) => child?.kill(signal);
    for (const signal of ignored) process.on(signal, nothing);
    for (const signal of passed) process.on(signal, pass);
    const done = (outcome: number | { problem: string; help: string }) => {
      for (const signal of ignored) process.off(signal, nothing);
      for (const signal of passed) process.off(signal, pass);
      resolve(outcome);
    };
    child = spawn('strace', words, { stdio: ['inherit', output, 'inherit'] });
    child.on('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT';
      done({
        problem: missing ? 'there is no strace(1) on this machine' : `strace could not be started: ${error.message}`,
        help: 'install it (`apt-get install strace`), or give `--from` what it wrote elsewhere by `strace -f -yy -o FILE`',
      });
    });
    child.on('exit', (code, signal) => done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** This machine, for a trace that began at `began`, in milliseconds since 1970. */
function machineSince(began: number): TracedMachine {
  const real = new Map<string, string>();
  const realPath = (path: string): string => {
    const known = real.get(path);
    if (known !== undefined) return known;
    let found: string;
    try {
      found = realpathSync(path);
    } catch {
      // What is gone had its place in what is still there.
      found = path === '/' ? path : join(realPath(dirname(path)), path.slice(path.lastIndexOf('/') + 1));
    }
    real.set(path, found);
    return found;
  };
  const status = (path: string) => {
    try {
      return statSync(path, { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  };
  return {
    realPath,
    isDirectory: (path) => status(path)?.isDirectory() === true,
    mayBeMade: (path) => (status(path)?.birthtimeMs ?? Number.POSITIVE_INFINITY) >= began,
    interpreters,
  };
}
