import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchyMounts } from '../sandbox/control-group-paths.ts';
import { sweepDeadGroups, sweepUnfinishedGroup } from '../sandbox/left-behind.ts';

/** Where the control groups of version 2 are seen; undefined where none are mounted. */
export function unifiedMount(): string | undefined {
  return hierarchyMounts(readFileSync('/proc/self/mountinfo', 'utf8')).find(({ version }) => version === 2)?.point;
}

/**
 * Makes a group for programs alone, below the top of the hierarchy, so that it outlives the session that made it. Groups go
 * that a killed polc has left there.
 *
 * @param name `ownName`, or one that says of itself that it stays: `pinGroupName`
 * @param unfinished whether one of that name is nobody's: who made it was killed before anything was pinned
 * @throws the operating system's error, or one that says that no groups of version 2 are mounted
 */
export function makeProgramGroup(name: string, unfinished = false): string {
  const top = unifiedMount();
  if (top === undefined) throw new Error('no control groups of version 2 are mounted');
  sweepDeadGroups(top, Date.now());
  const folder = join(top, name);
  if (unfinished) sweepUnfinishedGroup(folder, Date.now());
  mkdirSync(folder);
  return folder;
}

/** Whether a folder is a control group of version 2. */
export function isProgramGroup(folder: string): boolean {
  try {
    // Of a group of version 1 these are a list and a flag too, but it has no list of controllers.
    return statSync(join(folder, 'cgroup.controllers')).isFile() && statSync(join(folder, 'cgroup.procs')).isFile();
  } catch {
    return false;
  }
}

/** The processes in a group and in those below it; undefined where it is gone. */
export function processesIn(folder: string): number | undefined {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((line) => line !== '').length;
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return below.reduce((sum, { name }) => sum + (processesIn(join(folder, name)) ?? 0), own);
  } catch {
    return undefined;
  }
}

/** False where it holds processes or other groups, and stays. */
export function removeProgramGroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}
