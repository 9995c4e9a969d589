import type { Environment } from '../../expressions/evaluate.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision } from '../../ir/policy.ts';

export type PortOperation = 'bind' | 'connect';

/** Consecutive TCP ports for which the policy gives one answer; `address`: it depends on the address. */
export interface PortCell {
  readonly low: number;
  readonly high: number;
  readonly verdict: 'allow' | 'deny' | 'address';
}

const highestPort = 65535;

/** The policy's answers for one TCP operation, over all ports in ascending order, neighbours of one verdict joined. */
export function portCells(decision: Decision, operation: PortOperation): readonly PortCell[] {
  const starts = new Set<number>([0]);
  for (const rule of decision.rules) collectStarts(rule.when, starts);
  const sorted = [...starts].filter((port) => port >= 0 && port <= highestPort).sort((a, b) => a - b);
  const cells: PortCell[] = [];
  sorted.forEach((low, index) => {
    const high = (sorted[index + 1] ?? highestPort + 1) - 1;
    const effect = decide(decision, tcpEnvironment(operation, low))?.effect.kind;
    const verdict = effect === undefined ? 'address' : effect === 'allow' || effect === 'log' ? 'allow' : 'deny';
    const last = cells.at(-1);
    if (last?.verdict === verdict) cells[cells.length - 1] = { low: last.low, high, verdict };
    else cells.push({ low, high, verdict });
  });
  return cells;
}

/** A TCP call to a known port at an unknown address. */
export function tcpEnvironment(operation: PortOperation, port: number): Environment {
  return environmentOf({ operation, protocol: 'tcp', port: BigInt(port), outside: true });
}

/** Attributes that are not listed are unknown. */
export function environmentOf(known: Readonly<Record<string, Value>>): Environment {
  return { attribute: (name) => (Object.hasOwn(known, name) ? known[name] : undefined), parameter: () => undefined };
}

/** Every port at which a comparison of the predicate may change its answer. */
function collectStarts(predicate: Predicate, starts: Set<number>): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) collectStarts(operand, starts);
      return;
    case 'not':
      collectStarts(predicate.of, starts);
      return;
    case 'in-ranges':
      for (const { low, high } of predicate.ranges) {
        starts.add(Number(low));
        starts.add(Number(high) + 1);
      }
      return;
    case 'compare':
      for (const term of [predicate.left, predicate.right]) {
        if (term.kind === 'mask') {
          for (let port = 0; port <= highestPort; port += 1) starts.add(port);
        } else if (term.kind === 'literal' && typeof term.value === 'bigint') {
          starts.add(Number(term.value));
          starts.add(Number(term.value) + 1);
        }
      }
      return;
    case 'constant':
    case 'in-set':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return;
    default:
      predicate satisfies never;
  }
}
