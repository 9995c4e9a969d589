import { closeSync, existsSync, linkSync, openSync, readFileSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AuditFailure } from './log.ts';

/** Milliseconds for which one process may hold a lock that others wait for. A record takes well under one to write. */
const holdLimit = 30_000;

/** Milliseconds between two looks at a lock: a hundred that wait must not take the processor from the one that works. */
const longestPause = 50;

/**
 * Runs `work` while no other process of this machine runs it for the same path. Node has no flock(2); a file that only one
 * process can make (link(2), or O_EXCL of open(2)) stands for it.
 *
 * A lock whose process is gone is taken away, by one process at a time, which looks again once it is alone: the lock that
 * it removes is then of a process that cannot come back, and nobody else may remove it. One of another host is left.
 *
 * @throws AuditFailure where there is no place for it, and where one process holds it for half a minute
 */
export function withLock<T>(path: string, work: () => T): T {
  const lock = lockOf(path);
  let holder: string | undefined;
  let since = Date.now();
  for (let pause = 4; !tryMake(lock, path); pause = Math.min(pause * 1.5, longestPause)) {
    const now = ownerOf(lock);
    // However long the queue is, it moves on while the holders change.
    if (now !== holder) {
      holder = now;
      since = Date.now();
    } else if (Date.now() - since > holdLimit) {
      throw new AuditFailure(path, `another process holds \`${lock}\`; remove it if there is none`);
    }
    if (isAbandoned(lock)) removeAbandoned(lock, path);
    else sleep(1 + Math.random() * pause);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * The same for work that takes long: gives what releases the lock, or undefined where another process, or this one, holds
 * it.
 *
 * @throws AuditFailure where there is no place for it
 */
export function tryLock(path: string): (() => void) | undefined {
  const lock = lockOf(path);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryMake(lock, path)) return () => rmSync(lock, { force: true });
    if (!isAbandoned(lock)) return undefined;
    removeAbandoned(lock, path);
  }
  return undefined;
}

/** Whether a process holds the lock now. */
export function isLocked(path: string): boolean {
  const lock = lockOf(path);
  return existsSync(lock) && !isAbandoned(lock);
}

/** A file has one lock by whatever name it is called: people share a ledger by links to it. */
function lockOf(path: string): string {
  return `${realpath(path) ?? join(realpath(dirname(path)) ?? dirname(path), basename(path))}.lock`;
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Who holds a lock; with the time at which the process began, since numbers of processes are used again. */
const owner = () => `${process.pid} ${hostname()} ${beginOf('self') ?? ''}`;

/** A lock is there with its owner in it or not at all: whoever dies in between must not leave one that nobody owns. */
function tryMake(file: string, path: string): boolean {
  if (existsSync(file)) return false;
  const made = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    writeOwner(made);
    linkSync(made, file);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (code !== undefined && withoutLinks.has(code)) return tryOpen(file, path);
    throw cannotLock(path, error);
  } finally {
    removeQuietly(made);
  }
}

/** In a folder that one may not look into, Node's removal fails even of a file that was never made. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Why the lock was not made says more.
  }
}

/** What file systems without hard links answer to link(2). */
const withoutLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function tryOpen(file: string, path: string): boolean {
  try {
    writeOwner(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw cannotLock(path, error);
  }
}

function writeOwner(file: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, owner());
  } finally {
    closeSync(descriptor);
  }
}

function cannotLock(path: string, error: unknown): AuditFailure {
  return new AuditFailure(path, `it cannot be locked: ${codeOf(error) ?? String(error)}`);
}

/** Whoever removes a lock holds one for that, which is removed in the same way when its owner dies. */
function removeAbandoned(lock: string, path: string): void {
  const remover = `${lock}.remove`;
  if (!tryMake(remover, path)) {
    if (isAbandoned(remover)) removeAbandoned(remover, path);
    else sleep(2);
    return;
  }
  try {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(remover, { force: true });
  }
}

/** What `owner` was for the process that holds the lock; undefined once it is gone. */
function ownerOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return undefined;
  }
}

/** One that is gone is not abandoned, and of one of another machine nobody here knows. */
function isAbandoned(lock: string): boolean {
  const [pid = '', host = '', begin = ''] = ownerOf(lock)?.split(' ') ?? [];
  if (!/^[1-9][0-9]*$/.test(pid) || host !== hostname()) return false;
  const running = beginOf(pid);
  if (running !== undefined) return running === ended || (begin !== '' && begin !== running);
  try {
    // kill(2) with signal 0 only asks; EPERM means that another user's process has the number.
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** Of a process that has ended, and of which nobody has asked how. */
const ended = 'ended';

/**
 * When a process began, in clock ticks since the machine did: field 22 of proc_pid_stat(5). Undefined where there is no
 * such process, and where Linux is not.
 */
function beginOf(pid: string): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in parentheses, and may have any characters.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ended : fields[19];
  } catch {
    return undefined;
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
