import type { TracedCall } from './strace-line.ts';
import { descriptorOf, splitArguments, stringOf } from './strace-text.ts';

/** What a call did with a path, by Landlock's names of rights. */
export interface FileAccess {
  readonly path: string;
  /** The right is of the directory that holds the path: to make, move or remove what is in it. */
  readonly ofParent: boolean;
  readonly rights: readonly string[];
  /** The call itself says that it is a directory. */
  readonly directory?: boolean;
  /** The right was used only if the file was not there before. */
  readonly ifMade?: boolean;
  /** The path of what is executed. */
  readonly executes?: boolean;
}

type Reader = (given: readonly string[], call: TracedCall, at: At) => readonly FileAccess[];

/** Makes a path of a directory argument (none for calls without one) and a name; undefined where either is unknown. */
type At = (directory: string | undefined, name: string | undefined) => string | undefined;

/**
 * What a successful call did with files (landlock(7), "Filesystem flags"). Calls that look files up, and those on
 * descriptors that are open, ask for no right.
 *
 * @param at resolves a relative path
 */
export function fileAccesses(call: TracedCall, at: At): readonly FileAccess[] {
  const read = Object.hasOwn(readers, call.name) ? readers[call.name] : undefined;
  return read === undefined ? [] : read(splitArguments(call.argumentText), call, at);
}

/** The calls that `fileAccesses` knows. */
export function touchesFiles(name: string): boolean {
  return Object.hasOwn(readers, name);
}

const readers: Readonly<Record<string, Reader>> = {
  open: (given, call) => opened(given[1], call),
  openat: (given, call) => opened(given[2], call),
  openat2: (given, call) => opened(/flags=([^,}]*)/.exec(given[2] ?? '')?.[1], call),
  creat: (_, call) => opened('O_WRONLY|O_CREAT|O_TRUNC', call),
  open_by_handle_at: (given, call) => opened(given[2], call),
  execve: (given, _, at) => executed(at(undefined, stringOf(given[0]))),
  execveat: (given, _, at) => executed(at(given[0], stringOf(given[1]))),
  truncate: (given, _, at) => one(at(undefined, stringOf(given[0])), ['truncate'], false),
  mkdir: (given, _, at) => one(at(undefined, stringOf(given[0])), ['make_dir']),
  mkdirat: (given, _, at) => one(at(given[0], stringOf(given[1])), ['make_dir']),
  rmdir: (given, _, at) => one(at(undefined, stringOf(given[0])), ['remove_dir']),
  unlink: (given, _, at) => one(at(undefined, stringOf(given[0])), ['remove_file']),
  unlinkat: (given, _, at) =>
    one(at(given[0], stringOf(given[1])), [given[2]?.includes('AT_REMOVEDIR') === true ? 'remove_dir' : 'remove_file']),
  symlink: (given, _, at) => one(at(undefined, stringOf(given[1])), ['make_sym']),
  symlinkat: (given, _, at) => one(at(given[1], stringOf(given[2])), ['make_sym']),
  mknod: (given, _, at) => one(at(undefined, stringOf(given[0])), [nodeRight(given[1])]),
  mknodat: (given, _, at) => one(at(given[0], stringOf(given[1])), [nodeRight(given[2])]),
  link: (given, _, at) => linked(at(undefined, stringOf(given[0])), at(undefined, stringOf(given[1]))),
  linkat: (given, _, at) => linked(at(given[0], stringOf(given[1])), at(given[2], stringOf(given[3]))),
  rename: (given, _, at) => moved(at(undefined, stringOf(given[0])), at(undefined, stringOf(given[1])), false),
  renameat: (given, _, at) => moved(at(given[0], stringOf(given[1])), at(given[2], stringOf(given[3])), false),
  renameat2: (given, _, at) =>
    moved(at(given[0], stringOf(given[1])), at(given[2], stringOf(given[3])), given[4]?.includes('EXCHANGE') === true),
  ioctl: (given) => controlled(given),
};

function one(path: string | undefined, rights: readonly string[], ofParent = true): readonly FileAccess[] {
  return path === undefined ? [] : [{ path, ofParent, rights }];
}

function executed(path: string | undefined): readonly FileAccess[] {
  return path === undefined ? [] : [{ path, ofParent: false, rights: ['execute', 'read_file'], executes: true }];
}

/** The path is that of the descriptor, after all links. */
function opened(flags: string | undefined, call: TracedCall): readonly FileAccess[] {
  const path = descriptorOf(call.result);
  if (path === undefined || !path.startsWith('/') || path.startsWith('/memfd:') || flags === undefined) return [];
  const has = (name: string) => flags.split('|').includes(name);
  if (has('O_PATH')) return [];
  const directory = has('O_DIRECTORY') && !has('O_TMPFILE');
  if (directory) return [{ path, ofParent: false, rights: ['read_dir'], directory: true }];
  const rights: string[] = [];
  if (!has('O_WRONLY')) rights.push('read_file');
  if (has('O_WRONLY') || has('O_RDWR')) rights.push('write_file');
  if (has('O_TRUNC')) rights.push('truncate');
  // What O_TMPFILE makes has no name: it is written as something beneath the directory.
  if (has('O_TMPFILE') || has('__O_TMPFILE')) return [{ path, ofParent: true, rights }];
  if (!has('O_CREAT')) return [{ path, ofParent: false, rights }];
  return [
    { path, ofParent: false, rights },
    { path, ofParent: true, rights: ['make_reg'], ifMade: true },
  ];
}

function nodeRight(mode: string | undefined): string {
  if (mode?.includes('S_IFIFO') === true) return 'make_fifo';
  if (mode?.includes('S_IFCHR') === true) return 'make_char';
  if (mode?.includes('S_IFBLK') === true) return 'make_block';
  if (mode?.includes('S_IFSOCK') === true) return 'make_sock';
  return 'make_reg';
}

/** A link to another directory also needs `refer` on both. */
function linked(from: string | undefined, to: string | undefined): readonly FileAccess[] {
  if (from === undefined || to === undefined) return [];
  const across = parentOf(from) === parentOf(to) ? [] : ['refer'];
  return [
    { path: to, ofParent: true, rights: ['make_reg', ...across] },
    ...(across.length === 0 ? [] : [{ path: from, ofParent: true, rights: across }]),
  ];
}

/**
 * What is moved is a file or a directory; which of them, the caller finds at the new place and says by `directory` of the
 * right that it gives. `make` and `remove` stand for both until then.
 */
function moved(from: string | undefined, to: string | undefined, exchange: boolean): readonly FileAccess[] {
  if (from === undefined || to === undefined) return [];
  const across = parentOf(from) === parentOf(to) ? [] : ['refer'];
  const both = ['remove', 'make'];
  return [
    { path: from, ofParent: true, rights: [...(exchange ? both : ['remove']), ...across] },
    { path: to, ofParent: true, rights: [...(exchange ? both : ['make']), ...across] },
  ];
}

/** The directory that holds a path. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}

/** Commands that Landlock lets through on any descriptor (security/landlock/fs.c, is_masked_device_ioctl). */
const free =
  /^(?:FIOCLEX|FIONCLEX|FIONBIO|FIOASYNC|FIOQSIZE|FIFREEZE|FITHAW|FS_IOC_FIEMAP|FIGETBSZ|FICLONE|FICLONERANGE|FIDEDUPERANGE|FS_IOC_GETFSUUID|FS_IOC_GETFSSYSFSPATH)$/;

/** Of devices alone; whether this process opened it or was given it open is for the caller to know. */
function controlled(given: readonly string[]): readonly FileAccess[] {
  const path = descriptorOf(given[0]);
  const device = /<(?:char|block) \d+:\d+>>/.test(given[0] ?? '') || path?.startsWith('/dev/') === true;
  if (path === undefined || !device || !path.startsWith('/') || free.test(given[1] ?? '')) return [];
  return [{ path, ofParent: false, rights: ['ioctl_dev'] }];
}
