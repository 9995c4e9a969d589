import type { Width } from './instruction.ts';

/**
 * A field of a structure of the kernel, by the names on the way to it: `{ structure: 'file', members: ['f_path',
 * 'dentry'] }`. Only members that lie within each other, not what a pointer leads to.
 */
export interface Field {
  readonly structure: string;
  readonly members: readonly string[];
}

/**
 * The type of a member: an unsigned integer of so many bits, a pointer to a structure (`*inode`) or to something else
 * (`*`), an array of so many characters, or a structure that lies in it.
 */
export type MemberType = 'u8' | 'u16' | 'u32' | 'u64' | `*${string}` | `char[${number}]` | `struct ${string}`;

export interface StructureLayout {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
  readonly members: readonly { readonly name: string; readonly type: MemberType; readonly offset: number }[];
}

/**
 * What programs know of the kernel's structures: names and kinds of fields, which libbpf looks up in the BTF of the
 * kernel that runs (CO-RE), so that order, places and what else there is do not matter. Source: linux/fs.h, dcache.h,
 * path.h, mount.h, fs/mount.h, cred.h, sched.h, binfmts.h, net.h, net/sock.h, key.h, of Linux 5.15 to 6.18.
 */
const declared: Readonly<Record<string, Readonly<Record<string, MemberType>>>> = {
  bpf_map: { map_type: 'u32' },
  bpf_prog: { type: 'u32' },
  cred: {
    uid: 'struct kuid_t',
    gid: 'struct kgid_t',
    suid: 'struct kuid_t',
    sgid: 'struct kgid_t',
    euid: 'struct kuid_t',
    egid: 'struct kgid_t',
    fsuid: 'struct kuid_t',
    fsgid: 'struct kgid_t',
  },
  dentry: {
    d_parent: '*dentry',
    d_name: 'struct qstr',
    d_inode: '*inode',
    d_sb: '*super_block',
    d_hash: 'struct hlist_bl_node',
  },
  file: { f_path: 'struct path', f_inode: '*inode', f_flags: 'u32', f_mode: 'u32', f_cred: '*cred' },
  file_system_type: { name: '*' },
  fs_struct: { root: 'struct path' },
  hlist_bl_node: { pprev: '*' },
  iattr: { ia_valid: 'u32', ia_mode: 'u16', ia_uid: 'struct kuid_t', ia_gid: 'struct kgid_t', ia_size: 'u64' },
  inode: {
    i_mode: 'u16',
    i_uid: 'struct kuid_t',
    i_gid: 'struct kgid_t',
    i_sb: '*super_block',
    i_ino: 'u64',
  },
  io_uring_cmd: { cmd_op: 'u32' },
  kern_ipc_perm: {
    key: 'u32',
    uid: 'struct kuid_t',
    gid: 'struct kgid_t',
    cuid: 'struct kuid_t',
    cgid: 'struct kgid_t',
    mode: 'u16',
  },
  kgid_t: { val: 'u32' },
  kuid_t: { val: 'u32' },
  linux_binprm: { file: '*file', filename: '*', interp: '*', argc: 'u32', envc: 'u32' },
  mount: { mnt_parent: '*mount', mnt_mountpoint: '*dentry', mnt: 'struct vfsmount', mnt_ns: '*' },
  path: { mnt: '*vfsmount', dentry: '*dentry' },
  qstr: { name: '*' },
  rlimit: { rlim_cur: 'u64', rlim_max: 'u64' },
  sock: { __sk_common: 'struct sock_common', sk_protocol: 'u16', sk_type: 'u16' },
  sock_common: { skc_family: 'u16' },
  socket: { type: 'u16', sk: '*sock' },
  super_block: { s_flags: 'u64', s_magic: 'u64', s_type: '*file_system_type' },
  task_struct: {
    fs: '*fs_struct',
    pid: 'u32',
    tgid: 'u32',
    comm: 'char[16]',
    cred: '*cred',
    real_cred: '*cred',
  },
  vfsmount: { mnt_root: '*dentry', mnt_sb: '*super_block', mnt_flags: 'u32' },
  vm_area_struct: { vm_file: '*file', vm_flags: 'u64' },
};

const layouts = new Map<string, StructureLayout>();

/** The structure as programs have it: members in the order of the table, each at its natural alignment. */
export function structureLayout(name: string): StructureLayout {
  let layout = layouts.get(name);
  if (layout === undefined) {
    layout = layOut(name);
    layouts.set(name, layout);
  }
  return layout;
}

function layOut(name: string): StructureLayout {
  const table = declared[name];
  if (table === undefined) throw new Error(`no structure ${name} is declared`);
  let at = 0;
  let alignment = 1;
  const members = Object.entries(table).map(([member, type]) => {
    const own = measure(type);
    at = Math.ceil(at / own.alignment) * own.alignment;
    const offset = at;
    at += own.size;
    alignment = Math.max(alignment, own.alignment);
    return { name: member, type, offset };
  });
  return { name, size: Math.ceil(at / alignment) * alignment, alignment, members };
}

/** The type of the last member; undefined where the structure has no such one. */
export function fieldType({ structure, members }: Field): MemberType | undefined {
  let type: MemberType | undefined = `struct ${structure}`;
  for (const member of members) {
    const name: string | undefined = type === undefined ? undefined : embedded(type);
    type = name === undefined ? undefined : declared[name]?.[member];
  }
  return type;
}

export function fieldOffset({ structure, members }: Field): number {
  let offset = 0;
  let name = structure;
  for (const wanted of members) {
    const member = structureLayout(name).members.find((each) => each.name === wanted);
    if (member === undefined) throw new Error(`no field ${wanted} in ${name}`);
    offset += member.offset;
    name = embedded(member.type) ?? '';
  }
  return offset;
}

/** The places of the members by number, as CO-RE relocations name them: `0:1:0`. */
export function accessText({ structure, members }: Field): string {
  const indexes: number[] = [0];
  let name = structure;
  for (const wanted of members) {
    const layout = structureLayout(name);
    const index = layout.members.findIndex((each) => each.name === wanted);
    indexes.push(index);
    name = embedded(layout.members[index]!.type) ?? '';
  }
  return indexes.join(':');
}

/** The name of a structure that lies in another; undefined for what is no structure. */
export function embedded(type: MemberType): string | undefined {
  return type.startsWith('struct ') ? type.slice('struct '.length) : undefined;
}

/** Characters of an array of them; undefined for what is none. */
export function characters(type: MemberType): number | undefined {
  return type.startsWith('char[') ? Number.parseInt(type.slice('char['.length), 10) : undefined;
}

/** Bytes that a load of it reads, which are also its alignment. */
export function scalarBytes(type: MemberType): Width | undefined {
  switch (type) {
    case 'u8':
      return 1;
    case 'u16':
      return 2;
    case 'u32':
      return 4;
    case 'u64':
      return 8;
    default:
      return type.startsWith('*') ? 8 : undefined;
  }
}

function measure(type: MemberType): { readonly size: number; readonly alignment: number } {
  const scalar = scalarBytes(type);
  if (scalar !== undefined) return { size: scalar, alignment: scalar };
  const length = characters(type);
  if (length !== undefined) return { size: length, alignment: 1 };
  return structureLayout(embedded(type)!);
}
