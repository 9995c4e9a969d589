// One process at a time installs: two `npm ci` in one folder take away each other's files.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How long one installation may take, in milliseconds: whoever holds the lock for longer has a pid that is another's now. */
const longest = 30 * 60_000;
const interval = 100;

/**
 * Does the work while no other process does any under this lock. The lock is a folder with the pid of its holder; one
 * whose holder is gone is taken away. `waiting` is called once where another process is at it, with its pid.
 */
export function withLock(folder, work, waiting) {
  mkdirSync(dirname(folder), { recursive: true });
  const own = `${folder}.${process.pid}`;
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  writeFileSync(pidFile(own), String(process.pid));
  try {
    for (let told = false; !take(own, folder); sleep(interval)) {
      const holder = holderOf(folder);
      if (holder === undefined) continue;
      if (isGone(holder, folder)) removeLockOf(holder, folder);
      else if (!told) {
        told = true;
        waiting(holder);
      }
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  try {
    return work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pidFile = (folder) => `${folder}/pid`;

/** A folder is renamed to the name of another only where that one is empty, and no lock ever is. */
function take(own, folder) {
  try {
    renameSync(own, folder);
    return true;
  } catch (error) {
    // EPERM is how Windows says it.
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) return false;
    throw error;
  }
}

/** The pid of whoever holds the lock; undefined where nobody does any more. */
function holderOf(folder) {
  try {
    return Number(readFileSync(pidFile(folder), 'latin1'));
  } catch {
    return undefined;
  }
}

function isGone(pid, folder) {
  const since = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  if (since !== undefined && Date.now() - since > longest) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error.code === 'ESRCH';
  }
}

/** Two processes that both found the holder gone: the slower one must not take the lock away from the faster. */
function removeLockOf(pid, folder) {
  const taken = `${folder}.${process.pid}.stale`;
  try {
    renameSync(folder, taken);
  } catch {
    return;
  }
  if (holderOf(taken) !== pid && take(taken, folder)) return;
  rmSync(taken, { recursive: true, force: true });
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
