import type { Limit } from '../../ir/policy.ts';

/** One assignment of a systemd unit (systemd.resource-control(5), systemd.exec(5), systemd.service(5)). */
export interface Directive {
  readonly line: string;
  readonly limit: Limit;
}

/** The assignments of the `[Service]` section that hold the limits; none for a limit that systemd has no word for. */
export function directives(limits: readonly Limit[]): readonly Directive[] {
  return limits.flatMap((limit) => linesOf(limit).map((line) => ({ line, limit })));
}

function linesOf({ resource, ceiling }: Limit): readonly string[] {
  const amount = ceiling.amount === Number.POSITIVE_INFINITY ? 'infinity' : String(ceiling.amount);
  switch (resource) {
    case 'memory':
      return [`MemoryMax=${amount}`, `MemorySwapMax=${amount === 'infinity' ? amount : '0'}`];
    case 'cpu':
      return [`CPUQuota=${amount === 'infinity' ? '' : `${percent(ceiling.amount)}%`}`];
    case 'pids':
      return [`TasksMax=${amount}`];
    case 'timeout':
      return [`RuntimeMaxSec=${amount === 'infinity' ? amount : `${amount}ms`}`];
    case 'disk':
      return [];
    default:
      // A bare number is in setrlimit(2)'s own unit: bytes, seconds for LimitCPU=, microseconds for LimitRTTIME=.
      return [`Limit${resource.slice('rlimit:'.length).toUpperCase()}=${amount}`];
  }
}

/** systemd counts hundredths of a percent; less than one of them is one. */
function percent(cpus: number): number {
  return Math.max(Math.round(cpus * 10_000), 1) / 100;
}
