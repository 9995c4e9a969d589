import { parseNetwork } from '../../expressions/network.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision } from '../../ir/policy.ts';

/** What a network namespace of its own can do for a `socket` decision. */
export type NetworkIsolation =
  /** Nothing: some address outside may be reached. */
  | 'shared'
  /** Only the sandbox's own loopback interface may be reached. */
  | 'loopback'
  /** Nothing may be reached. */
  | 'empty';

/**
 * Asks the decision about every cell of addresses and ports between which its answer can change: the ends of each block
 * it names, and the addresses beside them. Binding reaches nobody and does not count.
 */
export function networkIsolation(decision: Decision | undefined): NetworkIsolation {
  if (decision === undefined) return 'shared';
  const addresses = new Set(['127.0.0.1', '::1', '192.0.2.1', '2001:db8::1']);
  const ports = new Set<bigint>([0n]);
  for (const rule of decision.rules) collect(rule.when, addresses, ports);
  let loopback = false;
  for (const protocol of ['tcp', 'udp']) {
    for (const operation of ['connect', 'send']) {
      for (const address of addresses) {
        const own = isLoopback(address);
        if (own && loopback) continue;
        for (const port of ports) {
          if (!mayPass(decision, { protocol, operation, address, port, outside: true })) continue;
          if (!own) return 'shared';
          loopback = true;
          break;
        }
      }
    }
  }
  return loopback ? 'loopback' : 'empty';
}

function mayPass(decision: Decision, known: Readonly<Record<string, Value>>): boolean {
  const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
  return verdict === undefined || verdict.effect.kind === 'allow' || verdict.effect.kind === 'log';
}

const loopbackNetworks = [parseNetwork('127.0.0.0/8')!, parseNetwork('::1/128')!];

function isLoopback(address: string): boolean {
  const { family, bits } = parseNetwork(address)!;
  return loopbackNetworks.some((network) => {
    const beyond = BigInt((family === 4 ? 32 : 128) - network.prefix);
    return network.family === family && bits >> beyond === network.bits >> beyond;
  });
}

function collect(predicate: Predicate, addresses: Set<string>, ports: Set<bigint>): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) collect(operand, addresses, ports);
      return;
    case 'not':
      collect(predicate.of, addresses, ports);
      return;
    case 'in-network':
      addEnds(predicate.network, addresses);
      return;
    case 'in-ranges':
      for (const { low, high } of predicate.ranges) addPorts([low, high + 1n], ports);
      return;
    case 'compare':
      for (const term of [predicate.left, predicate.right]) {
        if (term.kind === 'literal' && typeof term.value === 'bigint') addPorts([term.value, term.value + 1n], ports);
        if (term.kind === 'literal' && typeof term.value === 'string') addEnds(term.value, addresses);
        // A masked port may change its answer at any port.
        if (term.kind === 'mask') for (let port = 0n; port <= 65_535n; port += 1n) ports.add(port);
      }
      return;
    case 'in-set':
      for (const value of predicate.values) addEnds(value, addresses);
      return;
    case 'constant':
    case 'beneath':
    case 'glob':
      return;
    default: {
      predicate satisfies never;
    }
  }
}

function addPorts(values: readonly bigint[], ports: Set<bigint>): void {
  for (const value of values) if (value <= 65_535n) ports.add(value);
}

/** The first and the last address of a block, and those just outside; nothing for a text that is no block. */
function addEnds(text: string, addresses: Set<string>): void {
  const network = parseNetwork(text);
  if (network === undefined) return;
  const width = network.family === 4 ? 32n : 128n;
  const size = 1n << (width - BigInt(network.prefix));
  for (const bits of [network.bits - 1n, network.bits, network.bits + size - 1n, network.bits + size]) {
    if (bits >= 0n && bits < 1n << width) addresses.add(addressText(network.family, bits));
  }
}

function addressText(family: 4 | 6, bits: bigint): string {
  const parts = family === 4 ? 4 : 8;
  const width = family === 4 ? 8n : 16n;
  const values = Array.from({ length: parts }, (_, index) =>
    ((bits >> (BigInt(parts - 1 - index) * width)) & ((1n << width) - 1n)).toString(family === 4 ? 10 : 16),
  );
  return values.join(family === 4 ? '.' : ':');
}
