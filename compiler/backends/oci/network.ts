import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';
import type { NetworkIsolation } from '../network-isolation.ts';

/**
 * What the choice of network does for each rule of the `socket` decision. A namespace of its own holds every rule, as the
 * launcher's does: the runtime brings nothing but `lo` up in it, and abstract Unix sockets belong to it (unix(7)).
 */
export function networkCoverage(policy: Policy, network: NetworkIsolation): readonly Coverage[] {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined) return [];
  const { rules, otherwise } = decision;
  if (network !== 'shared') {
    const enforced =
      network === 'loopback'
        ? 'a network namespace of its own, with `lo` only; AF_VSOCK is no part of it'
        : 'a network namespace of its own, in which there is nobody else to reach; AF_VSOCK is no part of it';
    return [...rules, otherwise].map(({ id }): Coverage => ({ rule: id, status: 'full', enforced }));
  }
  const covered = rules.map(({ id, when, effect }): Coverage => {
    if (effect.kind !== 'allow') return { rule: id, status: 'none', lost: 'the network of the host is shared' };
    return isUnconditional(when)
      ? { rule: id, status: 'full', enforced: 'the network of the host' }
      : { rule: id, status: 'none', lost: 'a network namespace has no conditions on addresses and ports' };
  });
  return [...covered, remainder(decision)];
}

function remainder(decision: Decision): Coverage {
  const { id, effect } = decision.otherwise;
  if (effect.kind !== 'deny') return { rule: id, status: 'full', enforced: 'the network of the host' };
  return allowsAll(decision)
    ? { rule: id, status: 'full', enforced: 'nothing is left to refuse' }
    : { rule: id, status: 'none', lost: 'the network of the host is shared' };
}

const protocols = ['tcp', 'udp'];
const operations = ['bind', 'connect', 'send'];

function allowsAll(decision: Decision): boolean {
  return protocols.every((protocol) =>
    operations.every((operation) => decide(decision, known(protocol, operation))?.effect.kind === 'allow'),
  );
}

/** True where addresses and ports do not matter to the predicate. */
function isUnconditional(when: Predicate): boolean {
  return protocols.every((protocol) =>
    operations.every((operation) => evaluate(when, known(protocol, operation)) !== undefined),
  );
}

function known(protocol: string, operation: string) {
  const values: Readonly<Record<string, string | boolean>> = { protocol, operation, outside: true };
  return { attribute: (name: string) => values[name], parameter: () => undefined };
}
