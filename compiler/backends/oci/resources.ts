import type { Limit, Policy } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';
import { cpuBandwidth } from '../cgroup/files.ts';

/** `linux.resources`, undefined where the policy limits nothing that it counts. */
export function linuxResources(policy: Policy) {
  const memory = ceiling(policy, 'memory');
  const cpu = ceiling(policy, 'cpu');
  const pids = ceiling(policy, 'pids');
  if (memory === undefined && cpu === undefined && pids === undefined) return undefined;
  const bandwidth = cpu === undefined ? undefined : cpuBandwidth(cpu);
  return {
    // `swap` is memory and swap together in the specification; -1 and 0 are unlimited for memory and pids.
    ...(memory === undefined ? {} : { memory: { limit: finite(memory), swap: finite(memory) } }),
    ...(bandwidth === undefined ? {} : { cpu: { quota: bandwidth.quota ?? -1, period: bandwidth.period } }),
    ...(pids === undefined ? {} : { pids: { limit: pids === Number.POSITIVE_INFINITY ? -1 : pids } }),
  };
}

const infinite = (1n << 64n) - 1n;

/** `process.rlimits`: what the policy names, and RLIMIT_FSIZE for the disk limit where that is the smaller. */
export function processRlimits(policy: Policy) {
  const ceilings = new Map<string, number>();
  for (const { resource, ceiling } of policy.limits) {
    const name = resource === 'disk' ? 'fsize' : resource.startsWith('rlimit:') ? resource.slice('rlimit:'.length) : '';
    if (name !== '') ceilings.set(name, Math.min(ceiling.amount, ceilings.get(name) ?? Number.POSITIVE_INFINITY));
  }
  return [...ceilings].sort().map(([name, amount]) => {
    const value = amount === Number.POSITIVE_INFINITY ? infinite : BigInt(amount);
    return { type: `RLIMIT_${name.toUpperCase()}`, hard: value, soft: value };
  });
}

export function limitCoverage({ id, resource }: Limit): Coverage {
  switch (resource) {
    case 'memory':
    case 'cpu':
    case 'pids':
      return { rule: id, status: 'full', enforced: `linux.resources.${resource}` };
    case 'disk':
      return {
        rule: id,
        status: 'partial',
        enforced: 'files of more than the limit are refused (rlimit fsize)',
        lost: 'many small files',
      };
    case 'timeout':
      return { rule: id, status: 'none', lost: 'an OCI runtime has no clock' };
    default:
      return { rule: id, status: 'full', enforced: 'process.rlimits' };
  }
}

function ceiling(policy: Policy, resource: Limit['resource']): number | undefined {
  return policy.limits.find((limit) => limit.resource === resource)?.ceiling.amount;
}

function finite(amount: number): number {
  return amount === Number.POSITIVE_INFINITY ? -1 : amount;
}
