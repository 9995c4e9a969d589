import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { JournalFailure } from './journal.ts';

/**
 * Holds a journal for one run: a file that only one process can make (O_EXCL of open(2)). That of a process that is gone
 * is taken over.
 *
 * @returns how to let go; undefined where another run holds it
 * @throws JournalFailure
 */
export function hold(journal: string): (() => void) | undefined {
  const lock = `${journal}.lock`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (make(lock, journal)) return () => rmSync(lock, { force: true });
    if (!isAbandoned(lock)) return undefined;
    // Of several that find it abandoned one removes it, and looks again before: it may be another's by now.
    const remover = `${lock}.remove`;
    if (!make(remover, journal)) {
      if (!isAbandoned(remover)) return undefined;
      rmSync(remover, { force: true });
      continue;
    }
    try {
      if (isAbandoned(lock)) rmSync(lock, { force: true });
    } finally {
      rmSync(remover, { force: true });
    }
  }
  return undefined;
}

function make(file: string, journal: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, `${process.pid} ${hostname()}`);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new JournalFailure(journal, codeOf(error) ?? String(error));
  }
}

/** Of this machine, and of a process that is gone; kill(2) with signal 0 only asks. */
function isAbandoned(lock: string): boolean {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
  } catch {
    return true;
  }
  const [pid = '', host = ''] = text.split(' ');
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
