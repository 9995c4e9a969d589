import type { Architecture } from './architectures.ts';

/**
 * Calls that do the same thing to the same objects, one line a family: refusing one of them alone refuses nothing, since
 * a program makes another. A family holds what a program can reach by its arguments alone; a call that only resembles
 * another, or that needs a privilege more, is not in it.
 */
const families: readonly string[] = [
  // Opening a file by its path; creat is open with O_CREAT | O_WRONLY | O_TRUNC (fs/open.c).
  'open openat openat2 creat',
  // A new process or thread: all of them end in kernel_clone (kernel/fork.c).
  'clone clone3 fork vfork',
  // Both end in do_execveat_common (fs/exec.c).
  'execve execveat',
  // A signal to another process; the queueing ones also carry data (kernel/signal.c).
  'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal',
  // chmod_common (fs/open.c).
  'chmod fchmod fchmodat fchmodat2',
  // chown_common; the names with 32 are those of 32-bit architectures.
  'chown fchown lchown fchownat chown32 fchown32 lchown32',
  // unlinkat with AT_REMOVEDIR is rmdir.
  'unlink unlinkat',
  'rmdir unlinkat',
  'rename renameat renameat2',
  'link linkat',
  'symlink symlinkat',
  'mkdir mkdirat',
  'mknod mknodat',
  'truncate truncate64',
  'ftruncate ftruncate64',
  'utime utimes futimesat utimensat utimensat_time64',
  'setxattr lsetxattr fsetxattr setxattrat',
  'removexattr lremovexattr fremovexattr removexattrat',
  // fsopen, fsconfig and fsmount make a mount and open_tree copies one; move_mount attaches it (fs/namespace.c).
  'mount move_mount',
  'umount umount2',
  // The three change the effective id (kernel/sys.c).
  'setuid setreuid setresuid setuid32 setreuid32 setresuid32',
  'setgid setregid setresgid setgid32 setregid32 setresgid32',
  'setgroups setgroups32',
  'setrlimit prlimit64',
  'sched_setscheduler sched_setattr',
  'init_module finit_module',
  'kexec_load kexec_file_load',
  // Setting the wall clock (kernel/time).
  'settimeofday stime clock_settime clock_settime64 adjtimex clock_adjtime clock_adjtime64',
  // do_mprotect_pkey (mm/mprotect.c).
  'mprotect pkey_mprotect',
  'mmap mmap2',
  'accept accept4',
  'send sendto sendmsg sendmmsg',
  'recv recvfrom recvmsg recvmmsg recvmmsg_time64',
  'semop semtimedop semtimedop_time64',
  'quotactl quotactl_fd',
];

/** What socketcall(2) does by its first argument (net/socket.c). */
const socketCalls =
  'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt ' +
  'getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg';

/** What ipc(2) does by its first argument (ipc/syscall.c). */
const ipcCalls = 'semop semget semctl semtimedop msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl';

/**
 * The calls by which a program does what `name` does, without `name` itself; for x86 also the call that stands for a
 * whole family there and takes its arguments from memory, where no filter sees them. A denied multiplexer has none: it
 * is what one refuses to let rules speak of the calls behind it.
 */
export function syscallSiblings(name: string, architecture: Architecture): readonly string[] {
  const found = new Set<string>();
  for (const family of families) {
    const names = family.split(' ');
    if (names.includes(name)) for (const each of names) found.add(each);
  }
  if (architecture === 'x86') {
    if (socketCalls.split(' ').includes(name)) found.add('socketcall');
    if (ipcCalls.split(' ').includes(name)) found.add('ipc');
  }
  found.delete(name);
  return [...found];
}
