import type { Limit, Quantity } from '../../ir/policy.ts';

/** A file of a control group and the text to write to it. */
export interface ControlFile {
  readonly name: string;
  readonly text: string;
}

/** cpu.max's default period, in microseconds. */
const usualPeriod = 100_000;
/** The longest period and the shortest quota that the kernel takes, in microseconds (kernel/sched/core.c). */
const longestPeriod = 1_000_000;
const shortestQuota = 1_000;

/** Processor time per period, both in microseconds; a quota undefined is no limit. */
export function cpuBandwidth(cpus: number): { readonly quota: number | undefined; readonly period: number } {
  if (cpus === Number.POSITIVE_INFINITY) return { quota: undefined, period: usualPeriod };
  const period = cpus * usualPeriod < shortestQuota ? longestPeriod : usualPeriod;
  return { quota: Math.max(Math.round(cpus * period), shortestQuota), period };
}

/**
 * The files of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst) for one limit, none for a resource that no
 * controller counts. Swap is refused, so that the memory limit is the limit of both together.
 */
export function filesV2({ resource, ceiling }: Limit): readonly ControlFile[] {
  switch (resource) {
    case 'memory':
      return [
        { name: 'memory.max', text: amountV2(ceiling) },
        { name: 'memory.swap.max', text: ceiling.amount === Number.POSITIVE_INFINITY ? 'max' : '0' },
      ];
    case 'cpu': {
      const { quota, period } = cpuBandwidth(ceiling.amount);
      return [{ name: 'cpu.max', text: `${quota ?? 'max'} ${period}` }];
    }
    case 'pids':
      return [{ name: 'pids.max', text: amountV2(ceiling) }];
    default:
      return [];
  }
}

/**
 * The same for cgroup v1, in the order in which they are written: the kernel refuses a memory limit above the limit of
 * memory and swap together, and a quota is checked against the period that is there.
 */
export function filesV1({ resource, ceiling }: Limit): readonly ControlFile[] {
  switch (resource) {
    case 'memory': {
      const text = ceiling.amount === Number.POSITIVE_INFINITY ? '-1' : String(ceiling.amount);
      return [
        { name: 'memory.limit_in_bytes', text },
        { name: 'memory.memsw.limit_in_bytes', text },
      ];
    }
    case 'cpu': {
      const { quota, period } = cpuBandwidth(ceiling.amount);
      return [
        { name: 'cpu.cfs_period_us', text: String(period) },
        { name: 'cpu.cfs_quota_us', text: String(quota ?? -1) },
      ];
    }
    case 'pids':
      return [{ name: 'pids.max', text: amountV2(ceiling) }];
    default:
      return [];
  }
}

function amountV2({ amount }: Quantity): string {
  return amount === Number.POSITIVE_INFINITY ? 'max' : String(amount);
}
