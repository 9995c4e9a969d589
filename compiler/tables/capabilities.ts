import type { KernelVersion } from '../target.ts';

/**
 * Linux capabilities in the order of their bits (linux/capability.h), in lower case without `CAP_`, each with what it
 * lets a process do.
 */
const table: readonly (readonly [name: string, doc: string])[] = [
  ['chown', 'give files to any owner and group'],
  ['dac_override', 'ignore file permissions for reading, writing and executing'],
  ['dac_read_search', 'ignore permissions for reading files and searching directories'],
  ['fowner', 'act as the owner of any file'],
  ['fsetid', 'keep the set-user-id and set-group-id bits of a changed file'],
  ['kill', 'send signals to processes of other users'],
  ['setgid', 'become any group and set supplementary groups'],
  ['setuid', 'become any user'],
  ['setpcap', 'drop bounding capabilities, add inheritable ones and change secure bits'],
  ['linux_immutable', 'set and clear the immutable and append-only flags of files'],
  ['net_bind_service', 'bind ports below 1024'],
  ['net_broadcast', 'send broadcasts and listen to multicasts; the kernel does not check it'],
  ['net_admin', 'configure interfaces, routes, firewalls and sockets'],
  ['net_raw', 'open raw and packet sockets and bind any address transparently'],
  ['ipc_lock', 'lock memory and allocate huge pages'],
  ['ipc_owner', 'ignore permissions of System V IPC objects'],
  ['sys_module', 'load and unload kernel modules'],
  ['sys_rawio', 'reach I/O ports, raw memory and device commands'],
  ['sys_chroot', 'change the root directory and join mount namespaces'],
  ['sys_ptrace', 'trace and read the memory of any process'],
  ['sys_pacct', 'switch process accounting on and off'],
  ['sys_admin', 'mount, set names, join namespaces and many more acts of administration'],
  ['sys_boot', 'reboot and load another kernel'],
  ['sys_nice', 'raise priorities and choose processors for any process'],
  ['sys_resource', 'exceed quotas, reserved space and resource limits'],
  ['sys_time', 'set the system clock and the hardware clock'],
  ['sys_tty_config', 'hang up and configure terminals'],
  ['mknod', 'create device files'],
  ['lease', 'take leases on any file'],
  ['audit_write', 'write records to the audit log'],
  ['audit_control', 'configure auditing'],
  ['setfcap', 'set the capabilities of files'],
  ['mac_override', 'override mandatory access control'],
  ['mac_admin', 'configure mandatory access control'],
  ['syslog', 'read and configure the kernel log'],
  ['wake_alarm', 'set timers that wake the system'],
  ['block_suspend', 'keep the system from suspending'],
  ['audit_read', 'read the audit log'],
  ['perfmon', 'observe performance of the system'],
  ['bpf', 'load BPF programs and create maps of privileged kinds'],
  ['checkpoint_restore', 'choose process ids and read what checkpoint and restore needs'],
];

/** Capabilities that are newer than Linux 5.0, by capabilities(7). */
const since: ReadonlyMap<string, KernelVersion> = new Map([
  ['perfmon', { major: 5, minor: 8 }],
  ['bpf', { major: 5, minor: 8 }],
  ['checkpoint_restore', { major: 5, minor: 9 }],
]);

/** Names in lower case without `CAP_`, in the order of their bits. */
export function capabilityNames(): readonly string[] {
  return table.map(([name]) => name);
}

/** The bit of a capability (`chown` is 0), undefined for a name Linux does not have. */
export function capabilityBit(name: string): number | undefined {
  const bit = table.findIndex(([known]) => known === name);
  return bit < 0 ? undefined : bit;
}

/** What a capability lets a process do, in one line. */
export function capabilityDoc(name: string): string | undefined {
  return table.find(([known]) => known === name)?.[1];
}

/** The kernel that introduced a capability, undefined for those of every supported kernel (before 5.0). */
export function capabilitySince(name: string): KernelVersion | undefined {
  return since.get(name);
}
