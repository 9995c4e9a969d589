import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { JournalFailure } from './journal.ts';

/** Milliseconds between two signs that a lock is still held, and after which one that gave none is abandoned. */
const signs = 10_000;
const silence = 120_000;

/** What this process has written into the locks that it holds. */
const held = new Set<string>();

/**
 * Holds a journal for one run: a file that only one process can make (O_EXCL of open(2)), and that is touched as long as it
 * is held. That of a process that is gone is taken over: at once where this machine can tell, else after two minutes without
 * a sign. In a container a process has the number, and often the host name, of the one before it.
 *
 * @returns how to let go; undefined where another run holds it
 * @throws JournalFailure
 */
export function hold(journal: string): (() => void) | undefined {
  const lock = `${journal}.lock`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const mark = make(lock, journal);
    if (mark !== undefined) return keep(lock, mark);
    if (!isAbandoned(lock)) return undefined;
    // Of several that find it abandoned one removes it, and looks again before: it may be another's by now.
    const remover = `${lock}.remove`;
    const removing = make(remover, journal);
    if (removing === undefined) {
      if (!isAbandoned(remover)) return undefined;
      rmSync(remover, { force: true });
      continue;
    }
    try {
      if (isAbandoned(lock)) rmSync(lock, { force: true });
    } finally {
      rmSync(remover, { force: true });
      held.delete(removing);
    }
  }
  return undefined;
}

/** What it wrote into the file; undefined where the file is there. */
function make(file: string, journal: string): string | undefined {
  const mark = `${process.pid} ${hostname()} ${randomBytes(8).toString('hex')}`;
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    held.add(mark);
    writeSync(descriptor, mark);
    closeSync(descriptor);
    return mark;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw new JournalFailure(journal, codeOf(error) ?? String(error));
  }
}

/** @returns how to let go of a lock, if it is still the own one */
function keep(lock: string, mark: string): () => void {
  const touch = () => {
    try {
      const now = new Date();
      if (isMarked(lock, mark)) utimesSync(lock, now, now);
    } catch {
      // Whoever cannot say that it holds the lock loses it.
    }
  };
  const timer = setInterval(touch, signs);
  timer.unref();
  return () => {
    clearInterval(timer);
    held.delete(mark);
    if (isMarked(lock, mark)) rmSync(lock, { force: true });
  };
}

function isMarked(lock: string, mark: string): boolean {
  try {
    return readFileSync(lock, 'utf8') === mark;
  } catch {
    return false;
  }
}

/** Silent for long, or of a process of this machine that is gone; kill(2) with signal 0 only asks. */
function isAbandoned(lock: string): boolean {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
    if (Date.now() - statSync(lock).mtimeMs > silence) return true;
  } catch {
    return true;
  }
  const [pid = '', host = ''] = text.split(' ');
  if (pid === String(process.pid) && host === hostname()) return !held.has(text);
  if (!/^[1-9][0-9]*$/.test(pid) || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
