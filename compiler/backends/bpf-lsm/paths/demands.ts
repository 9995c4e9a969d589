import { always, and, attribute, compare, literal, not, or, type Predicate } from '../../../expressions/predicate.ts';
import type { KernelVersion } from '../../../target.ts';

/** What a call asks the decision about paths. */
export interface PathDemand {
  /** The field of the hook that holds the path. */
  readonly field: string;
  /** The right that the call needs there; `any`: to whatever is denied something, the call is refused. */
  readonly right: string;
  /** Whether the call is refused for folders above what is denied something, whose path it changes. */
  readonly above?: true;
  /** Over other fields of the hook: calls for which it does not hold ask nothing. */
  readonly given: Predicate;
}

const masked = (name: string, mask: bigint, value: bigint): Predicate =>
  compare({ kind: 'mask', term: attribute(name), mask }, '==', literal(value));

// S_IFMT of inode(7) and O_ACCMODE of open(2): the same on every architecture.
const type = (value: bigint): Predicate => masked('file_mode', 0o170000n, value);
const made = (value: bigint): Predicate => masked('mode', 0o170000n, value);
const opened = (value: bigint): Predicate => masked('flags', 3n, value);

const folder = type(0o040000n);
const reads = or(opened(0n), opened(2n));
/** __FMODE_EXEC of linux/fs.h, which execve(2) opens programs with. */
const executes = masked('flags', 0x20n, 0x20n);
/** RENAME_EXCHANGE. */
const exchanges = masked('flags', 2n, 2n);

const at = (right: string, given: Predicate = always, field = 'place'): PathDemand => ({ field, right, given });

/**
 * What calls need, hook by hook: the rights that Landlock asks for there (security/landlock/fs.c, Linux 6.12), and what it asks
 * for nowhere: `write_file` for a change of mode or owner. Whoever names a file otherwise, by a link, a rename or as the root of
 * a process, would have it under a path of which the policy says nothing.
 */
const demands: Readonly<Record<string, readonly PathDemand[]>> = {
  file_open: [
    at('read_dir', and(reads, folder)),
    at('read_file', and(reads, not(folder))),
    at('write_file', or(opened(1n), opened(2n))),
    at('execute', executes),
    // What is opened neither to be read nor written takes ioctl(2).
    at('ioctl_dev', opened(3n)),
  ],
  file_truncate: [at('truncate')],
  path_chmod: [at('write_file')],
  path_chown: [at('write_file')],
  path_chroot: [{ ...at('any'), above: true }],
  path_link: [at('any', always, 'old_place'), at('make_reg', always, 'new_place')],
  path_mkdir: [at('make_dir')],
  path_mknod: [
    at('make_reg', or(made(0n), made(0o100000n))),
    at('make_char', made(0o020000n)),
    at('make_block', made(0o060000n)),
    at('make_fifo', made(0o010000n)),
    at('make_sock', made(0o140000n)),
  ],
  path_rename: [{ ...at('any', always, 'old_place'), above: true }, at('any', always, 'new_place')],
  path_rmdir: [at('remove_dir')],
  path_symlink: [at('make_sym')],
  path_truncate: [at('truncate')],
  path_unlink: [at('remove_file')],
};

/** The hooks of Linux `kernel` at which calls ask for rights, sorted. */
export function demandingHooks({ major, minor }: KernelVersion): readonly string[] {
  const truncatesFiles = major > 6 || (major === 6 && minor >= 2);
  return Object.keys(demands).filter((hook) => hook !== 'file_truncate' || truncatesFiles);
}

export function demandsAt(hook: string, { major, minor }: KernelVersion): readonly PathDemand[] {
  const own = demands[hook] ?? [];
  const given = exchangesAt(hook, { major, minor });
  return given === undefined ? own : [...own, { ...at('any', given, 'new_place'), above: true }];
}

/** When a rename also moves what is at the new place to the old one; undefined where the hook does not tell. */
export function exchangesAt(hook: string, { major, minor }: KernelVersion): Predicate | undefined {
  // Until 5.19 the hook had no flags, and was called for each half of an exchange.
  return hook !== 'path_rename' || major < 5 || (major === 5 && minor < 19) ? undefined : exchanges;
}

/** Where Landlock refuses whatever there is to decide about paths (`hook_sb_*` and `hook_move_mount`, security/landlock/fs.c). */
export const mountHooks: readonly string[] = ['move_mount', 'sb_mount', 'sb_pivotroot', 'sb_remount', 'sb_umount'];

/**
 * What a link and a rename need besides, where programs hold all of it. Of a rename no field tells whether it moves a file or a
 * folder, nor whether it leaves its folder: it needs what each of these would.
 */
export function movesAt(hook: string, kernel: KernelVersion): readonly PathDemand[] {
  if (hook === 'path_link') return [at('refer', always, 'old_place'), at('refer', always, 'new_place')];
  if (hook !== 'path_rename') return [];
  const leaves = ['refer', 'remove_file', 'remove_dir'] as const;
  const comes = ['refer', 'make_reg', 'make_dir'] as const;
  const given = exchangesAt(hook, kernel);
  return [
    ...leaves.map((right) => at(right, always, 'old_place')),
    ...comes.map((right) => at(right, always, 'new_place')),
    // What it takes the place of goes.
    at('remove_file', always, 'new_place'),
    at('remove_dir', always, 'new_place'),
    ...(given === undefined ? [] : comes.map((right) => at(right, given, 'old_place'))),
  ];
}

/** Where Landlock asks for nothing, whatever its ABI. */
export function isMetadata(hook: string): boolean {
  return hook === 'path_chmod' || hook === 'path_chown';
}
