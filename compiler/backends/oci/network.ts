import { evaluate } from '../../expressions/evaluate.ts';
import { containsNetwork, parseNetwork } from '../../expressions/network.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';

const loopbacks = [parseNetwork('127.0.0.0/8')!, parseNetwork('::1/128')!];

/**
 * What network the container gets. `none`: nothing is to be reached, a namespace of its own. `loopback`: only itself is,
 * the same namespace, in which the runtime brings `lo` up. `host`: anything else.
 */
export type Network = 'none' | 'loopback' | 'host';

export function networkOf(policy: Policy): Network {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined) return 'host';
  const away: Decision = {
    ...decision,
    rules: decision.rules.map((rule) => ({ ...rule, when: withoutLoopback(rule.when) })),
  };
  const outgoing = ['connect', 'send'] as const;
  if (outgoing.some((operation) => mayPass(away, operation))) return 'host';
  if (outgoing.some((operation) => mayPass(decision, operation))) return 'loopback';
  return mayPass(decision, 'bind') ? 'host' : 'none';
}

/** True unless every TCP and UDP call of the operation is surely refused. */
function mayPass(decision: Decision, operation: string): boolean {
  return ['tcp', 'udp'].some((protocol) => {
    const verdict = decide(decision, known({ operation, protocol, outside: true }));
    return verdict === undefined || verdict.effect.kind !== 'deny';
  });
}

function allowsAll(decision: Decision): boolean {
  return ['tcp', 'udp'].every((protocol) =>
    ['bind', 'connect', 'send'].every(
      (operation) => decide(decision, known({ operation, protocol, outside: true }))?.effect.kind === 'allow',
    ),
  );
}

function known(values: Readonly<Record<string, string | boolean>>) {
  return { attribute: (name: string) => values[name], parameter: () => undefined };
}

/** The predicate for addresses that are not loopback: a block inside loopback holds none of them. */
function withoutLoopback(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind, of: predicate.of.map(withoutLoopback) };
    case 'not':
      return { kind: 'not', of: withoutLoopback(predicate.of) };
    case 'in-network': {
      const network = parseNetwork(predicate.network);
      const inside = network !== undefined && loopbacks.some((loopback) => containsNetwork(loopback, network));
      return inside ? { kind: 'constant', value: false } : predicate;
    }
    case 'constant':
    case 'compare':
    case 'in-set':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
      return predicate;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

/** What the choice of network does for each rule of the `socket` decision. */
export function networkCoverage(policy: Policy, network: Network): readonly Coverage[] {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined) return [];
  const own = 'a network namespace of its own';
  const covered = decision.rules.map((rule): Coverage => {
    const abstract =
      evaluate(rule.when, known({ protocol: 'tcp' })) === false &&
      evaluate(rule.when, known({ protocol: 'udp' })) === false;
    if (rule.effect.kind === 'allow') {
      if (network !== 'none') return narrowness(rule.id, rule.when, network);
      return { rule: rule.id, status: 'partial', enforced: own, lost: 'what it allows cannot be reached from there' };
    }
    // The abstract name space of sockets belongs to the network namespace (unix(7)).
    if (network !== 'host' && abstract) return { rule: rule.id, status: 'full', enforced: own };
    if (network === 'host') return { rule: rule.id, status: 'none', lost: 'the network of the host is shared' };
    return { rule: rule.id, status: 'partial', enforced: own, lost: 'inside it, loopback is open' };
  });
  const { id, effect } = decision.otherwise;
  if (effect.kind !== 'deny') return [...covered, { rule: id, status: 'full', enforced: 'the network of the host' }];
  const rest: Coverage = allowsAll(decision)
    ? { rule: id, status: 'full', enforced: 'nothing is left to refuse' }
    : network === 'host'
      ? { rule: id, status: 'none', lost: 'the network of the host is shared' }
      : network === 'loopback'
        ? { rule: id, status: 'full', enforced: `${own}, with \`lo\` only` }
        : { rule: id, status: 'partial', enforced: own, lost: 'inside it, loopback is open' };
  return [...covered, rest];
}

function narrowness(rule: string, when: Predicate, network: Network): Coverage {
  const free = ['tcp', 'udp'].every((protocol) =>
    ['bind', 'connect', 'send'].every((operation) => {
      const held = evaluate(
        network === 'loopback' ? onLoopback(when) : when,
        known({ protocol, operation, outside: true }),
      );
      return held !== undefined;
    }),
  );
  return free
    ? { rule, status: 'full', enforced: network === 'host' ? 'the network of the host' : 'a namespace with `lo` only' }
    : { rule, status: 'none', lost: 'a network namespace has no conditions on addresses and ports' };
}

/** In a namespace with `lo` only every address that answers is loopback. */
function onLoopback(predicate: Predicate): Predicate {
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    return { kind: predicate.kind, of: predicate.of.map(onLoopback) };
  }
  if (predicate.kind === 'not') return { kind: 'not', of: onLoopback(predicate.of) };
  if (predicate.kind !== 'in-network') return predicate;
  const network = parseNetwork(predicate.network);
  const whole = network !== undefined && loopbacks.some((loopback) => containsNetwork(network, loopback));
  return whole ? { kind: 'constant', value: true } : predicate;
}
