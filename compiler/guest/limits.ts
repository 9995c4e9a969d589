import { networkIsolation } from '../backends/network-isolation.ts';
import { decide } from '../ir/evaluate.ts';
import { decisionAt, type Limit, type Policy } from '../ir/policy.ts';
import type { Meter } from './guard/meter.ts';

/** How many descriptors a guest may have where the policy says nothing, and the most that a policy may ask for. */
const usualDescriptors = 128;
const mostDescriptors = 1024;

/** Bytes of a page of WebAssembly memory. */
const pageBytes = 65_536;
/** The most pages that 32 bits address. */
const mostPages = 65_536;

/**
 * The units of fuel for each nanosecond of the policy's time: more than any processor gets through, so that the clock
 * decides first. A call that the guard refuses costs thousands of them and takes ten nanoseconds.
 */
const unitsPerNanosecond = 1024n;
/** What fits into the guard's count. */
const mostFuel = (1n << 63n) - 1n;

/** The units after which the clock is read, each of which stands for 256 instructions at most. */
const quantum = 1 << 17;

/** How many open descriptors the policy lets a guest have. */
export function descriptorCount(policy: Policy): number {
  const limit = limitOf(policy, 'rlimit:nofile');
  return limit === undefined ? usualDescriptors : Math.max(3, Math.min(mostDescriptors, limit.ceiling.amount));
}

/** How many pages of memory the policy lets a guest have. */
export function mostMemoryPages(policy: Policy): number {
  const limit = limitOf(policy, 'memory');
  return limit === undefined ? mostPages : Math.min(mostPages, Math.floor(limit.ceiling.amount / pageBytes));
}

/**
 * How the guest's time is held; undefined where the policy sets none.
 *
 * @param fuel the units of the whole run, where the caller sets them: one for each call and each turn of a loop, and one
 * more for each 256 instructions therein and each 256 bytes or elements that a bulk instruction moves (metering/plan.ts)
 */
export function meterOf(policy: Policy, fuel?: bigint): Meter | undefined {
  const limit = limitOf(policy, 'timeout');
  const milliseconds = limit?.ceiling.amount ?? Number.POSITIVE_INFINITY;
  if (milliseconds === Number.POSITIVE_INFINITY) {
    return fuel === undefined ? undefined : { quantum, fuel, nanoseconds: undefined };
  }
  const nanoseconds = BigInt(milliseconds) * 1_000_000n;
  const enough = nanoseconds * unitsPerNanosecond;
  return { quantum, fuel: fuel ?? (enough < mostFuel ? enough : mostFuel), nanoseconds };
}

/**
 * Whether a guest may use the sockets that its host has opened for it. It cannot see their addresses, so it may where
 * the policy leaves the network as it is and allows what it does without knowing them.
 */
export function allowsSockets(policy: Policy): boolean {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined) return true;
  if (networkIsolation(decision) !== 'shared') return false;
  const attributes: Readonly<Record<string, string | boolean>> = { operation: 'bind', protocol: 'tcp', outside: true };
  const verdict = decide(decision, { attribute: (name) => attributes[name], parameter: () => undefined });
  return verdict?.effect.kind === 'allow' || verdict?.effect.kind === 'log';
}

function limitOf(policy: Policy, resource: Limit['resource']): Limit | undefined {
  return policy.limits.find((limit) => limit.resource === resource);
}
