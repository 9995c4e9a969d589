import { attribute, compare, literal, not, type Predicate } from '../expressions/predicate.ts';
import type { ContextValue, FieldRead, HookField } from './hook-field.ts';
import { hookStructures, type StructureField } from './hook-structures.ts';
import { type HookArgument, hookArguments } from './lsm-hooks.ts';

/** What every hook has: of the task that makes the call. */
const context: readonly HookField[] = [
  ofContext('uid', 'integer', 'the real user id of the process, in the first user namespace'),
  ofContext('gid', 'integer', 'the real group id of the process, in the first user namespace'),
  ofContext('pid', 'integer', 'the process id, in the first pid namespace'),
  ofContext('tid', 'integer', 'the id of the thread, in the first pid namespace'),
  ofContext('comm', 'string', 'the name of the thread, at most 15 bytes; any program may change its own'),
  ofContext('cgroup', 'integer', 'the id of the cgroup (version 2): the inode number of its folder'),
];

/**
 * The hooks at which kernels from 5.15 on tell a program the path of a file: `bpf_d_path` is allowed at those that may
 * sleep (`sleepable_lsm_hooks` in kernel/bpf/bpf_lsm.c), whether or not the program does.
 */
const tellingPaths: ReadonlySet<string> = new Set(
  (
    'bprm_check_security bprm_creds_for_exec bprm_creds_from_file file_ioctl file_lock file_open file_post_open ' +
    'file_receive inode_getattr kernel_read_file mmap_file path_notify sb_mount'
  ).split(' '),
);

/** Arguments of which there is nothing to read: not yet filled in, told by another argument, or in the memory of a program. */
const unread: ReadonlySet<string> = new Set(
  (
    'addrlen buf context_inode dir gfp newsk newsock new_dir ns old_dir other priority rcu reference shmaddr sockb ' +
    'src_sc ssk task token task_kill/cred mmap_backing_file/vma'
  ).split(' '),
);

/** Hooks that are called while packets arrive, whatever task runs then. */
const outsideTasks: ReadonlySet<string> = new Set(
  'inet_conn_request mptcp_add_subflow sctp_assoc_established sctp_assoc_request socket_sock_rcv_skb'.split(' '),
);

/** Names of arguments that say too little, or mean something else than the field of that name elsewhere. */
const renamed: Readonly<Record<string, string>> = {
  'inode_getxattr/name': 'attribute',
  'inode_removexattr/name': 'attribute',
  'inode_setxattr/name': 'attribute',
  'inode_symlink/old_name': 'target',
  'kernel_module_request/kmod_name': 'module',
  'path_symlink/old_name': 'target',
  'perf_event_open/type': 'event_type',
  'sb_mount/dev_name': 'source',
  'sb_mount/type': 'mount_type',
  'socket_create/type': 'socket_type',
  'socket_post_create/type': 'socket_type',
};

/** The constants of scalar arguments, by `hook/argument` or by the argument alone. */
const constants: Readonly<Record<string, string>> = {
  cap: 'CAP_',
  clone_flags: 'CLONE_',
  'bpf/cmd': 'BPF_',
  'bpf_token_cmd/cmd': 'BPF_',
  'file_fcntl/cmd': 'F_',
  'file_lock/cmd': 'F_',
  'file_permission/mask': 'MAY_',
  'file_post_open/mask': 'MAY_',
  family: 'AF_',
  how: 'SHUT_',
  'inode_permission/mask': 'MAY_',
  level: 'SOL_',
  'mmap_file/flags': 'MAP_',
  mode: 'S_I',
  'msg_queue_msgrcv/mode': '',
  'path_notify/mask': 'FS_ IN_ FAN_',
  'path_rename/flags': 'RENAME_',
  option: 'PR_',
  prot: 'PROT_',
  protocol: 'IPPROTO_ NETLINK_',
  'ptrace_access_check/mode': 'PTRACE_MODE_',
  reqprot: 'PROT_',
  resource: 'RLIMIT_',
  'sb_mount/flags': 'MS_',
  'sb_umount/flags': 'MNT_ UMOUNT_',
  'socket_create/type': 'SOCK_',
  'socket_post_create/type': 'SOCK_',
  'socket_recvmsg/flags': 'MSG_',
  sig: 'SIG',
};

/** Where arguments stood before they were joined by another in front of them, by `hook/argument`. */
const moved: Readonly<Record<string, { readonly before: string; readonly index: number }>> = {
  // "security: Align inode_setattr hook definition with EVM", 6.9.
  'inode_setattr/dentry': { before: '6.9', index: 0 },
  'inode_setattr/attr': { before: '6.9', index: 1 },
  // "perf: Remove unnecessary parameter of security check", 6.15.
  'perf_event_open/type': { before: '6.15', index: 1 },
};

/** What has been derived, since it is asked for by every rule. */
const known = new Map<string, readonly HookField[]>();

/** Everything that can be read at a hook, in the order of its arguments; what all hooks have comes last. */
export function hookFields(hook: string): readonly HookField[] {
  let fields = known.get(hook);
  if (fields === undefined) {
    fields = outsideTasks.has(hook) ? ofArguments(hook) : [...ofArguments(hook), ...context];
    known.set(hook, fields);
  }
  return fields;
}

export function hookField(hook: string, name: string): HookField | undefined {
  return hookFields(hook).find((field) => field.name === name);
}

function ofArguments(hook: string): readonly HookField[] {
  const fields = new Map<string, HookField>();
  const add = (found: readonly HookField[]) => {
    for (const field of found) if (!fields.has(field.name)) fields.set(field.name, field);
  };
  const read = hookArguments(hook)
    .map((argument, index) => ({ ...argument, index }))
    .filter(({ name }) => !unread.has(name) && !unread.has(`${hook}/${name}`));
  // An address says more of its family than its socket does, and a scalar more than what a structure calls the same.
  for (const { name, index } of read.filter(({ type }) => type === '*sockaddr')) add(ofAddress(name, index));
  for (const argument of read) {
    const scalar = ofScalar(hook, argument, argument.index);
    if (scalar !== undefined) add([scalar]);
  }
  for (const argument of read) add(ofStructure(hook, argument, argument.index));
  return [...fields.values()];
}

const widths: Readonly<Record<string, 8 | 16 | 32 | 64>> = { 8: 8, 16: 16, 32: 32, 64: 64 };

function ofScalar(hook: string, { name, type }: HookArgument, index: number): HookField | undefined {
  const read = readOf(hook, name, index, []);
  const field = renamed[`${hook}/${name}`] ?? name;
  const doc = `the argument \`${name}\``;
  if (type === 'str') return { name: field, type: 'string', doc, read };
  if (type === 'bool') return { name: field, type: 'boolean', doc, read };
  const bits = /^[iu](8|16|32|64)$/.exec(type)?.[1];
  if (bits === undefined) return undefined;
  const prefixes = constants[`${hook}/${name}`] ?? constants[name] ?? '';
  return {
    name: field,
    type: 'integer',
    bits: widths[bits]!,
    ...(type.startsWith('i') ? { signed: true } : {}),
    doc,
    read,
    ...(prefixes === '' ? {} : { constants: prefixes.split(' ') }),
  };
}

function ofStructure(hook: string, { name, type }: HookArgument, index: number): readonly HookField[] {
  if (!type.startsWith('*')) return [];
  const structure = type.slice(1);
  const prefix = prefixOf(name, structure);
  // The file of a mapping is missing where it is one of plain memory.
  const anonymous = structure === 'vm_area_struct' || (hook === 'mmap_file' && structure === 'file');
  const given: Predicate | undefined = anonymous
    ? not(compare(attribute('anonymous'), '==', literal(true)))
    : undefined;
  const fields: HookField[] = [];
  if (anonymous) {
    const members = structure === 'vm_area_struct' ? ['vm_file'] : [];
    fields.push({
      name: 'anonymous',
      type: 'boolean',
      doc: 'the mapping is of plain memory, not of a file',
      read: { ...readOf(hook, name, index, members, structure), isNull: true },
    });
  }
  const folder = structure === 'dentry' ? folderOf(hook, name) : undefined;
  if (folder !== undefined) {
    const read = readOf(hook, name, index, [], structure);
    fields.push(memberField(`${prefix}path`, pathOf(absolute), { ...read, walk: { folder } }, given));
    fields.push(memberField(`${prefix}place`, pathOf(placed), { ...read, walk: { folder, removed: true } }, given));
  }
  for (const [own, field] of Object.entries(hookStructures[structure] ?? {})) {
    const read = readOf(hook, name, index, membersOf(field), structure);
    const isTold = field.type !== 'path' || tellingPaths.has(hook);
    fields.push(memberField(`${prefix}${own}`, field, isTold ? read : { ...read, walk: {} }, given));
    if (field.type !== 'path') continue;
    fields.push(memberField(`${prefix}place`, pathOf(placed), { ...read, walk: { removed: true } }, given));
  }
  return fields;
}

const absolute = 'the absolute path';
const placed =
  'the absolute path, which a file that was removed keeps; empty in a mount of the kernel’s own: a pipe, a memfd';

function pathOf(doc: string): StructureField {
  return { members: '', type: 'path', doc };
}

/** The argument that is the folder in which a dentry lies: of a link both names are on the mount of the new one. */
function folderOf(hook: string, dentry: string): { readonly index: number; readonly argument: string } | undefined {
  const all = hookArguments(hook);
  const prefix = /^(?:old|new)_/.exec(dentry)?.[0] ?? '';
  for (const argument of [`${prefix}dir`, 'new_dir']) {
    const index = all.findIndex(({ name, type }) => name === argument && type === '*path');
    if (index !== -1) return { index, argument };
  }
  return undefined;
}

function memberField(
  name: string,
  { type, bits, doc, given: own, constants: prefixes }: StructureField,
  read: FieldRead,
  given: Predicate | undefined,
): HookField {
  const guard = own ?? given;
  return {
    name,
    type,
    doc,
    ...(bits === undefined ? {} : { bits }),
    read,
    ...(guard === undefined ? {} : { given: guard }),
    ...(prefixes === undefined ? {} : { constants: prefixes }),
  };
}

/** What tells the fields of one argument from those of another, or of the task that makes the call. */
function prefixOf(argument: string, structure: string): string {
  if (structure === 'task_struct') return 'target_';
  if (structure === 'cred') return `${argument}_`;
  return /^(?:old|new|from|to|backing|user)_(?=dentry|path|file)/.exec(argument)?.[0] ?? '';
}

function membersOf({ members }: StructureField): readonly string[] {
  return members === '' ? [] : members.split('.');
}

function readOf(hook: string, argument: string, index: number, members: readonly string[], structure?: string) {
  const earlier = moved[`${hook}/${argument}`];
  return {
    from: 'argument',
    index,
    ...(earlier === undefined ? {} : { earlier }),
    argument,
    ...(structure === undefined ? {} : { structure }),
    members,
  } as const;
}

function ofAddress(argument: string, index: number): readonly HookField[] {
  // AF_UNSPEC, AF_INET and AF_INET6 on every architecture.
  const given: Predicate = {
    kind: 'in-ranges',
    term: attribute('family'),
    ranges: [
      { low: 0n, high: 0n },
      { low: 2n, high: 2n },
      { low: 10n, high: 10n },
    ],
  };
  const read = (what: 'family' | 'port' | 'address') => ({ from: 'sockaddr', index, argument, what }) as const;
  return [
    {
      name: 'family',
      type: 'integer',
      bits: 16,
      doc: 'the address family of the address',
      read: read('family'),
      constants: ['AF_'],
    },
    { name: 'address', type: 'address', doc: 'the IP address', read: read('address'), given },
    { name: 'port', type: 'integer', bits: 16, doc: 'the port', read: read('port'), given },
  ];
}

function ofContext(value: ContextValue, type: 'integer' | 'string', doc: string): HookField {
  const bits = value === 'cgroup' ? 64 : 32;
  return { name: value, type, doc, ...(type === 'integer' ? { bits } : {}), read: { from: 'context', value } };
}
