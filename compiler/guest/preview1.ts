import type { FunctionType } from './module.ts';

/** The module that WASI preview 1 is imported from. */
export const preview1 = 'wasi_snapshot_preview1';

/**
 * The functions of WASI preview 1 with the types of their parameters (`i` for 32 bits, `I` for 64), after the witx files
 * of wasi_snapshot_preview1. Each returns an errno, but for `proc_exit`.
 */
const signatures: Readonly<Record<string, string>> = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  fd_advise: 'iIIi',
  fd_allocate: 'iII',
  fd_close: 'i',
  fd_datasync: 'i',
  fd_fdstat_get: 'ii',
  fd_fdstat_set_flags: 'ii',
  fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii',
  fd_filestat_set_size: 'iI',
  fd_filestat_set_times: 'iIIi',
  fd_pread: 'iiiIi',
  fd_prestat_get: 'ii',
  fd_prestat_dir_name: 'iii',
  fd_pwrite: 'iiiIi',
  fd_read: 'iiii',
  fd_readdir: 'iiiIi',
  fd_renumber: 'ii',
  fd_seek: 'iIii',
  fd_sync: 'i',
  fd_tell: 'ii',
  fd_write: 'iiii',
  path_create_directory: 'iii',
  path_filestat_get: 'iiiii',
  path_filestat_set_times: 'iiiiIIi',
  path_link: 'iiiiiii',
  path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii',
  path_remove_directory: 'iii',
  path_rename: 'iiiiii',
  path_symlink: 'iiiii',
  path_unlink_file: 'iii',
  poll_oneoff: 'iiii',
  proc_exit: 'i',
  proc_raise: 'i',
  random_get: 'ii',
  sched_yield: '',
  sock_accept: 'iii',
  sock_recv: 'iiiiii',
  sock_send: 'iiiii',
  sock_shutdown: 'ii',
};

/** The type of a function of preview 1; undefined where it has none of that name. */
export function preview1Type(name: string): FunctionType | undefined {
  if (!Object.hasOwn(signatures, name)) return undefined;
  return {
    parameters: [...signatures[name]!].map((letter) => (letter === 'I' ? 0x7e : 0x7f)),
    results: name === 'proc_exit' ? [] : [0x7f],
  };
}

/** Numbers of wasi_snapshot_preview1 that guards answer with or look for. */
export const errno = {
  success: 0,
  acces: 2,
  badf: 8,
  exist: 20,
  fault: 21,
  inval: 28,
  isdir: 31,
  loop: 32,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  notdir: 54,
  notsup: 58,
  perm: 63,
  notcapable: 76,
} as const;
