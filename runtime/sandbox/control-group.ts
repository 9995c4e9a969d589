import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesV1, filesV2 } from '../../compiler/backends/cgroup/files.ts';
import type { JoinedCgroup } from '../../compiler/backends/launcher/lower.ts';
import type { Limit, Policy } from '../../compiler/ir/policy.ts';

/** A control group made for one run. */
export interface ControlGroup {
  readonly joined: JoinedCgroup;
  /** Removes the group; call it when every process in it has ended, again if need be. Gives the folders that would not go. */
  remove(): readonly string[];
}

/** The controller that counts each resource, by its name in /proc/self/cgroup. */
const controllers: Readonly<Record<string, string>> = { memory: 'memory', cpu: 'cpu', pids: 'pids' };

/** The limits of a policy that only a control group can hold. */
export function groupLimits(policy: Policy): readonly Limit[] {
  return policy.limits.filter(({ resource }) => Object.hasOwn(controllers, resource));
}

/**
 * Makes a group below the one that this process is in, with the policy's limits in force, and removes what it made when
 * a step fails.
 *
 * @throws the operating system's error of the step that failed, with the path in it
 */
export function makeControlGroup(name: string, limits: readonly Limit[], version: 'v1' | 'v2'): ControlGroup {
  const unique = `polc-${name}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const made: string[] = [];
  const remove = () => made.filter((folder) => !removeFolder(folder));
  try {
    if (version === 'v2') {
      const directory = join(mountPoint('cgroup2', undefined), ownPath(''), unique);
      mkdirSync(directory);
      made.push(directory);
      for (const limit of limits) for (const file of filesV2(limit)) write(directory, file.name, file.text);
      return { joined: { version: 2, directory }, remove };
    }
    const wanted = [...new Set(limits.map(({ resource }) => controllers[resource]!))];
    for (const controller of wanted) {
      const directory = join(mountPoint('cgroup', controller), ownPath(controller), unique);
      mkdirSync(directory);
      made.push(directory);
      for (const limit of limits) {
        if (controllers[limit.resource] !== controller) continue;
        for (const file of filesV1(limit)) write(directory, file.name, file.text);
      }
    }
    return { joined: { version: 1, directories: made }, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Swap accounting is a kernel option: without it there is no such file, and no swap of the group to be counted. */
const optionalFiles = new Set(['memory.swap.max', 'memory.memsw.limit_in_bytes']);

function write(directory: string, name: string, text: string): void {
  try {
    writeFileSync(join(directory, name), text, { flag: 'r+' });
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!(absent && optionalFiles.has(name))) throw error;
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

/** Where a hierarchy is mounted (proc(5), mountinfo): the one of version 2, or that of a version 1 controller. */
function mountPoint(type: 'cgroup' | 'cgroup2', controller: string | undefined): string {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [kind, , options = ''] = right.split(' ');
    if (kind !== type) continue;
    if (controller === undefined || options.split(',').includes(controller)) return left.split(' ')[4] ?? '';
  }
  throw new Error(
    `no ${type} hierarchy is mounted${controller === undefined ? '' : ` with the controller ${controller}`}`,
  );
}

/** This process's group in a hierarchy (cgroups(7)); the empty controller is version 2. */
function ownPath(controller: string): string {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, names = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names.split(',').includes(controller)) return path;
  }
  throw new Error(`this process is in no group of ${controller === '' ? 'version 2' : `the controller ${controller}`}`);
}
