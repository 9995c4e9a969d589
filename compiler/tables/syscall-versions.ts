import type { KernelVersion } from '../target.ts';
import { versions } from './syscall-versions.generated.ts';

/**
 * Calls newer than the edition of syscalls(2) that the generated table comes from. The order is that of their numbers
 * in the kernel's `scripts/syscall.tbl`; the versions are those whose merge window added the number. The first five are
 * corrections: membarrier(2), pkey_alloc(2) and mount_setattr(2) have the right version where the table is wrong or
 * silent.
 */
const newer =
  'membarrier=4.3 pkey_alloc=4.9 pkey_free=4.9 pkey_mprotect=4.9 mount_setattr=5.12 ' +
  'process_mrelease=5.15 futex_waitv=5.16 set_mempolicy_home_node=5.17 cachestat=6.5 ' +
  'fchmodat2=6.6 map_shadow_stack=6.6 futex_wake=6.7 futex_wait=6.7 futex_requeue=6.7 statmount=6.8 listmount=6.8 ' +
  'lsm_get_self_attr=6.8 lsm_set_self_attr=6.8 lsm_list_modules=6.8 mseal=6.10 setxattrat=6.13 getxattrat=6.13 ' +
  'listxattrat=6.13 removexattrat=6.13 open_tree_attr=6.15 file_getattr=6.17 file_setattr=6.17 listns=6.19 ' +
  'rseq_slice_yield=7.0 riscv_hwprobe=6.4 uretprobe=6.11 uprobe=6.18';

/** The 64-bit time calls of 32-bit architectures, numbers 403 to 423, came together in Linux 5.1. */
const time64 = /_time64$|^(clock_gettime|clock_settime|clock_adjtime|timerfd?_[gs]ettime)64$/;

let sinceByName: ReadonlyMap<string, KernelVersion> | undefined;

function decode(): ReadonlyMap<string, KernelVersion> {
  const since = new Map<string, KernelVersion>();
  for (const entry of `${versions.trim()} ${newer}`.split(/\s/)) {
    const equals = entry.indexOf('=');
    const dot = entry.indexOf('.', equals);
    since.set(entry.slice(0, equals), {
      major: Number(entry.slice(equals + 1, dot)),
      minor: Number(entry.slice(dot + 1)),
    });
  }
  return since;
}

/**
 * The kernel that introduced `name`, undefined for a call older than Linux 3.0 or of an unrecorded version. A call may
 * have come to one architecture later than to another; this is the first.
 */
export function syscallSince(name: string): KernelVersion | undefined {
  sinceByName ??= decode();
  return sinceByName.get(name) ?? (time64.test(name) ? { major: 5, minor: 1 } : undefined);
}
