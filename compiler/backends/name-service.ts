import { evaluate } from '../expressions/evaluate.ts';
import type { Policy, Rule } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { refusesSocket } from './refused-calls.ts';

const afUnix = 1n;

/** Whether the rule refuses name service: port 53, and not the ports beside it. */
export function refusesNames({ when, effect }: Rule): boolean {
  const at = (port: bigint) => {
    const values: Readonly<Record<string, string | bigint | boolean>> = {
      protocol: 'udp',
      operation: 'send',
      outside: true,
      port,
    };
    return evaluate(when, { attribute: (name) => values[name], parameter: () => undefined });
  };
  return effect.kind === 'deny' && at(53n) === true && at(54n) === false;
}

/**
 * How names are still looked up from a network namespace of one's own: undefined where no UNIX socket can be made. Such
 * a socket is found by its path, which no namespace of networks hides, and Landlock leaves connect(2) on it alone before
 * ABI 9 (landlock(7), "Current limitations").
 */
export function nameServiceLoss(policy: Policy, architectures: readonly Architecture[]): string | undefined {
  return refusesSocket(policy, architectures, { arg0: afUnix })
    ? undefined
    : 'name services on UNIX sockets (nscd, systemd-resolved) stay reachable; let the filter refuse AF_UNIX';
}
