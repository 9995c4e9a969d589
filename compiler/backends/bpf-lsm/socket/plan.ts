import { always, type Predicate, type Value } from '../../../expressions/predicate.ts';
import type { Decision, Effect, Enforceable, Rule } from '../../../ir/policy.ts';
import { specialise } from '../hook/specialise.ts';
import type { SocketCall } from '../program-kind.ts';

/** The protocols that a policy tells apart, and everything else that takes IP addresses. */
export const socketProtocols = ['tcp', 'udp', 'other'] as const;
export type SocketProtocol = (typeof socketProtocols)[number];

/** Numbers of protocols in a socket: netinet/in.h. Multipath TCP and lightweight UDP are what they stand for. */
export const protocolNumbers: Readonly<Record<Exclude<SocketProtocol, 'other'>, readonly number[]>> = {
  tcp: [6, 262],
  udp: [17, 136],
};

/** What a call asks the policy; it passes where all of it is allowed. */
export interface Question {
  readonly protocol: SocketProtocol;
  readonly operation: 'bind' | 'connect' | 'send';
  /** In order; the first whose predicate, over address and port, holds decides. The last one always holds. */
  readonly rules: readonly SocketRule[];
}

export interface SocketRule {
  readonly node: Enforceable;
  readonly when: Predicate;
  readonly passes: boolean;
}

/**
 * What the calls ask of each protocol. Whoever connects a datagram socket may then send without another call that a
 * program sees, so that both must be allowed.
 */
function operationsOf(call: SocketCall, protocol: SocketProtocol): readonly Question['operation'][] {
  switch (call) {
    case 'bind4':
    case 'bind6':
      return ['bind'];
    case 'connect4':
    case 'connect6':
      return protocol === 'tcp' ? ['connect'] : ['connect', 'send'];
    case 'sendmsg4':
    case 'sendmsg6':
      return ['send'];
    default: {
      const unreachable: never = call;
      return unreachable;
    }
  }
}

/**
 * What is to be asked at a call; nothing where all of TCP and UDP passes. What else takes IP addresses no policy names: it
 * is left alone where those are, and is like any other protocol that no rule speaks of where they are not.
 */
export function questionsOf(decision: Decision, call: SocketCall): readonly Question[] {
  const all = socketProtocols.flatMap((protocol) =>
    operationsOf(call, protocol).map((operation) => ({
      protocol,
      operation,
      rules: ask(decision, protocol, operation),
    })),
  );
  const passes = ({ protocol, rules }: Question) => protocol === 'other' || rules.every((rule) => rule.passes);
  return all.every(passes) ? [] : all;
}

function ask(decision: Decision, protocol: SocketProtocol, operation: Question['operation']): readonly SocketRule[] {
  const known: Record<string, Value> = { protocol, operation, outside: true };
  const rules: SocketRule[] = [];
  for (const rule of inOrder(decision)) {
    const when = specialise(rule.when, known);
    if (when.kind === 'constant' && !when.value) continue;
    rules.push({ node: rule, when, passes: isPassing(rule.effect) });
    if (when.kind === 'constant') return rules;
  }
  rules.push({ node: decision.otherwise, when: always, passes: isPassing(decision.otherwise.effect) });
  return rules;
}

/** The rules in an order in which the first that holds decides. */
function inOrder({ combine, rules }: Decision): readonly Rule[] {
  if (combine !== 'deny-overrides') return rules;
  return [...rules.filter(({ effect }) => !isPassing(effect)), ...rules.filter(({ effect }) => isPassing(effect))];
}

function isPassing(effect: Effect): boolean {
  return effect.kind === 'allow' || effect.kind === 'log';
}
