import { type Condition, visitConditions } from '../expressions/conditions.ts';
import { evaluate } from '../expressions/evaluate.ts';
import { parseNetwork } from '../expressions/network.ts';
import type { Predicate } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision } from '../ir/policy.ts';

/**
 * Whether the policy lets anything outside be reached by TCP or UDP: asked at an address of nobody, and at the corners of
 * every block and port that a rule names. Where it does not, a network of its own refuses nothing that is allowed.
 */
export function reachesOutside(decision: Decision | undefined): boolean {
  if (decision === undefined) return true;
  const corners: Corners = { addresses: new Set(['198.51.100.7', '2001:db8::7']), ports: new Set([9n]), leaves: [] };
  for (const rule of decision.rules) visitConditions(rule.when, (condition) => addCorners(condition, corners));
  const asked = new Set<string>();
  const allows = decision.rules.filter(({ effect }) => effect.kind !== 'deny');
  for (const operation of ['connect', 'send']) {
    for (const protocol of ['tcp', 'udp']) {
      const way = corners.leaves.map((leaf) =>
        evaluate(leaf, {
          attribute: (name) => (name === 'operation' ? operation : name === 'protocol' ? protocol : undefined),
          parameter: () => undefined,
        }),
      );
      if (asked.has(way.join())) continue;
      asked.add(way.join());
      for (const address of corners.addresses) {
        const ask = (port: bigint | undefined, rules = decision.rules) => {
          const known: Readonly<Record<string, string | bigint | boolean | undefined>> = {
            operation,
            protocol,
            address,
            port,
            outside: true,
          };
          return decide({ ...decision, rules }, { attribute: (name) => known[name], parameter: () => undefined });
        };
        // Without the rules that deny, and at any port: most addresses are settled by that.
        if (ask(undefined, allows)?.effect.kind === 'deny') continue;
        for (const port of corners.ports) if (ask(port)?.effect.kind !== 'deny') return true;
      }
    }
  }
  return false;
}

interface Corners {
  /** Outside the machine itself. */
  readonly addresses: Set<string>;
  readonly ports: Set<bigint>;
  /** Those that may tell protocols and operations apart. */
  readonly leaves: Predicate[];
}

function addCorners(condition: Condition, corners: Corners): void {
  switch (condition.kind) {
    case 'in-network':
      addBlock(condition.network, corners);
      return;
    case 'in-set':
      corners.leaves.push(condition);
      for (const value of condition.values) addBlock(value, corners);
      return;
    case 'in-ranges':
      for (const { low, high } of condition.ranges) addPorts(low, high, corners);
      return;
    case 'compare':
      corners.leaves.push(condition);
      for (const term of [condition.left, condition.right]) {
        if (term.kind !== 'literal') continue;
        if (typeof term.value === 'string') addBlock(term.value, corners);
        if (typeof term.value === 'bigint') addPorts(term.value, term.value, corners);
      }
      return;
    case 'glob':
      corners.leaves.push(condition);
      return;
    case 'beneath':
      return;
    default:
      condition satisfies never;
  }
}

function addPorts(low: bigint, high: bigint, { ports }: Corners): void {
  for (const port of [low - 1n, low, high, high + 1n]) if (port >= 0n && port <= 0xffffn) ports.add(port);
}

/** The first address of a block, its last, and those beside them. */
function addBlock(text: string, { addresses }: Corners): void {
  const network = parseNetwork(text);
  if (network === undefined) return;
  const width = network.family === 4 ? 32 : 128;
  const last = network.bits | ((1n << BigInt(width - network.prefix)) - 1n);
  for (const bits of [network.bits - 1n, network.bits, last, last + 1n]) {
    if (bits < 0n || bits >> BigInt(width) !== 0n || isLoopback(network.family, bits)) continue;
    const digits = bits.toString(16).padStart(width / 4, '0');
    const size = network.family === 6 ? 4 : 2;
    const parts: string[] = [];
    for (let at = 0; at < digits.length; at += size) {
      const part = digits.slice(at, at + size);
      parts.push(size === 4 ? part : String(Number.parseInt(part, 16)));
    }
    addresses.add(parts.join(size === 4 ? ':' : '.'));
  }
}

/** In 127.0.0.0/8, which IPv6 maps as well, or ::1. */
function isLoopback(family: number, bits: bigint): boolean {
  return family === 4 ? bits >> 24n === 127n : bits === 1n || bits >> 24n === 0xff_ff7fn;
}
