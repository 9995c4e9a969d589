import { type Condition, visitConditions } from '../expressions/conditions.ts';
import { evaluate } from '../expressions/evaluate.ts';
import { parseNetwork } from '../expressions/network.ts';
import type { Predicate, Value } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision } from '../ir/policy.ts';

/** What a network namespace of its own can do for a `socket` decision. */
export type NetworkIsolation =
  /** Nothing: some address outside may be reached. */
  | 'shared'
  /** Only the sandbox's own loopback interface may be reached. */
  | 'loopback'
  /** Nothing may be reached. */
  | 'empty';

/** Several backends ask about the same decision, which never changes. */
const known = new WeakMap<Decision, NetworkIsolation>();

/** What a network namespace can do; no `socket` decision leaves the network alone. */
export function networkIsolation(decision: Decision | undefined): NetworkIsolation {
  if (decision === undefined) return 'shared';
  let isolation = known.get(decision);
  if (isolation === undefined) {
    isolation = isolationOf(decision);
    known.set(decision, isolation);
  }
  return isolation;
}

/**
 * Asks the decision about every cell of addresses and ports between which its answer can change: the ends of each block
 * it names, and the addresses beside them. Binding reaches nobody and does not count.
 */
function isolationOf(decision: Decision): NetworkIsolation {
  const addresses = new Set(['192.0.2.1', '2001:db8::1', '127.0.0.1', '::1']);
  const ports = new Set<bigint>([0n]);
  const others: Predicate[] = [];
  for (const rule of decision.rules)
    visitConditions(rule.when, (condition) => collect(condition, addresses, ports, others));
  const asked = new Set<string>();
  let loopback = false;
  for (const protocol of ['tcp', 'udp']) {
    for (const operation of ['connect', 'send']) {
      // Most policies do not tell the four ways apart: each of those that they do is asked about once.
      const way = answers(others, { protocol, operation, outside: true });
      if (asked.has(way)) continue;
      asked.add(way);
      if (!mayAllow(decision, { protocol, operation, outside: true })) continue;
      for (const address of addresses) {
        const own = isLoopback(address);
        if (own && loopback) continue;
        if (!mayAllow(decision, { protocol, operation, address, outside: true })) continue;
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

/** What the leaves say that look at neither address nor port; `undefined` where one does after all. */
function answers(leaves: readonly Predicate[], known: Readonly<Record<string, Value>>): string {
  const environment = { attribute: (name: string) => known[name], parameter: () => undefined };
  return leaves.map((leaf) => evaluate(leaf, environment)).join();
}

/** False where no rule that lets something pass can hold, whatever is not known yet: there is no need to look closer. */
function mayAllow(decision: Decision, known: Readonly<Record<string, Value>>): boolean {
  if (passes(decision.otherwise)) return true;
  const environment = { attribute: (name: string) => known[name], parameter: () => undefined };
  return decision.rules.some((rule) => passes(rule) && evaluate(rule.when, environment) !== false);
}

function mayPass(decision: Decision, known: Readonly<Record<string, Value>>): boolean {
  const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
  return verdict === undefined || passes(verdict);
}

function passes({ effect }: Pick<Decision['otherwise'], 'effect'>): boolean {
  return effect.kind === 'allow' || effect.kind === 'log';
}

/** In 127.0.0.0/8 or ::1. */
function isLoopback(address: string): boolean {
  const { family, bits } = parseNetwork(address)!;
  return family === 4 ? bits >> 24n === 127n : bits === 1n;
}

/** Adds the corners of cells, and to `others` the leaves that make none. */
function collect(condition: Condition, addresses: Set<string>, ports: Set<bigint>, others: Predicate[]): void {
  switch (condition.kind) {
    case 'in-network':
      addEnds(condition.network, addresses);
      return;
    case 'in-ranges':
      for (const { low, high } of condition.ranges) addPorts([low, high + 1n], ports);
      return;
    case 'compare':
      others.push(condition);
      for (const term of [condition.left, condition.right]) {
        if (term.kind === 'literal' && typeof term.value === 'bigint') addPorts([term.value, term.value + 1n], ports);
        if (term.kind === 'literal' && typeof term.value === 'string') addEnds(term.value, addresses);
        // A masked port may change its answer at any port.
        if (term.kind === 'mask') for (let port = 0n; port <= 65_535n; port += 1n) ports.add(port);
      }
      return;
    case 'in-set':
      others.push(condition);
      for (const value of condition.values) addEnds(value, addresses);
      return;
    case 'glob':
      others.push(condition);
      return;
    case 'beneath':
      return;
    default: {
      condition satisfies never;
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
