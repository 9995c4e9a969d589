import { groups } from './syscall-groups.generated.ts';
import { syscallNames } from './syscalls.ts';

/** One line about each group, in our words; its keys are the groups in the order in which they are offered. */
const docs: ReadonlyMap<string, string> = new Map([
  ['@system-service', 'what an ordinary service needs: the broad starting point of an allow list'],
  ['@default', 'harmless calls that nearly every program makes: memory, time, identity, exit'],
  ['@basic-io', 'read, write, seek and close open descriptors'],
  ['@file-system', 'open, create, rename, remove and inspect files and directories'],
  ['@io-event', 'wait for events: poll, select, epoll, eventfd'],
  ['@aio', 'asynchronous input and output, io_uring among it'],
  ['@network-io', 'sockets: create, connect, listen, send, receive'],
  ['@ipc', 'pipes, shared memory, semaphores, message queues, memfd'],
  ['@process', 'create, control and wait for processes; namespaces'],
  ['@signal', 'handle, block and wait for signals'],
  ['@timer', 'alarms, interval timers and timer descriptors'],
  ['@sync', 'write cached data out to storage'],
  ['@memlock', 'lock memory into RAM'],
  ['@chown', 'change who owns files'],
  ['@setuid', 'change user, group and supplementary groups'],
  ['@resources', 'change limits, priorities, scheduling and memory placement'],
  ['@keyring', "use the kernel's key rings"],
  ['@pkey', 'protect memory pages with protection keys'],
  ['@sandbox', 'confine oneself: seccomp and Landlock'],
  ['@mount', 'mount, unmount and change the root'],
  ['@privileged', 'calls that need a capability'],
  ['@clock', 'set the system clock'],
  ['@module', 'load and unload kernel modules'],
  ['@raw-io', 'reach I/O ports and PCI configuration directly'],
  ['@reboot', 'reboot or load another kernel'],
  ['@swap', 'switch swap space on and off'],
  ['@debug', 'trace other processes and measure performance'],
  ['@cpu-emulation', 'run code of other modes of the processor'],
  ['@obsolete', 'calls that are rarely used, replaced or gone'],
  ['@known', 'every call that Linux has on any architecture'],
]);

/**
 * Calls that came after systemd 252, placed beside their nearest relatives, and `@sandbox`, which systemd has since
 * version 256. A call without an obvious relative (memfd_secret, listns, lsm_*) is in no group but `@known`.
 */
const additions: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '@default',
    ['futex_requeue', 'futex_wait', 'futex_wake', 'get_tls', 'map_shadow_stack', 'mseal', 'rseq_slice_yield', 'uprobe'],
  ],
  [
    '@file-system',
    [
      'cachestat',
      'file_getattr',
      'file_setattr',
      'getxattrat',
      'listmount',
      'listxattrat',
      'removexattrat',
      'setxattrat',
      'statmount',
    ],
  ],
  ['@mount', ['open_tree_attr']],
  ['@sandbox', ['landlock_add_rule', 'landlock_create_ruleset', 'landlock_restrict_self', 'seccomp']],
  ['@sync', ['arm_sync_file_range']],
]);

let direct: ReadonlyMap<string, readonly string[]> | undefined;
const expanded = new Map<string, readonly string[]>();

function decode(): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  let current: string[] = [];
  for (const word of groups.trim().split(/\s/)) {
    if (word.endsWith(':')) {
      current = [];
      members.set(word.slice(0, -1), current);
    } else {
      current.push(word);
    }
  }
  for (const [name, more] of additions) members.set(name, [...(members.get(name) ?? []), ...more]);
  return members;
}

/** Group names with their `@`, the most useful first. `@basic-start` is not among them: it depends on the target. */
export function groupNames(): readonly string[] {
  return [...docs.keys()];
}

/** The calls of a group, nested groups resolved, sorted; undefined for a name that is no group. */
export function groupMembers(name: string): readonly string[] | undefined {
  if (name === '@known') return syscallNames();
  direct ??= decode();
  const known = expanded.get(name);
  if (known !== undefined) return known;
  const own = direct.get(name);
  if (own === undefined) return undefined;
  const calls = new Set<string>();
  for (const member of own) {
    if (!member.startsWith('@')) calls.add(member);
    else for (const nested of groupMembers(member) ?? []) calls.add(nested);
  }
  const sorted = [...calls].sort();
  expanded.set(name, sorted);
  return sorted;
}

/** What a group is for, in one line; undefined for a name that is no group. */
export function groupDoc(name: string): string | undefined {
  return docs.get(name);
}
