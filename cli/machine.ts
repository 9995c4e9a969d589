import { landlockAbiOfKernel } from '../compiler/tables/landlock.ts';
import type { KernelVersion } from '../compiler/target.ts';
import { type Lack, lacks } from '../runtime/hook-programs/support.ts';
import type { NoAudit } from '../runtime/kernel/audit-log.ts';
import {
  type Finding,
  found,
  type MachineFiles,
  readLockdown,
  readSecurityModules,
  words,
} from '../runtime/kernel/machine-facts.ts';

export interface Machine {
  readonly platform: string;
  readonly release: string;
  readonly architecture: string;
  /** Undefined where the release does not begin with two numbers, or this is not Linux. */
  readonly kernel: KernelVersion | undefined;
  /** Active Linux security modules, in order; undefined value where nothing tells. */
  readonly securityModules: Finding<readonly string[] | undefined>;
  /** ABI, 0 where there is none. */
  readonly landlock: Finding<number>;
  /** The actions that a seccomp filter may return; empty where there is no seccomp. */
  readonly seccomp: Finding<readonly string[]>;
  readonly cgroup: Finding<'v1' | 'v2' | 'none'>;
  readonly controllers: Finding<readonly string[]>;
  /** Whether an ordinary user may make a user namespace. */
  readonly userNamespaces: Finding<boolean>;
  readonly bpfLsm: Finding<boolean>;
  /** The kernel describes its own types (BTF), which portable BPF programs need. */
  readonly bpfTypes: Finding<boolean>;
  /** none, integrity or confidentiality; undefined where nothing tells. */
  readonly lockdown: Finding<string | undefined>;
  /** Whether this process can hear what Landlock refuses a program, by audit records. */
  readonly audit: Finding<boolean>;
  /** What keeps this process from loading programs at hooks, and programs for sockets, as far as files tell. */
  readonly hookPrograms: readonly Lack[];
  readonly socketPrograms: readonly Lack[];
}

/** @param lack why audit records are not to be had; undefined where they are */
export function readMachine(files: MachineFiles, lack: NoAudit | undefined): Machine {
  const { platform, release, architecture } = files;
  const kernel = platform === 'linux' ? kernelVersion(release) : undefined;
  const securityModules = readSecurityModules(files);
  const landlock = landlockAbi(kernel, securityModules);
  const types = files.read('/sys/kernel/btf/vmlinux') !== undefined;
  return {
    platform,
    release,
    architecture,
    kernel,
    securityModules,
    landlock,
    seccomp: seccompActions(files),
    ...readCgroups(files),
    userNamespaces: userNamespaces(files),
    bpfLsm: {
      value: securityModules.value?.includes('bpf') ?? false,
      from: securityModules.from,
      inferred: securityModules.inferred,
    },
    bpfTypes: found(types, '/sys/kernel/btf/vmlinux'),
    lockdown: readLockdown(files, securityModules),
    audit: audited(landlock.value, lack),
    hookPrograms: lacks(files, { hooks: true, sockets: false }),
    socketPrograms: lacks(files, { hooks: false, sockets: true }),
  };
}

function kernelVersion(release: string): KernelVersion | undefined {
  const match = /^(\d+)\.(\d+)/.exec(release);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Node has no system call to ask with, so the ABI follows from the kernel's version where the module is active. */
function landlockAbi(kernel: KernelVersion | undefined, modules: Machine['securityModules']): Finding<number> {
  if (kernel === undefined) return found(0, 'this is not Linux');
  if (modules.value !== undefined && !modules.value.includes('landlock')) {
    return { value: 0, from: `not among the security modules (${modules.from})`, inferred: modules.inferred };
  }
  const { major, minor } = kernel;
  const active = modules.value === undefined ? ', if it is switched on' : '';
  return { value: landlockAbiOfKernel(major, minor), from: `Linux ${major}.${minor}${active}`, inferred: true };
}

function audited(landlock: number, lack: NoAudit | undefined): Machine['audit'] {
  if (landlock < 7) return found(false, 'Landlock makes audit records from Linux 6.15');
  return found(lack === undefined, lack?.problem ?? 'AUDIT_GET');
}

function seccompActions(files: MachineFiles): Machine['seccomp'] {
  const path = '/proc/sys/kernel/seccomp/actions_avail';
  const actions = files.read(path);
  if (actions !== undefined) return found(words(actions, ' '), path);
  return found([], `${path} is not there`);
}

function readCgroups(files: MachineFiles): Pick<Machine, 'cgroup' | 'controllers'> {
  const unified = '/sys/fs/cgroup/cgroup.controllers';
  const controllers = files.read(unified);
  if (controllers !== undefined) {
    return { cgroup: found('v2', unified), controllers: found(words(controllers, ' '), unified) };
  }
  // Each line of a v1 hierarchy is `number:controllers:path`; a named one (`name=systemd`) controls nothing.
  const path = '/proc/self/cgroup';
  const names = (files.read(path) ?? '')
    .split('\n')
    .flatMap((line) => words(line.split(':')[1] ?? '', ','))
    .filter((name) => !name.startsWith('name='));
  return { cgroup: found(names.length > 0 ? 'v1' : 'none', path), controllers: found(names, path) };
}

/** The switches of the kernel, of Debian and of Ubuntu (AppArmor), each of which can refuse. */
function userNamespaces(files: MachineFiles): Machine['userNamespaces'] {
  const limits = '/proc/sys/user/max_user_namespaces';
  const limit = files.read(limits);
  if (limit === undefined) return found(false, `${limits} is not there`);
  if (Number(limit) === 0) return found(false, `${limits} is 0`);
  const debian = '/proc/sys/kernel/unprivileged_userns_clone';
  if (files.read(debian)?.trim() === '0') return found(false, `${debian} is 0`);
  const ubuntu = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  if (files.read(ubuntu)?.trim() === '1') return found(false, `${ubuntu} is 1`);
  return found(true, limits);
}
