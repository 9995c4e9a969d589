/**
 * What the runtime itself calls between attaching the filter and the exec of the program, with no_new_privs set
 * (measured on runc 1.1.5; crun 1.8 needs execve alone). Go's scheduler may run in between: without its calls one start in
 * ten failed. It never needed a new thread there, so clone stays out.
 */
export const startupCalls: readonly { readonly name: string; readonly why: string }[] = [
  { name: 'execve', why: 'the runtime starts the program with it' },
  ...named('runc puts its descriptors and signals in order before the exec', [
    'close',
    'openat',
    'getdents64',
    'fstatfs',
    'newfstatat',
    'fstat',
    'fcntl',
    'read',
    'write',
    'rt_sigprocmask',
    'rt_sigaction',
    'sigaltstack',
    'prctl',
  ]),
  ...named("Go's scheduler and memory manager run inside runc until the exec", [
    'exit_group',
    'futex',
    'getpid',
    'gettid',
    'madvise',
    'mmap',
    'mprotect',
    'munmap',
    'nanosleep',
    'rt_sigreturn',
    'sched_yield',
    'tgkill',
  ]),
];

function named(why: string, names: readonly string[]) {
  return names.map((name) => ({ name, why }));
}
