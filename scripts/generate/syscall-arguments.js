// compiler/tables/syscall-arguments.generated.ts from the prototypes in the kernel's include/linux/syscalls.h.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPath, sharedData, wordsConstant } from './inputs.js';
import { kernelHeaders, kernelHeadersVersion } from './kernel-headers.js';
import { readSyscalls } from './syscalls.js';

export const output = 'compiler/tables/syscall-arguments.generated.ts';

const header = () => join(kernelHeaders(), 'include/linux/syscalls.h');

export function missing() {
  if (kernelHeaders() === undefined) return 'no package linux-headers-*-common';
  return missingPath([header(), sharedData('libseccomp-syscalls.csv')]);
}

/**
 * Calls whose prototype the header leaves without names, declares for several orders, or leaves to an architecture; by
 * their SYSCALL_DEFINE in the kernel's sources. The order of clone is that of x86_64; it has the same pointers at
 * different places elsewhere, so that only those common to all orders are marked. `%` marks 32 bits: by the type, and
 * also where the kernel takes an `unsigned long` and drops its high word before any use: clone's flags
 * (`lower_32_bits` in kernel/fork.c), mmap's fd (`fget` takes an unsigned int), ptrace's pid (`find_get_task_by_vpid`
 * takes a pid_t).
 */
const own = {
  _llseek: '%fd,offset_high,offset_low,*result,%whence',
  accept: '%fd,*upeer_sockaddr,*upeer_addrlen',
  accept4: '%fd,*upeer_sockaddr,*upeer_addrlen,%flags',
  arch_prctl: '%option,arg2',
  arm_fadvise64_64: '%fd,%advice,offset,len',
  arm_sync_file_range: '%fd,%flags,offset,nbytes',
  bind: '%fd,*umyaddr,%addrlen',
  clone: '%clone_flags,newsp,*parent_tidptr,child_tidptr,tls',
  connect: '%fd,*uservaddr,%addrlen',
  fanotify_mark: '%fanotify_fd,%flags,mask,%dfd,pathname',
  file_getattr: '%dfd,*filename,*ufattr,usize,%at_flags',
  file_setattr: '%dfd,*filename,*ufattr,usize,%at_flags',
  futex: '*uaddr,%op,%val,utime,uaddr2,%val3',
  get_thread_area: '*u_info',
  getpeername: '%fd,*usockaddr,*usockaddr_len',
  getsockname: '%fd,*usockaddr,*usockaddr_len',
  getxattrat: '%dfd,*pathname,%at_flags,*name,*uargs,usize',
  io_submit: 'ctx_id,nr,*iocbpp',
  iopl: '%level',
  listen: '%fd,%backlog',
  listns: '*req,*ns_ids,nr_ns_ids,%flags',
  listxattrat: '%dfd,*pathname,%at_flags,*list,size',
  mmap2: 'addr,len,prot,flags,%fd,pgoff',
  mmap: 'addr,len,prot,flags,%fd,off',
  modify_ldt: '%func,*ptr,bytecount',
  open_tree_attr: '%dfd,*filename,%flags,*uattr,usize',
  ppoll: '*ufds,%nfds,*tsp,*sigmask,sigsetsize',
  pselect6: '%n,*inp,*outp,*exp,*tsp,*sig',
  ptrace: 'request,%pid,addr,data',
  recv: '%fd,*ubuf,size,%flags',
  recvfrom: '%fd,*ubuf,size,%flags,*addr,*addr_len',
  removexattrat: '%dfd,*pathname,%at_flags,*name',
  riscv_flush_icache: 'start,end,flags',
  riscv_hwprobe: '*pairs,pair_count,cpusetsize,*cpus,%flags',
  rt_sigaction: '%sig,*act,*oact,sigsetsize',
  rt_sigreturn: '',
  rseq_slice_yield: '',
  send: '%fd,*buff,len,%flags',
  sendto: '%fd,*buff,len,%flags,*addr,%addr_len',
  set_thread_area: 'u_info',
  setxattrat: '%dfd,*pathname,%at_flags,*name,*uargs,usize',
  shutdown: '%fd,%how',
  sigaction: '%sig,*act,*oact',
  sigreturn: '',
  sigsuspend: undefined,
  socket: '%family,%type,%protocol',
  socketpair: '%family,%type,%protocol,*usockvec',
  uname: '*name',
  uselib: '*library',
};

/** Names that share the arguments of another prototype: new layouts of structures, wider ids, 64-bit time. */
const same = {
  _newselect: 'select',
  fstat: 'newfstat',
  lstat: 'newlstat',
  stat: 'newstat',
  oldfstat: 'fstat',
  oldlstat: 'lstat',
  oldstat: 'stat',
  readdir: 'old_readdir',
  ugetrlimit: 'getrlimit',
  umount: 'oldumount',
  umount2: 'umount',
};

/**
 * Types of 32 bits on every 64-bit architecture, by include/linux/types.h and include/uapi/asm-generic; a type that is
 * not here is taken for 64 bits.
 */
const narrow = new Set(
  (
    'int unsigned s32 u32 __s32 __u32 pid_t uid_t gid_t qid_t mode_t key_t key_serial_t mqd_t timer_t clockid_t rwf_t ' +
    'uint32_t int32_t'
  ).split(' '),
);

/** What stands before a name in the table: `*` a pointer, `%` 32 bits, `#` 16 bits. */
function mark(type, name) {
  if (type.includes('*')) return '*';
  const words = type.split(' ').filter((word) => !['const', 'signed', 'unsigned'].includes(word));
  if (words[0] === 'enum') return '%';
  // unsigned short (include/linux/types.h), and a call's arguments are cast to their types.
  if (words.join(' ') === 'umode_t') return '#';
  // preadv and its kin take an unsigned long and hand it to fdget, which takes an unsigned int.
  if (name === 'fd') return '%';
  const plain = words.join(' ') || 'int';
  return narrow.has(plain) ? '%' : '';
}

function prototypes() {
  const text = readFileSync(header(), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found = new Map();
  for (const [, name, list] of text.matchAll(/asmlinkage long sys_(\w+)\s*\(([^;]*?)\)\s*;/g)) {
    if (found.has(name)) continue;
    const parameters = list.replace(/\s+/g, ' ').trim();
    if (parameters === 'void') {
      found.set(name, '');
      continue;
    }
    const words = parameters.split(',').map((parameter) => {
      const [, type, own] = parameter.trim().match(/^(.*[\s*])(\w+)$/) ?? [];
      const named = own !== undefined && !/^(int|long|char|unsigned|size_t|__user|\w+_t|u32|u64)$/.test(own);
      return named ? mark(type.trim(), own) + own : undefined;
    });
    if (!words.includes(undefined)) found.set(name, words.join(','));
  }
  return found;
}

export function generate() {
  const byPrototype = prototypes();
  const lines = [];
  for (const { name } of readSyscalls()) {
    const candidates = [name, same[name], name.replace(/_time64$/, ''), name.replace(/(?<=\D)(64|32)$/, '')];
    let list;
    for (const candidate of candidates) {
      if (candidate === undefined) continue;
      list =
        candidate in own ? own[candidate] : name in same && candidate === name ? undefined : byPrototype.get(candidate);
      list ??= byPrototype.get(same[candidate]);
      if (list !== undefined || candidate in own) break;
    }
    if (list !== undefined) lines.push(`${name}=${list}`);
  }
  return [
    '// Generated by scripts/generate/syscall-arguments.js; do not edit.',
    `// Facts from Linux ${kernelHeadersVersion()}'s include/linux/syscalls.h (GPL-2.0): names, pointers and widths of arguments.`,
    '',
    wordsConstant(
      'prototypes',
      'name=arguments; * marks a pointer into the memory of the program, % one of 32 bits, # one of 16.',
      lines,
    ),
  ].join('\n');
}
