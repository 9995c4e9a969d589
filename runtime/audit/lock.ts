import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { AuditFailure } from './log.ts';

/** A record takes well under a millisecond to write. */
const waitLimit = 10_000;

/**
 * Runs `work` while no other process of this machine runs it for the same path. Node has no flock(2); a file that only one
 * process can make (O_EXCL of open(2)) stands for it.
 *
 * A lock whose process is gone is taken away, by one process at a time, which looks again once it is alone: the lock that
 * it removes is then of a process that cannot come back, and nobody else may remove it. One of another host is left.
 */
export function withLock<T>(path: string, work: () => T): T {
  const lock = `${path}.lock`;
  const started = Date.now();
  while (!tryMake(lock, path)) {
    if (Date.now() - started > waitLimit) {
      throw new AuditFailure(path, `another process holds \`${lock}\`; remove it if there is none`);
    }
    if (isAbandoned(lock)) removeAbandoned(lock, path);
    else sleep(1 + Math.random() * 4);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

const owner = () => `${process.pid} ${hostname()}`;

function tryMake(file: string, path: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new AuditFailure(path, `it cannot be locked: ${codeOf(error) ?? String(error)}`);
  }
  writeSync(descriptor, owner());
  closeSync(descriptor);
  return true;
}

function removeAbandoned(lock: string, path: string): void {
  const remover = `${lock}.remove`;
  // A process that dies between these lines leaves this one for a person, which the failure says after its time.
  if (!tryMake(remover, path)) {
    sleep(2);
    return;
  }
  try {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(remover, { force: true });
  }
}

/** A lock that is empty was just made; one that is gone is not abandoned. */
function isAbandoned(lock: string): boolean {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
  } catch {
    return false;
  }
  const [pid = '', host = ''] = text.split(' ');
  if (!/^[1-9][0-9]*$/.test(pid) || host !== hostname() || Number(pid) === process.pid) return false;
  try {
    // kill(2) with signal 0 only asks; EPERM means that another user's process has the number.
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
