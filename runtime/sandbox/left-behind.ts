import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A name for what lives as long as this process: `polc-NAME-NAMESPACE-PID-RANDOM`, where the number of the process is one of
 * that PID namespace. Another polc removes what is called so when the process is gone.
 */
export function ownName(name: string): string {
  return `polc-${name}-${namespace()}-${process.pid}-${randomBytes(3).toString('hex')}`;
}

const owned = /^polc-.+-(\d+)-(\d+)-[0-9a-f]{6}$/;

/** What a killed polc has just started may be about to join its group, or to execute its file. */
const youngest = 60_000;

/**
 * Removes the control groups in a folder that a polc has left which was killed: those with its name which hold nothing. The
 * kernel removes no group that holds a process or another group.
 *
 * @param now milliseconds since 1970
 */
export function sweepDeadGroups(folder: string, now: number): void {
  sweep(folder, 'polc-', now, rmdirSync);
}

/** The same of folders with files, which this user has made: those whose name is `polc-NAME` and what `ownName` adds. */
export function sweepDeadFolders(folder: string, name: string, now: number): void {
  sweep(folder, `polc-${name}-`, now, (path) => rmSync(path, { recursive: true }));
}

function sweep(folder: string, begins: string, now: number, remove: (path: string) => void): void {
  const own = namespace();
  if (own === unknown) return;
  const user = process.geteuid?.();
  for (const name of entries(folder)) {
    const [, where, pid] = (name.startsWith(begins) && owned.exec(name)) || [];
    if (where !== own || isThere(Number(pid))) continue;
    removeOld(join(folder, name), user, now, remove);
  }
}

/**
 * Removes a control group whose name says nothing of who made it, where it holds nothing and nobody can be about to put
 * something into it any more.
 */
export function sweepUnfinishedGroup(path: string, now: number): void {
  removeOld(path, process.geteuid?.(), now, rmdirSync);
}

function removeOld(path: string, user: number | undefined, now: number, remove: (path: string) => void): void {
  // A folder keeps the time at which it was made, unless something comes and goes in it.
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() !== true || status.uid !== user || now - status.mtimeMs < youngest) return;
  try {
    remove(path);
  } catch {
    // It holds something, or somebody else was quicker.
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const unknown = '0';

/** The number of this process's PID namespace; where /proc does not tell it, nothing is known to be gone. */
function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? unknown;
  } catch {
    return unknown;
  }
}

/** Signal 0 asks this process's own namespace, whichever /proc shows. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
