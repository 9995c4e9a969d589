/**
 * How often programs make each system call, in ten-thousandths, for the layout of a filter's tree.
 *
 * Method: `strace -c -f` on x86_64 (Debian 12, Linux 6.18) over python3, node and npm, git, gcc, tar, find, grep, bash
 * and curl at ordinary work, and over two steady loops, an epoll echo server and a pool of threads, that count three
 * times each because long-running programs make most calls. Each workload was scaled to a sum of one before the sum, so
 * that none outweighs the others by its length.
 */
const measured = `
newfstatat=1628 openat=1119 close=983 read=866 mmap=852 futex=636 rt_sigaction=305 munmap=246 fcntl=241
rt_sigprocmask=217 lseek=194 getdents64=193 sendto=183 recvfrom=182 mremap=180 mprotect=171 brk=168 write=146
access=119 readlink=111 statx=92 clock_nanosleep=91 epoll_pwait=89 epoll_wait=73 execve=73 ioctl=65
getsockname=45 pread64=44 getpid=44 geteuid=42 set_robust_list=41 writev=40 getegid=34 getuid=34 getgid=34
prlimit64=32 wait4=30 madvise=27 rseq=25 getrandom=21 arch_prctl=19 set_tid_address=19 dup2=18 unlink=16 link=16
getcwd=15 clone=15 mkdir=15 rt_sigreturn=14 getppid=13 pipe2=12 setsockopt=8 poll=7 epoll_ctl=7 sysinfo=7
fstat=7 gettid=7 chdir=6 socket=6 clone3=6 uname=6 capget=5 connect=5 getpgrp=4 getpeername=3 statfs=3
faccessat2=2 recvmsg=2 getsockopt=2 epoll_create1=2 rename=1 eventfd2=1 socketpair=1 fadvise64=1 accept4=1
bind=1 vfork=1
`;

/**
 * The call that other architectures make where x86_64 makes the second: the generic table has no plain open, stat or
 * epoll_wait; 32-bit ones have wide variants.
 */
const counterparts: Readonly<Record<string, string>> = {
  _llseek: 'lseek',
  dup3: 'dup2',
  faccessat: 'access',
  fcntl64: 'fcntl',
  fstat: 'newfstatat',
  fstat64: 'newfstatat',
  fstatat64: 'newfstatat',
  linkat: 'link',
  mkdirat: 'mkdir',
  mmap2: 'mmap',
  ppoll: 'poll',
  readlinkat: 'readlink',
  recv: 'recvfrom',
  renameat: 'rename',
  send: 'sendto',
  socketcall: 'recvfrom',
  stat: 'newfstatat',
  stat64: 'newfstatat',
  ugetrlimit: 'prlimit64',
  unlinkat: 'unlink',
};

let measurements: ReadonlyMap<string, number> | undefined;
/** The answers given so far: programs ask for the same names again and again. */
const known = new Map<string, number>();

function decode(): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (const word of measured.trim().split(/\s/)) {
    const equals = word.indexOf('=');
    table.set(word.slice(0, equals), Number(word.slice(equals + 1)));
  }
  return table;
}

/** The relative weight of a system call, at least 1: rare and unknown calls weigh 1, the most common some 2000. */
export function syscallFrequency(name: string): number {
  let frequency = known.get(name);
  if (frequency === undefined) {
    measurements ??= decode();
    const own = measurements.get(name) ?? 0;
    const other = measurements.get(counterparts[name] ?? withoutWidth(name)) ?? 0;
    frequency = Math.max(own, other, 1);
    known.set(name, frequency);
  }
  return frequency;
}

/** `name` without the ending that marks a variant for another width of its arguments. */
function withoutWidth(name: string): string {
  if (name.endsWith('_time64')) return name.slice(0, -'_time64'.length);
  if (!name.endsWith('64') && !name.endsWith('32')) return name;
  const before = name.charCodeAt(name.length - 3);
  return before >= 48 && before <= 57 ? name : name.slice(0, -2);
}
