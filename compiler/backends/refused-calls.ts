import { decide } from '../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { syscallNumber } from '../tables/syscalls.ts';

/**
 * Whether no call of this name passes on the architectures that have it, given the arguments that are named; all others
 * may be anything. Without a decision nothing is refused.
 *
 * @param known arguments by attribute, such as `arg2`
 */
export function refusesCall(
  decision: Decision | undefined,
  architectures: readonly Architecture[],
  name: string,
  known: Readonly<Record<string, bigint>> = {},
): boolean {
  if (decision === undefined) return false;
  return architectures
    .filter((architecture) => syscallNumber(architecture, name) !== undefined)
    .every((architecture) => {
      const values: Readonly<Record<string, bigint | string | boolean>> = {
        ...known,
        arch: architecture,
        syscall: name,
        newer: false,
      };
      const verdict = decide(decision, { attribute: (each) => values[each], parameter: () => undefined });
      if (verdict === undefined) return false;
      const { kind } = verdict.effect;
      return (
        kind === 'errno' || kind === 'deny' || kind === 'trap' || kind === 'kill-thread' || kind === 'kill-process'
      );
    });
}

/**
 * Whether no socket can be made with these arguments. socketcall(2) hides them behind a pointer and io_uring makes
 * sockets that no filter sees (IORING_OP_SOCKET, Linux 5.19), so both must be refused. The kernel takes the arguments as
 * `int`, whatever their upper halves.
 */
export function refusesSocket(
  policy: Policy,
  architectures: readonly Architecture[],
  known: Readonly<Record<string, bigint>>,
): boolean {
  const decision = decisionAt(policy, 'syscall');
  const wide = Object.fromEntries(Object.entries(known).map(([name, value]) => [name, value | (1n << 32n)]));
  return (
    refusesHidden(decision, architectures) &&
    [known, wide].every((values) => refusesCall(decision, architectures, 'socket', values))
  );
}

/** Whether no call reaches the socket layer whose arguments a filter cannot see. */
export function refusesHidden(decision: Decision | undefined, architectures: readonly Architecture[]): boolean {
  return ['io_uring_setup', 'socketcall'].every((name) => refusesCall(decision, architectures, name));
}
