import { evaluate } from '../../expressions/evaluate.ts';
import type { Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision } from '../../ir/policy.ts';

/** What a policy lets a program reach over the network. */
export type Reach = 'outside' | 'loopback' | 'nothing';

/** Whether the policy lets anything outside the machine's own loopback be reached, by asking it about addresses. */
export function reachable(decision: Decision | undefined): Reach {
  if (decision === undefined) return 'outside';
  const mentioned: string[] = [];
  mentionedValues(decision.rules, (key, value) => {
    if (key === 'network' && typeof value === 'string') mentioned.push(value.split('/')[0]!);
  });
  const isOwn = (address: string) => address.startsWith('127.') || address === '::1';
  const outside = ['8.8.8.8', '10.1.2.3', '2606:4700::1111', ...mentioned.filter((address) => !isOwn(address))];
  if (outside.some((address) => passes(decision, address))) return 'outside';
  return ['127.0.0.1', '::1', ...mentioned.filter(isOwn)].some((address) => passes(decision, address))
    ? 'loopback'
    : 'nothing';
}

/** Whether anything can be sent to an address, at one of the ports that the rules for it mention or a usual one. */
function passes(decision: Decision, address: string): boolean {
  const known: Record<string, Value> = { address, outside: true };
  const environment = { attribute: (name: string) => known[name], parameter: () => undefined };
  // What does not hold for the address, whatever the rest, need not be asked again for each port.
  const rules = decision.rules.filter((rule) => evaluate(rule.when, environment) !== false);
  const ports = new Set([1n, 53n, 80n, 443n, 65_535n]);
  mentionedValues(rules, (_, value) => {
    if (typeof value !== 'bigint') return;
    for (const port of [value - 1n, value, value + 1n]) if (port >= 0n && port < 65_536n) ports.add(port);
  });
  const asked = { ...decision, rules };
  for (known.protocol of ['tcp', 'udp']) {
    for (known.operation of ['connect', 'send']) {
      for (known.port of ports) if (allows(asked, known)) return true;
    }
  }
  return false;
}

/** Whether the decision lets an action pass. */
export function allows(decision: Decision, known: Readonly<Record<string, Value>>): boolean {
  const effect = decide(decision, { attribute: (name) => known[name], parameter: () => undefined })?.effect.kind;
  return effect === undefined || effect === 'allow' || effect === 'log';
}

/** Every text and number in the conditions of rules, with the key that it has there. */
export function mentionedValues(of: unknown, found: (key: string, value: unknown) => void, key = ''): void {
  if (Array.isArray(of)) for (const each of of) mentionedValues(each, found, key);
  else if (typeof of !== 'object' || of === null) found(key, of);
  else {
    for (const [name, value] of Object.entries(of)) {
      if (name !== 'origin' && name !== 'merged') mentionedValues(value, found, name);
    }
  }
}
