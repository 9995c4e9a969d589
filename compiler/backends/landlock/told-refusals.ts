import type { Policy } from '../../ir/policy.ts';
import { liveTransitions } from '../seccomp/supervised.ts';
import type { LandlockMasks } from './ruleset.ts';

/** The first ABI whose refusals make audit records: Linux 6.15. */
const toldFrom = 7;

/** Whether something waits for what Landlock refuses the program, and the kernel tells of that: by audit records (landlock(7)). */
export function tellsRefusals(policy: Policy, { abi, handledPaths, handledPorts, scoped }: LandlockMasks): boolean {
  const refuses = handledPaths !== 0n || handledPorts !== 0n || scoped !== 0n;
  return abi >= toldFrom && refuses && liveTransitions(policy).some(({ event }) => event === 'policy_violation');
}
