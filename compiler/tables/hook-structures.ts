import { attribute, compare, literal, type Predicate } from '../expressions/predicate.ts';
import type { HookField } from './hook-field.ts';

/** A field of a structure: where its members lead, and what is there. */
export interface StructureField {
  readonly members: string;
  readonly type: HookField['type'];
  readonly bits?: 8 | 16 | 32 | 64;
  readonly doc: string;
  readonly given?: Predicate;
  readonly constants?: readonly string[];
}

const text = (members: string, doc: string): StructureField => ({ members, type: 'string', doc });
const path = (members: string, doc: string): StructureField => ({ members, type: 'path', doc });
const number = (members: string, bits: 16 | 32 | 64, doc: string, ...constants: string[]): StructureField => ({
  members,
  type: 'integer',
  bits,
  doc,
  ...(constants.length === 0 ? {} : { constants }),
});

/** Where bit `bit` of the field `valid` says that the attribute is to be changed (ATTR_* in include/linux/fs.h). */
const changed = (bit: bigint): Predicate =>
  compare({ kind: 'mask', term: attribute('valid'), mask: bit }, '!=', literal(0n));

const name = 'the last component of the path';
const parent = 'the name of the folder that it lies in';
const filesystem = 'the type of the file system: ext4, proc, overlay';
const owner = 'the user id of the file’s owner';
const fileMode = 'the type and permissions of the file, st_mode';

const ofDentry = {
  name: text('d_name.name', name),
  parent: text('d_parent.d_name.name', parent),
  filesystem: text('d_sb.s_type.name', filesystem),
};

const inside = (prefix: string, fields: Readonly<Record<string, StructureField>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, { ...field, members: `${prefix}.${field.members}` }]),
  );

const ofFile = {
  path: path('f_path', 'the absolute path'),
  ...inside('f_path.dentry', ofDentry),
  flags: number('f_flags', 32, 'the flags of open(2)', 'O_', 'FASYNC'),
  file_mode: number('f_inode.i_mode', 16, fileMode, 'S_I'),
  owner: number('f_inode.i_uid.val', 32, owner),
};

const ofSock = {
  family: number('__sk_common.skc_family', 16, 'the address family of the socket', 'AF_'),
  socket_type: number('sk_type', 16, 'the type of the socket', 'SOCK_'),
  protocol: number('sk_protocol', 16, 'the protocol of the socket', 'IPPROTO_', 'NETLINK_'),
};

/** What can be read of the structures that arguments of hooks point to; names of members as in kernels from 5.15 on. */
export const hookStructures: Readonly<Record<string, Readonly<Record<string, StructureField>>>> = {
  file: ofFile,
  path: { path: path('', 'the absolute path'), ...inside('dentry', ofDentry) },
  dentry: ofDentry,
  inode: {
    inode: number('i_ino', 64, 'the number of the inode'),
    owner: number('i_uid.val', 32, owner),
    file_mode: number('i_mode', 16, fileMode, 'S_I'),
    filesystem: text('i_sb.s_type.name', filesystem),
  },
  linux_binprm: {
    ...inside('file', ofFile),
    path: path('file.f_path', 'the absolute path of the program'),
    filename: text('filename', 'the program as it was asked for'),
    interpreter: text('interp', 'the file that is run: the interpreter of a script, once that is known'),
    argument_count: number('argc', 32, 'how many arguments it is given'),
  },
  task_struct: {
    pid: number('tgid', 32, 'the process id of the other process'),
    comm: text('comm', 'the name of the other thread, at most 15 bytes'),
    uid: number('real_cred.uid.val', 32, 'the user id of the other process'),
  },
  cred: {
    uid: number('uid.val', 32, 'the real user id of these credentials'),
    euid: number('euid.val', 32, 'the effective user id of these credentials'),
    gid: number('gid.val', 32, 'the real group id of these credentials'),
    egid: number('egid.val', 32, 'the effective group id of these credentials'),
  },
  socket: {
    ...inside('sk', ofSock),
    socket_type: number('type', 16, 'the type of the socket', 'SOCK_'),
  },
  sock: ofSock,
  kern_ipc_perm: {
    key: number('key', 32, 'the key of the object'),
    ipc_owner: number('uid.val', 32, 'the user id of the object’s owner'),
    ipc_mode: number('mode', 16, 'the permissions of the object', 'S_I'),
  },
  super_block: { filesystem: text('s_type.name', filesystem) },
  vfsmount: { filesystem: text('mnt_sb.s_type.name', filesystem) },
  fs_context: { filesystem: text('fs_type.name', filesystem) },
  fs_parameter: { parameter: text('key', 'the name of the parameter') },
  iattr: {
    valid: number('ia_valid', 32, 'what is to be changed', 'ATTR_'),
    mode: { ...number('ia_mode', 16, 'the new mode', 'S_I'), given: changed(1n) },
    new_uid: { ...number('ia_uid.val', 32, 'the new owner'), given: changed(2n) },
    new_gid: { ...number('ia_gid.val', 32, 'the new group'), given: changed(4n) },
    size: { ...number('ia_size', 64, 'the new size in bytes'), given: changed(8n) },
  },
  rlimit: {
    soft: number('rlim_cur', 64, 'the new soft limit'),
    hard: number('rlim_max', 64, 'the new hard limit'),
  },
  bpf_map: { map_type: number('map_type', 32, 'the type of the map', 'BPF_MAP_TYPE_') },
  bpf_prog: { program_type: number('type', 32, 'the type of the program', 'BPF_PROG_TYPE_') },
  io_uring_cmd: { operation: number('cmd_op', 32, 'the operation of the file’s own') },
};

/** Constants of the kernel’s inside, which no header for programs has. */
export const kernelConstants: Readonly<Record<string, bigint>> = {
  // include/linux/fs.h
  ATTR_ATIME: 1n << 4n,
  ATTR_CTIME: 1n << 6n,
  ATTR_GID: 1n << 2n,
  ATTR_MODE: 1n << 0n,
  ATTR_MTIME: 1n << 5n,
  ATTR_SIZE: 1n << 3n,
  ATTR_UID: 1n << 1n,
  MAY_ACCESS: 0x10n,
  MAY_APPEND: 8n,
  MAY_CHDIR: 0x40n,
  MAY_EXEC: 1n,
  MAY_OPEN: 0x20n,
  MAY_READ: 4n,
  MAY_WRITE: 2n,
  // include/linux/net.h
  SHUT_RD: 0n,
  SHUT_RDWR: 2n,
  SHUT_WR: 1n,
  // include/linux/ptrace.h
  PTRACE_MODE_ATTACH: 2n,
  PTRACE_MODE_FSCREDS: 8n,
  PTRACE_MODE_NOAUDIT: 4n,
  PTRACE_MODE_READ: 1n,
  PTRACE_MODE_REALCREDS: 16n,
};
