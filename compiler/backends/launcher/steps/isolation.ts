import { type DataCollector, fields, joined } from '../data.ts';
import {
  add,
  address,
  branch,
  call,
  checked,
  combine,
  jump,
  label,
  load,
  type Operation,
  place,
  register,
  set,
  store,
  systemCall,
} from '../operation.ts';
import type { NamespaceKind, PrivateLayer } from '../plan.ts';
import { append } from '../routines.ts';
import { bufferSize, variables } from '../variables.ts';

/** close_range(3, ~0, 0), but for those that are handed over: Linux 5.9; on an older kernel ENOSYS, which is a failure like any other. */
export function closeDescriptors(handed: number): readonly Operation[] {
  return checked('close_range', 3 + handed, 0xffff_ffff, 0);
}

/** Version 1: `0` in `tasks` moves the writer, in microseconds; `cgroup.procs` would wait for an RCU grace period. */
export function joinCgroup(directories: readonly string[], data: DataCollector): readonly Operation[] {
  const table = data.constant(
    new Uint8Array((directories.length + 1) * 4),
    4,
    directories.map((directory, index) => ({ at: index * 4, symbol: data.text(`${directory}/tasks`) })),
  );
  const zero = data.text('0');
  return [
    set('r1', address(table)),
    label('cgroup'),
    load('what', 'r1', 0, 4),
    branch('what', 'equal', 0, 'cgroups-done'),
    store('r1', 'variables', variables.scratch),
    set('r1', address(zero)),
    set('r2', 1),
    call('write-file'),
    load('r1', 'variables', variables.scratch),
    add('r1', 4),
    jump('cgroup'),
    label('cgroups-done'),
  ];
}

/** sched_setaffinity(0, size, mask): the mask is of whole longs. */
export function cpuAffinity(cpus: readonly number[], data: DataCollector): readonly Operation[] {
  const mask = new Uint8Array((Math.floor(Math.max(...cpus) / 64) + 1) * 8);
  for (const cpu of cpus) mask[cpu >> 3]! |= 1 << (cpu & 7);
  return checked('sched_setaffinity', 0, mask.length, address(data.constant(mask, 8)));
}

const namespaceFlags: Readonly<Record<NamespaceKind, number>> = {
  mount: 0x2_0000, // CLONE_NEWNS
  uts: 0x400_0000,
  ipc: 0x800_0000,
  pid: 0x2000_0000,
  network: 0x4000_0000,
};

const newUser = 0x1000_0000;

/**
 * unshare(2). A caller without CAP_SYS_ADMIN gets EPERM, and then a user namespace of its own first, in which it keeps
 * its user and group id: user_namespaces(7) asks for `deny` in setgroups before an unprivileged gid_map.
 */
export function namespaces(kinds: readonly NamespaceKind[], data: DataCollector): readonly Operation[] {
  const flags = kinds.reduce((sum, kind) => sum | namespaceFlags[kind], 0);
  return [
    // After unshare both would be the overflow id.
    systemCall('geteuid'),
    store('result', 'variables', variables.userId),
    systemCall('getegid'),
    store('result', 'variables', variables.groupId),
    systemCall('unshare', flags),
    branch('result', 'equal', 0, 'namespaces-done'),
    branch('result', 'not-equal', -1, 'fail'),
    ...checked('unshare', flags | newUser),
    set('what', address(data.text('/proc/self/setgroups'))),
    set('r1', address(data.text('deny'))),
    set('r2', 4),
    call('write-file'),
    ...writeMap(variables.userId, '/proc/self/uid_map', data),
    ...writeMap(variables.groupId, '/proc/self/gid_map', data),
    set('what', 0),
    label('namespaces-done'),
  ];
}

/** `ID ID 1`: the one id that an unprivileged caller may map, to itself. */
function writeMap(id: number, file: string, data: DataCollector): readonly Operation[] {
  const number: readonly Operation[] = [load('r0', 'variables', id), call('append-number')];
  return [
    set('r1', place(variables.buffer)),
    ...number,
    ...append(address(data.text(' '))),
    ...number,
    ...append(address(data.text(' 1'))),
    set('r2', register('r1')),
    set('r1', place(variables.buffer)),
    combine('r2', 'subtract', 'r1'),
    set('what', address(data.text(file))),
    call('write-file'),
  ];
}

/** netdevice(7): SIOCSIFFLAGS with IFF_UP and IFF_RUNNING on `lo`, which a new network namespace has, but down. */
export function loopbackUp(data: DataCollector): readonly Operation[] {
  // struct ifreq: 16 bytes of name, then a union of 24, here 2 bytes of flags.
  const request = joined([Uint8Array.of(0x6c, 0x6f), new Uint8Array(14), fields([2, 0x41]), new Uint8Array(22)]);
  return [
    ...checked('socket', 2, 0x8_0002, 0), // AF_INET, SOCK_DGRAM | SOCK_CLOEXEC
    set('r0', register('result')),
    ...checked('ioctl', register('r0'), 0x8914, address(data.constant(request, 8))),
    systemCall('close', register('r0')),
  ];
}

/**
 * An empty tmpfs over each path, in mounts that no other namespace sees (MS_REC | MS_PRIVATE on the root). The working
 * directory is entered again, since it would otherwise still be the folder below.
 */
export function privateLayers(layers: readonly PrivateLayer[], data: DataCollector): readonly Operation[] {
  const tmpfs = address(data.text('tmpfs'));
  const none = address(data.text('none'));
  const directory = place(variables.buffer);
  return [
    ...checked('getcwd', directory, bufferSize),
    ...checked('mount', none, address(data.text('/')), 0, 0x4_4000, 0),
    ...layers.flatMap((layer) => {
      const path = address(data.text(layer.path));
      return [
        set('what', path),
        // MS_NOSUID | MS_NODEV
        ...checked('mount', tmpfs, path, tmpfs, 6, address(data.text(`size=${layer.bytes},mode=1777`))),
      ];
    }),
    set('what', directory),
    ...checked('chdir', directory),
    set('what', 0),
  ];
}
