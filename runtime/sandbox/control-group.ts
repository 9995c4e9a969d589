import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type ControlFile, filesV1, filesV2 } from '../../compiler/backends/cgroup/files.ts';
import type { JoinedCgroup } from '../../compiler/backends/launcher/lower.ts';
import type { Limit, Policy } from '../../compiler/ir/policy.ts';
import { openProcess, signalProcess } from '../kernel/process-handle.ts';
import { KernelRefusal, type SystemCalls } from '../kernel/system-calls.ts';
import { ownFolder } from './control-group-paths.ts';
import { ownName, sweepDeadGroups } from './left-behind.ts';

/** A control group that does not exist yet. */
export interface PlannedGroup {
  readonly limits: readonly Limit[];
  readonly joined: JoinedCgroup;
  /** The folder of version 2, where there is one. */
  readonly unified?: string;
  /** What to write where, folder by folder. */
  readonly folders: readonly { readonly path: string; readonly files: readonly ControlFile[] }[];
  /** Of version 2: the group above, and the controllers that it has to hand on. */
  readonly delegation?: { readonly folder: string; readonly controllers: readonly string[] };
}

/** A control group made for one run. */
export interface ControlGroup {
  /** What the kernel cannot count, one line each. */
  readonly notes: readonly string[];
  /** Removes the group; call it when every process in it has ended, again if need be. Gives the folders that would not go. */
  remove(): readonly string[];
}

/** The controller that counts each resource, by its name in /proc/self/cgroup. */
const controllers: Readonly<Record<string, string>> = { memory: 'memory', cpu: 'cpu', pids: 'pids' };

/** The limits of a policy that only a control group can hold. */
export function groupLimits(policy: Policy): readonly Limit[] {
  return policy.limits.filter(isGroupLimit);
}

export function isGroupLimit({ resource }: Limit): boolean {
  return Object.hasOwn(controllers, resource);
}

const delegate = 'start polc in a group of its own: `systemd-run --user --scope -p Delegate=yes polc run …`';

/**
 * Where the group of a policy goes: for its limits, and for programs of the kernel, which are attached to groups of version 2
 * alone. Of version 1 below the group of this process; of version 2 beside it, since
 * a group that hands controllers on holds no processes itself (cgroups(7), no internal processes), and this one holds polc.
 *
 * @param programs true where programs of the kernel are to be attached to it
 * @throws with the reason where there is no place for one
 */
export function planControlGroup(
  name: string,
  limits: readonly Limit[],
  version: 'v1' | 'v2',
  programs: boolean,
): PlannedGroup {
  const unique = ownName(name);
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  const cgroup = readFileSync('/proc/self/cgroup', 'utf8');
  const wanted = [...new Set(limits.map(({ resource }) => controllers[resource]!))];
  const own = (controller: string) => {
    const found = ownFolder(mountinfo, cgroup, controller);
    if (typeof found === 'string') throw new Error(found);
    return found;
  };
  if (version === 'v1') {
    const folders = wanted.map((controller) => ({
      path: join(own(controller).folder, unique),
      files: limits.filter(({ resource }) => controllers[resource] === controller).flatMap(filesV1),
    }));
    const directories = folders.map(({ path }) => path);
    if (!programs) return { limits, folders, joined: { version: 1, directories } };
    const born = join(own('').folder, unique);
    return {
      limits,
      folders: [...folders, { path: born, files: [] }],
      joined: { version: 1, directories, born },
      unified: born,
    };
  }
  const { folder, top } = own('');
  // The root of the hierarchy, which alone has no cgroup.type, may hold processes and hand controllers on.
  const isRoot = top && !existsSync(join(folder, 'cgroup.type'));
  if (top && !isRoot && wanted.length > 0)
    throw new Error(`the group above ${folder} is not visible here; ${delegate}`);
  // Where nothing is handed on, a group may stand below one that holds processes.
  const base = isRoot || wanted.length === 0 ? folder : dirname(folder);
  const path = join(base, unique);
  const joined = { version: 2, directory: path } as const;
  return {
    limits,
    folders: [{ path, files: limits.flatMap(filesV2) }],
    joined,
    unified: path,
    ...(wanted.length === 0 ? {} : { delegation: { folder: base, controllers: wanted } }),
  };
}

/**
 * Makes a planned group, with the limits in force, and removes what it made when a step fails. Beside it, groups go that a
 * killed polc has left.
 *
 * @throws the operating system's error of the step that failed, with the path in it
 */
export function makeControlGroup({ folders, delegation }: PlannedGroup): ControlGroup {
  const made: string[] = [];
  const notes: string[] = [];
  const remove = () => made.filter((folder) => !removeFolder(folder));
  for (const above of new Set(folders.map(({ path }) => dirname(path)))) sweepDeadGroups(above, Date.now());
  if (delegation !== undefined) handOn(delegation.folder, delegation.controllers);
  try {
    for (const { path, files } of folders) {
      mkdirSync(path);
      made.push(path);
      for (const file of files) {
        if (!write(path, file)) notes.push(`the limit of memory does not count swap: this kernel has no ${file.name}`);
      }
    }
    return { notes, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Kills every process in a group, those that have left their parent behind included (SIGKILL).
 *
 * @returns why some may live on; undefined where none does
 */
export function killGroup({ folders }: PlannedGroup, calls: SystemCalls): string | undefined {
  const problems = folders.flatMap(({ path }): readonly string[] => {
    try {
      writeFileSync(join(path, 'cgroup.kill'), '1', { flag: 'r+' });
      return [];
    } catch {
      // Of version 1, and before Linux 5.14, a group has no such file.
      return killOneByOne(path, calls);
    }
  });
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** Who has been killed forks no more, so that this ends when nobody new is there. */
function killOneByOne(folder: string, calls: SystemCalls): readonly string[] {
  const seen = new Set<number>();
  const problems: string[] = [];
  for (let before = -1; before < seen.size; ) {
    before = seen.size;
    const found = processesOf(folder);
    if (found === undefined) return existsSync(folder) ? [`the processes of ${folder} cannot be read`] : [];
    const fresh = found.filter((pid) => pid > 0 && !seen.has(pid));
    for (const pid of fresh) {
      seen.add(pid);
      const problem = killMember(pid, folder, calls);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

/** A number may be another process's by now: only one that is in the group when it is held fast is meant. */
function killMember(pid: number, folder: string, calls: SystemCalls): string | undefined {
  let handle: number | undefined;
  try {
    handle = openProcess(calls, pid);
    if (processesOf(folder)?.includes(pid) === true) signalProcess(calls, handle, 9);
    return undefined;
  } catch (error) {
    if (!(error instanceof KernelRefusal)) throw error;
    // It has ended meanwhile.
    return error.code === 'ESRCH' ? undefined : `process ${pid} cannot be killed: ${error.message}`;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** 0 stands for a process that is not seen from here. Undefined where nobody can be read. */
function processesOf(folder: string): readonly number[] | undefined {
  try {
    const text = readFileSync(join(folder, 'cgroup.procs'), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  } catch {
    return undefined;
  }
}

/** Lets the groups below `folder` have these controllers. */
function handOn(folder: string, wanted: readonly string[]): void {
  const words = (name: string) => readFileSync(join(folder, name), 'utf8').trim().split(/\s+/);
  try {
    // The launcher's child is born into the group, for which the group above must be writable as well (clone(2)).
    for (const name of ['', 'cgroup.procs']) accessSync(join(folder, name), constants.W_OK);
    const available = words('cgroup.controllers');
    const absent = wanted.filter((controller) => !available.includes(controller));
    if (absent.length > 0) throw new Error(`${folder} has no controller ${absent.join(', ')}`);
    const given = words('cgroup.subtree_control');
    const missing = wanted.filter((controller) => !given.includes(controller));
    if (missing.length === 0) return;
    writeFileSync(join(folder, 'cgroup.subtree_control'), missing.map((name) => `+${name}`).join(' '), { flag: 'r+' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}; ${delegate}`);
  }
}

/** Swap accounting is a kernel option: without it there is no such file. */
const optionalFiles = new Set(['memory.swap.max', 'memory.memsw.limit_in_bytes']);

/** False where the file is not there and need not be. */
function write(directory: string, { name, text }: ControlFile): boolean {
  try {
    writeFileSync(join(directory, name), text, { flag: 'r+' });
    return true;
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!(absent && optionalFiles.has(name))) throw error;
    return false;
  }
}

function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}
