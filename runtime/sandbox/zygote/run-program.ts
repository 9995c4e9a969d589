import { closeSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { KernelRefusal, type SystemCalls, systemCalls } from '../../kernel/system-calls.ts';
import { connectTo, longestSocketPath, sendDescriptors } from './connection.ts';
import { zygoteFolder } from './folder.ts';
import { identityOf } from './identity.ts';
import { listenerOf } from './peer.ts';
import type { SandboxPlan } from './plan.ts';
import type { PythonProgram } from './python-command.ts';
import { type ServerPlan, serverCode } from './source.ts';
import { startServer } from './start-server.ts';

/** Seconds that a server stays when nobody asks. */
const usualIdle = 300;

/** A server that listens, or did when it was asked for. */
export interface Zygote {
  readonly plan: ServerPlan;
  readonly program: PythonProgram;
  readonly calls: SystemCalls;
}

/** What one run hands on to the program. */
export interface ProgramRun {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Its standard input, output and error. */
  readonly descriptors: readonly [input: number, output: number, error: number];
}

/** A run that has begun, or may have. */
export interface StartedProgram {
  /** Sends it a signal, by its number. */
  signal(number: number): void;
  readonly end: Promise<ProgramEnd>;
}

/**
 * The exit code, 128 and the number of a signal, 124 after the deadline; or why it was never started; or what became of
 * the server meanwhile, with which the program ended as well.
 */
export type ProgramEnd = { readonly code: number } | { readonly problem: string } | { readonly lost: string };

/**
 * What is needed to ask the server of a sandbox and an interpreter: the same for everybody who asks for the same in the
 * same surroundings.
 */
export async function zygoteOf(
  sandbox: SandboxPlan,
  program: PythonProgram,
  idle: number = usualIdle,
): Promise<Zygote | { readonly problem: string }> {
  const calls = await systemCalls();
  if ('problem' in calls) return calls;
  if (!/^NoNewPrivs:\s*0$/m.test(readFileSync('/proc/self/status', 'utf8'))) {
    return { problem: 'polc itself runs with no_new_privs, by which programs in a sandbox are told from others' };
  }
  const found = zygoteFolder();
  if ('problem' in found) return found;
  const identity = identityOf(found.folder, sandbox, program, serverCode);
  const socket = join(found.folder, `${identity}.socket`);
  if (Buffer.byteLength(socket) > longestSocketPath) {
    return { problem: `${socket} is longer than the path of a socket may be` };
  }
  const lock = join(found.folder, `${identity}.lock`);
  return { plan: { ...sandbox, socket, lock, groupPrefix: `polc-zygote-${identity}-`, idle }, program, calls };
}

/** Asks the server for one program of the interpreter, and starts the server first where there is none. */
export async function startInZygote(
  zygote: Zygote,
  { mode, words }: PythonProgram,
  run: ProgramRun,
): Promise<StartedProgram | { readonly problem: string }> {
  const { calls } = zygote;
  const connection = await connected(zygote);
  if (typeof connection !== 'number') return connection;
  const request = requestOf(mode, words, run);
  let socket: Socket;
  let sent: number;
  try {
    const listener = listenerOf(calls, connection);
    if ('problem' in listener) throw new Error(listener.problem);
    // All of it, mostly; the rest goes when there is room, without waiting here.
    sent = sendDescriptors(calls, connection, request.subarray(0, atOnce), run.descriptors);
    socket = new Socket({ fd: connection, readable: true, writable: true });
  } catch (error) {
    closeSync(connection);
    return { problem: `the fork server cannot be asked: ${error instanceof Error ? error.message : String(error)}` };
  }
  const end = endOf(socket);
  if (sent < request.length) socket.write(request.subarray(sent));
  return { signal: (number) => void socket.write(Uint8Array.of(number)), end };
}

async function connected(zygote: Zygote): Promise<number | { readonly problem: string }> {
  const { calls, plan, program } = zygote;
  for (let attempt = 0; ; attempt++) {
    try {
      return connectTo(calls, plan.socket);
    } catch (error) {
      if (!(error instanceof KernelRefusal)) throw error;
      if (!['ENOENT', 'ECONNREFUSED'].includes(error.code)) return { problem: error.message };
      // Another server of the kind may hold the lock and not listen yet, or have just ended.
      if (attempt === attempts) return { problem: 'the fork server does not listen' };
      const failed = await startServer(plan, program);
      if (failed !== undefined) return failed;
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    }
  }
}

const attempts = 6;

/** Bytes that a socket takes whoever reads them: its buffer has 208 KiB, overhead included. */
const atOnce = 65_536;

/** Four bytes of length, then the number of arguments, how to start, the folder, the arguments, the environment; each ended by a NUL. */
function requestOf(mode: string, words: readonly string[], { folder, environment }: ProgramRun): Buffer {
  const assignments = Object.entries(environment).map(([name, value = '']) => `${name}=${value}`);
  const strings = [String(words.length), mode, folder, ...words, ...assignments].map((each) => `${each}\0`).join('');
  const request = Buffer.alloc(4 + Buffer.byteLength(strings));
  request.writeUInt32LE(request.length - 4, 0);
  request.write(strings, 4);
  return request;
}

/**
 * The program's process says `R` when it starts, then the first of its namespace, or else the server, `S` and how it ended;
 * the server `E` or `X` and why it does not start.
 */
function endOf(socket: Socket): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      const code = heard[0] === started && heard[1] === ended ? heard[2] : undefined;
      if (code !== undefined) resolve({ code });
    });
    socket.on('error', () => {}); // `close` comes next
    socket.on('close', () => {
      if (heard.length > 1 && heard[0] !== started) {
        resolve({ problem: heard[0] === ended ? 'what was to run it ended' : heard.subarray(1).toString() });
      } else resolve({ lost: 'the fork server ended, and with it every program that it had started' });
    });
  });
}

const started = 0x52;
const ended = 0x53;
