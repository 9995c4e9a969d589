import { type Decision, decisionAt, type Policy } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { syscallNumber } from '../tables/syscalls.ts';
import type { Coverage } from './backend.ts';
import { refusesCall } from './refused-calls.ts';

/** The calls without which a program has nothing of an interface: io_uring(7), epoll(7). */
const callsOf: Readonly<Record<string, readonly string[]>> = {
  uring: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
  epoll: ['epoll_create1', 'epoll_ctl', 'epoll_pwait'],
};

/**
 * What a filter makes of `performance.io_mode`. Which interface a program uses it decides itself; a sandbox can let it, or
 * stand in its way.
 *
 * @param mode `uring` or `epoll`
 */
export function ioModeCoverage(
  rule: string,
  mode: string,
  policy: Policy,
  architectures: readonly Architecture[],
): Coverage {
  const decision = decisionAt(policy, 'syscall');
  const calls = callsOf[mode] ?? [];
  const refused = calls.filter((name) => architectures.some((each) => isRefused(decision, each, name)));
  if (refused.length > 0) {
    return { rule, status: 'none', lost: `the policy refuses ${refused.join(', ')}: allow what ${mode} is made of` };
  }
  const who = decision === undefined ? 'no filter stands in its way' : `the filter lets ${calls.join(', ')} pass`;
  return { rule, status: 'full', enforced: `${who}; the program chooses` };
}

function isRefused(decision: Decision | undefined, architecture: Architecture, name: string): boolean {
  return syscallNumber(architecture, name) !== undefined && refusesCall(decision, [architecture], name);
}
