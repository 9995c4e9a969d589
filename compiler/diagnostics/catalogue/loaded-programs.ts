import { entries } from '../entry.ts';

/** Programs of the kernel that are not loaded. */
export const loadedPrograms = entries({
  POL8420: {
    severity: 'error',
    message: '{problem}; nothing was loaded',
    help: 'build it again: `polc build --emit bpf-lsm`',
    explanation:
      'Programs run in the kernel with its rights, so that polc loads only what it built: a little-endian object of 64 bits for eBPF, with types (`.BTF`), of at most 16 MiB, in a bundle whose manifest has its digest and that of the description beside it. All of that is looked at before anything is given to the kernel.',
  },
  POL8421: {
    severity: 'error',
    message: '{problem}; no program is in force',
    help: 'see `polc doctor` for what this machine lacks, and what to do about it',
    explanation:
      'Programs at hooks need Linux 5.15, the kernel’s types in /sys/kernel/btf/vmlinux, `bpf` among the security modules (`lsm=`), a kernel that is not locked down, and the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; programs for sockets need only the capabilities. Both are attached to a control group of version 2. A program that could be attached to one hook and not to another would hold half a policy: what was loaded before the failure is taken back.',
  },
  POL8422: {
    severity: 'error',
    message: '{problem}; no program is in force',
    help: 'make the rule simpler; where it is simple, report this with the policy',
    explanation:
      'Before the kernel takes a program, its verifier follows every way through it, and refuses what it cannot follow to the end. polc checks the same as far as it can when it builds the object; what a certain kernel says beyond that is told with the line of the policy that the instruction comes from.',
  },
});
