import type { KernelVersion } from '../../target.ts';
import type { ProgramKind } from './program-kind.ts';

interface HelperFacts {
  /** BPF_FUNC_* of linux/bpf.h. */
  readonly number: number;
  /** The kernel that first had it. */
  readonly since: readonly [major: number, minor: number];
  /** How many of the registers r1 to r5 it reads. */
  readonly parameters: number;
  /** Absent, every kind of program may call it. */
  readonly only?: readonly ProgramKind[];
}

const lsm: readonly ProgramKind[] = ['lsm', 'lsm-cgroup'];

/** The helpers that programs call. Source: linux/bpf.h, bpf-helpers(7), and the `*_func_proto` functions of Linux 6.1. */
const facts = {
  map_lookup_elem: { number: 1, since: [3, 19], parameters: 2 },
  map_update_elem: { number: 2, since: [3, 19], parameters: 4 },
  ktime_get_ns: { number: 5, since: [4, 1], parameters: 0 },
  get_current_pid_tgid: { number: 14, since: [4, 2], parameters: 0, only: lsm },
  get_current_uid_gid: { number: 15, since: [4, 2], parameters: 0 },
  get_current_comm: { number: 16, since: [4, 2], parameters: 2, only: lsm },
  current_task_under_cgroup: { number: 37, since: [4, 9], parameters: 2, only: lsm },
  get_current_cgroup_id: { number: 80, since: [4, 18], parameters: 0 },
  probe_read_kernel: { number: 113, since: [5, 5], parameters: 3, only: lsm },
  probe_read_kernel_str: { number: 115, since: [5, 5], parameters: 3, only: lsm },
  ringbuf_output: { number: 130, since: [5, 8], parameters: 4 },
  d_path: { number: 147, since: [5, 10], parameters: 3, only: lsm },
  task_storage_get: { number: 156, since: [5, 11], parameters: 4, only: lsm },
  get_current_task_btf: { number: 158, since: [5, 11], parameters: 0, only: lsm },
  get_retval: { number: 186, since: [5, 18], parameters: 0, only: ['lsm-cgroup', 'socket-address'] },
  set_retval: { number: 187, since: [5, 18], parameters: 1, only: ['lsm-cgroup', 'socket-address'] },
} as const satisfies Readonly<Record<string, HelperFacts>>;

export type Helper = keyof typeof facts;

export const helperNumbers: Readonly<Record<Helper, number>> = Object.fromEntries(
  Object.entries(facts).map(([name, { number }]) => [name, number]),
) as Record<Helper, number>;

const byNumber = new Map<number, HelperFacts & { readonly name: string }>(
  Object.entries(facts).map(([name, each]) => [each.number, { name, ...each }]),
);

/** What is known of the helper with this number; undefined where no program of ours calls it. */
export function helperByNumber(number: number): (HelperFacts & { readonly name: string }) | undefined {
  return byNumber.get(number);
}

/** Whether programs of this kind may call it on this kernel. */
export function hasHelper(helper: HelperFacts, kind: ProgramKind, kernel: KernelVersion): boolean {
  const [major, minor] = helper.since;
  const there = kernel.major > major || (kernel.major === major && kernel.minor >= minor);
  return there && (helper.only === undefined || helper.only.includes(kind));
}
