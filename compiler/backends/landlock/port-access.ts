import { type Condition, visitConditions } from '../../expressions/conditions.ts';
import type { Environment } from '../../expressions/evaluate.ts';
import type { Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision } from '../../ir/policy.ts';
import { mostPortRules } from './format.ts';

export type PortOperation = 'bind' | 'connect';

/** Consecutive TCP ports for which the policy gives one answer; `address`: it depends on the address. */
export interface PortCell {
  readonly low: number;
  readonly high: number;
  readonly verdict: 'allow' | 'deny' | 'address';
}

const highestPort = 65535;

/** What the policy asks of one TCP operation, over all ports. */
export interface PortDemand {
  /** In ascending order, cut wherever a rule could change its mind: the same rules hold throughout a cell. */
  readonly cells: readonly PortCell[];
  /** `unhandled` where every port may be allowed, or more than rules are written for. */
  readonly plan: 'unhandled' | 'too-many' | 'handled';
  /** Some port is allowed at some addresses only. */
  readonly needsAddresses: boolean;
}

/** A ruleset, its coverage and its diagnostics ask about the same decision, which never changes. */
const known = { bind: new WeakMap<Decision, PortDemand>(), connect: new WeakMap<Decision, PortDemand>() };

export function portDemand(decision: Decision, operation: PortOperation): PortDemand {
  let demand = known[operation].get(decision);
  if (demand === undefined) {
    demand = demandOf(decision, operation);
    known[operation].set(decision, demand);
  }
  return demand;
}

function demandOf(decision: Decision, operation: PortOperation): PortDemand {
  const starts = new Set<number>([0]);
  for (const rule of decision.rules) visitConditions(rule.when, (condition) => collectStarts(condition, starts));
  const sorted = [...starts].filter((port) => port >= 0 && port <= highestPort).sort((a, b) => a - b);
  let allowed = 0;
  let needsAddresses = false;
  const cells = sorted.map((low, index): PortCell => {
    const high = (sorted[index + 1] ?? highestPort + 1) - 1;
    const effect = decide(decision, tcpEnvironment(operation, low))?.effect.kind;
    const verdict = effect === undefined ? 'address' : effect === 'allow' || effect === 'log' ? 'allow' : 'deny';
    if (verdict !== 'deny') allowed += high - low + 1;
    if (verdict === 'address') needsAddresses = true;
    return { low, high, verdict };
  });
  const plan = allowed > highestPort ? 'unhandled' : allowed > mostPortRules ? 'too-many' : 'handled';
  return { cells, plan, needsAddresses };
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
function collectStarts(condition: Condition, starts: Set<number>): void {
  switch (condition.kind) {
    case 'in-ranges':
      for (const { low, high } of condition.ranges) {
        starts.add(Number(low));
        starts.add(Number(high) + 1);
      }
      return;
    case 'compare':
      for (const term of [condition.left, condition.right]) {
        if (term.kind === 'mask') {
          for (let port = 0; port <= highestPort; port += 1) starts.add(port);
        } else if (term.kind === 'literal' && typeof term.value === 'bigint') {
          starts.add(Number(term.value));
          starts.add(Number(term.value) + 1);
        }
      }
      return;
    case 'in-set':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return;
    default:
      condition satisfies never;
  }
}
