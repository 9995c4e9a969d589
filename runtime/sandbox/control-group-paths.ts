/** A mounted control group hierarchy: one line of proc_pid_mountinfo(5). */
export interface HierarchyMount {
  readonly version: 1 | 2;
  /** The group that is seen at the mount point: not `/` where a container sees a part of the hierarchy. */
  readonly root: string;
  readonly point: string;
  /** Of version 1: the controllers, among other options. */
  readonly options: readonly string[];
}

/** The control group hierarchies of the text of /proc/self/mountinfo. */
export function hierarchyMounts(mountinfo: string): readonly HierarchyMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [type, , options = ''] = right.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const [, , , root = '/', point = ''] = left.split(' ').map(unescaped);
    return [{ version: type === 'cgroup' ? 1 : 2, root, point, options: options.split(',') }];
  });
}

/** mountinfo writes a space, a tab, a line feed and a backslash as three octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** This process's group in a hierarchy, of the text of /proc/self/cgroup (cgroups(7)); the empty controller is version 2. */
function membership(cgroup: string, controller: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    const [, names = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (/^\d+:/.test(line) && names.split(',').includes(controller)) return path;
  }
  return undefined;
}

/** A group as a folder, and the mount that shows it. */
export interface GroupFolder {
  readonly folder: string;
  /** True where the group is what the mount point shows: nothing above it can be reached. */
  readonly top: boolean;
}

/**
 * The folder of this process's group.
 *
 * @param controller one of version 1, or the empty string for version 2
 * @returns a text where there is none: what is missing
 */
export function ownFolder(mountinfo: string, cgroup: string, controller: string): GroupFolder | string {
  const what = controller === '' ? 'version 2' : `the controller ${controller}`;
  const mounts = hierarchyMounts(mountinfo).filter(({ version, options }) =>
    controller === '' ? version === 2 : version === 1 && options.includes(controller),
  );
  if (mounts.length === 0) return `no control groups of ${what} are mounted`;
  const path = membership(cgroup, controller);
  if (path === undefined) return `this process is in no control group of ${what}`;
  for (const { root, point } of mounts) {
    const base = root === '/' ? '' : root;
    // `/..` leads out of the control group namespace (cgroup_namespaces(7)).
    if (path.startsWith('/..') || base.startsWith('/..')) continue;
    if (path === root) return { folder: point, top: true };
    if (path.startsWith(`${base}/`)) return { folder: `${point}${path.slice(base.length)}`, top: false };
  }
  return `the control group ${path} of ${what} is not visible here`;
}
