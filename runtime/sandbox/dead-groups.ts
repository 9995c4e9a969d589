import { readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A group that polc has made for a run or for programs: `polc-NAME-PID-RANDOM`. */
const made = /^polc-.+-(\d+)-[0-9a-f]{6}$/;

/** A run of another PID namespace may be about to be born into a group that is young. */
const youngest = 60_000;

/**
 * Removes the control groups in a folder that a polc has left which was killed: those that it named, whose polc is gone and
 * which hold nothing. The kernel removes no group that holds a process or another group.
 *
 * @param now milliseconds since 1970
 */
export function sweepDeadGroups(folder: string, now: number): void {
  for (const name of entries(folder)) {
    const pid = made.exec(name)?.[1];
    const path = join(folder, name);
    if (pid === undefined || isThere(Number(pid)) || now - bornAt(path) < youngest) continue;
    try {
      rmdirSync(path);
    } catch {
      // It holds something, or somebody else was quicker.
    }
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isThere(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined;
}

/** A group's folder keeps the time at which it was made, unless groups come and go in it. */
function bornAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
}
