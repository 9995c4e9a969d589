import type { Architecture } from './architectures.ts';

/** What a filter does to a call that no rule allows: end the program, or let the call fail. */
export type RefusalKind = 'kill' | 'errno';

/** How a program is linked; a dynamic one also reads and maps its libraries. */
export type Linking = 'static' | 'dynamic';

/**
 * The calls that a C program of glibc 2.36 makes from execve to its end, besides its own output.
 *
 * Method: x86_64 by taking calls away one at a time from a filter over a static and a dynamic program that writes one line, until it no longer
 * ran; aarch64, arm and riscv64 by the calls that a user-mode emulator shows for the same program, with rseq and
 * set_tls, which it hides; x86 and x32 from glibc's sources, by the traces of arm and x86_64. Under errno the program
 * survives a refusal of all but what maps it, its libraries and its thread pointer.
 */
interface StartCalls {
  /** Made however it is linked. */
  readonly both: string;
  readonly static: string;
  readonly dynamic: string;
  /** Of all those, the ones whose refusal by errno is not survived. */
  readonly vital: string;
}

const wide: StartCalls = {
  both: 'execve brk exit_group mprotect prlimit64 rseq set_robust_list set_tid_address',
  static: 'getrandom readlinkat',
  dynamic: 'close faccessat mmap munmap newfstatat openat read',
  vital: 'execve exit_group mprotect close mmap newfstatat openat read',
};

const x86Wide: StartCalls = {
  both: `${wide.both} arch_prctl`,
  static: 'getrandom readlink',
  dynamic: 'access close mmap munmap newfstatat openat pread64 read',
  vital: `${wide.vital} arch_prctl pread64`,
};

const narrow: StartCalls = {
  both: 'execve brk exit_group mprotect rseq set_robust_list set_tid_address ugetrlimit',
  static: 'getrandom readlink',
  dynamic: 'access close mmap2 munmap openat read statx',
  vital: 'execve exit_group mprotect close mmap2 openat read statx',
};

const calls: Readonly<Record<Architecture, StartCalls>> = {
  x86_64: x86Wide,
  x32: x86Wide,
  x86: {
    ...narrow,
    both: `${narrow.both} set_thread_area`,
    dynamic: `${narrow.dynamic} pread64`,
    vital: `${narrow.vital} pread64 set_thread_area`,
  },
  aarch64: wide,
  arm: { ...narrow, both: `${narrow.both} set_tls`, vital: `${narrow.vital} set_tls` },
  riscv64: wide,
};

/** What buffered output makes besides, and what other C libraries make instead: fstat since glibc 2.39 and in musl. */
const elsewhere: Readonly<Record<Architecture, string>> = {
  x86_64: 'exit fstat getrandom ioctl newfstatat write writev',
  x32: 'exit fstat getrandom ioctl newfstatat write writev',
  x86: 'exit fstat64 getrandom ioctl statx prlimit64 write writev',
  aarch64: 'exit fstat getrandom ioctl newfstatat write writev',
  arm: 'exit fstat64 getrandom ioctl statx prlimit64 write writev',
  riscv64: 'exit fstat getrandom ioctl newfstatat riscv_hwprobe write writev',
};

/**
 * The calls without which no program of glibc 2.36 starts and ends, sorted, under a filter that answers all others by
 * `kind`. For diagnostics: a filter that refuses one of the static set can start no program of that kind.
 */
export function neededToStart(architecture: Architecture, kind: RefusalKind, linking: Linking): readonly string[] {
  const { both, vital, ...byLinking } = calls[architecture];
  const made = `${both} ${byLinking[linking]}`.split(' ');
  if (kind === 'kill') return made.sort();
  const lasting = new Set(vital.split(' '));
  // A static program's thread area comes from brk alone; a dynamic one falls back to mmap.
  if (linking === 'static') lasting.add('brk');
  return made.filter((name) => lasting.has(name)).sort();
}

/**
 * The members of `@basic-start`, sorted: what static and dynamic programs need to start, to write and to end under a
 * filter that answers all other calls by `kind`, with the spellings of other versions of the C library. Not execve: the
 * launcher's one exec needs no rule, OCI output adds it by name, and a program that only starts must not start others.
 */
export function basicStart(architecture: Architecture, kind: RefusalKind): readonly string[] {
  const names = new Set([
    ...neededToStart(architecture, kind, 'static'),
    ...neededToStart(architecture, kind, 'dynamic'),
    ...elsewhere[architecture].split(' '),
  ]);
  names.delete('execve');
  return [...names].sort();
}
