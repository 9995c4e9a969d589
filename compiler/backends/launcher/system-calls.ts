import type { Machine } from './plan.ts';

/**
 * The numbers of the calls that a launcher makes. x86_64: arch/x86/entry/syscalls/syscall_64.tbl; aarch64:
 * include/uapi/asm-generic/unistd.h. The validator takes its numbers from the generated table instead.
 */
const numbers: Readonly<Record<string, readonly [x8664: number, aarch64: number]>> = {
  read: [0, 63],
  write: [1, 64],
  close: [3, 57],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  ioctl: [16, 29],
  setitimer: [38, 103],
  socket: [41, 198],
  getsockopt: [55, 209],
  clone: [56, 220],
  execve: [59, 221],
  wait4: [61, 260],
  kill: [62, 129],
  getcwd: [79, 17],
  chdir: [80, 49],
  geteuid: [107, 175],
  getppid: [110, 173],
  getegid: [108, 177],
  capget: [125, 90],
  capset: [126, 91],
  rt_sigtimedwait: [128, 137],
  prctl: [157, 167],
  mount: [165, 40],
  sched_setaffinity: [203, 122],
  exit_group: [231, 94],
  openat: [257, 56],
  faccessat: [269, 48],
  unshare: [272, 97],
  pipe2: [293, 59],
  prlimit64: [302, 261],
  seccomp: [317, 277],
  clone3: [435, 435],
  close_range: [436, 436],
  landlock_create_ruleset: [444, 444],
  landlock_add_rule: [445, 445],
  landlock_restrict_self: [446, 446],
};

export function systemCallNumber(name: string, machine: Machine): number {
  return numbers[name]![machine === 'x86_64' ? 0 : 1];
}
