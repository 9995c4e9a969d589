import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision, Policy, Rule } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Coverage } from '../backend.ts';
import { environmentOf, type PortOperation, portDemand } from './port-access.ts';
import { portLeaks } from './port-leaks.ts';
import { asksScope, type LandlockMasks } from './ruleset.ts';

/** Something that becomes of a rule, on whatever ABI. */
type Finding =
  | { readonly kind: 'kept' | 'lost'; readonly what: string }
  /** The rules for ports hold it where the ABI has them, and then lose what depends on addresses. */
  | { readonly kind: 'port'; readonly operation: PortOperation; readonly losesAddresses: boolean }
  /** The scope of abstract sockets holds it where the ABI has that. */
  | { readonly kind: 'scope' };

/** Adds the answers for every rule about sockets on the ABI that is asked about. */
export function socketAnswers(
  decision: Decision,
  policy: Policy,
  architectures: readonly Architecture[],
): (masks: LandlockMasks, answers: Coverage[]) => void {
  const { rules, otherwise } = decision;
  const found = rules.map((rule) => ({ rule: rule.id, findings: ruleFindings(rule, decision, policy) }));
  const remaining = otherwise.effect.kind === 'deny' ? remainderFindings(decision, policy) : undefined;
  const leaks = leaksOf(policy, architectures);
  return (masks, answers) => {
    for (const { rule, findings } of found) answers.push(coverageOf(rule, findings, decision, masks, leaks));
    answers.push(
      remaining === undefined
        ? { rule: otherwise.id, status: 'full', enforced: 'nothing more is handled' }
        : coverageOf(otherwise.id, remaining, decision, masks, leaks),
    );
  };
}

/** What goes past the rules for ports, by operation. */
type Leaks = (operation: PortOperation) => readonly string[];

function leaksOf(policy: Policy, architectures: readonly Architecture[]): Leaks {
  const known = new Map<PortOperation, readonly string[]>();
  return (operation) => {
    const leaks = known.get(operation) ?? portLeaks(policy, architectures, operation);
    known.set(operation, leaks);
    return leaks;
  };
}

const protocols = ['tcp', 'udp', 'unix-abstract'] as const;
const operations = ['bind', 'connect', 'send'] as const;
type Protocol = (typeof protocols)[number];
type Operation = (typeof operations)[number];

const addresses = { kind: 'lost', what: 'addresses: Landlock sees only TCP ports' } as const;

function ruleFindings(rule: Rule, decision: Decision, policy: Policy): readonly Finding[] {
  const findings: Finding[] = [];
  for (const protocol of protocols) {
    for (const operation of operations) {
      const known = protocol === 'unix-abstract' ? { protocol, operation } : { protocol, operation, outside: true };
      const holds = evaluate(rule.when, environmentOf(known));
      if (holds === false) continue;
      if (rule.effect.kind !== 'allow') refusal(protocol, operation, decision, policy, findings);
      else if (holds === true) findings.push({ kind: 'kept', what: 'what it allows is left alone' });
      else if (protocol === 'udp') findings.push({ kind: 'lost', what: 'UDP: any address and port is allowed' });
      else if (protocol === 'unix-abstract') {
        findings.push({ kind: 'lost', what: 'abstract sockets: all are allowed' });
      } else {
        findings.push({ kind: 'port', operation: portOperation(operation), losesAddresses: false });
        if (mentionsAddress(rule.when)) findings.push(addresses);
      }
    }
  }
  return findings;
}

function remainderFindings(decision: Decision, policy: Policy): readonly Finding[] {
  const findings: Finding[] = [];
  for (const protocol of protocols) {
    for (const operation of operations) {
      const verdict = decide(decision, environmentOf({ protocol, operation, outside: true }))?.effect.kind;
      if (verdict === 'allow') continue;
      refusal(protocol, operation, decision, policy, findings);
      if (protocol !== 'unix-abstract') continue;
      const inside = decide(decision, environmentOf({ protocol, operation, outside: false }));
      if (inside?.effect.kind === 'deny') findings.push({ kind: 'lost', what: 'abstract sockets inside the sandbox' });
    }
  }
  return findings;
}

/** Adds whether Landlock refuses where the policy does. */
function refusal(
  protocol: Protocol,
  operation: Operation,
  decision: Decision,
  policy: Policy,
  findings: Finding[],
): void {
  switch (protocol) {
    case 'udp':
      findings.push({ kind: 'lost', what: 'UDP: Landlock does not see it' });
      return;
    case 'unix-abstract':
      if (operation === 'bind') return;
      findings.push(
        asksScope(policy, 'abstract_unix_socket')
          ? { kind: 'scope' }
          : { kind: 'lost', what: 'abstract sockets: only all of those outside can be refused' },
      );
      return;
    case 'tcp': {
      const right = portOperation(operation);
      findings.push({
        kind: 'port',
        operation: right,
        losesAddresses: portDemand(decision, right).needsAddresses,
      });
      return;
    }
    default:
      protocol satisfies never;
  }
}

function portOperation(operation: Operation): PortOperation {
  return operation === 'bind' ? 'bind' : 'connect';
}

/** Each sentence of what is kept and what is lost, once. */
function coverageOf(
  rule: string,
  findings: readonly Finding[],
  decision: Decision,
  { abi, handledPorts, scoped }: LandlockMasks,
  leaks: Leaks,
): Coverage {
  const kept = new Set<string>();
  const losses = new Set<string>();
  const passing = new Set<string>();
  for (const finding of findings) {
    switch (finding.kind) {
      case 'kept':
        kept.add(finding.what);
        break;
      case 'lost':
        losses.add(finding.what);
        break;
      case 'scope':
        if ((scoped & 1n) !== 0n) kept.add('the scope of abstract sockets');
        else losses.add(`abstract sockets: the scope needs ABI 6, the target has ${abi}`);
        break;
      case 'port': {
        const { operation, losesAddresses } = finding;
        if ((handledPorts & (operation === 'bind' ? 1n : 2n)) === 0n) {
          losses.add(unhandledReason(decision, operation, abi));
          break;
        }
        kept.add(`TCP ${operation} by port`);
        for (const leak of leaks(operation)) passing.add(leak);
        if (losesAddresses) losses.add(addresses.what);
        break;
      }
      default:
        finding satisfies never;
    }
  }
  if (passing.size > 0) {
    losses.add(`${[...passing].join(', ')}: Landlock sees plain TCP only; let the filter refuse them`);
  }
  const enforced = [...kept].join(', ');
  const lost = [...losses].join('; ');
  if (lost === '') return { rule, status: 'full', enforced: enforced === '' ? 'nothing to refuse' : enforced };
  return enforced === '' ? { rule, status: 'none', lost } : { rule, status: 'partial', enforced, lost };
}

function unhandledReason(decision: Decision, operation: PortOperation, abi: number): string {
  if (abi < 4) return `TCP ports: they need ABI 4, the target has ${abi}`;
  return portDemand(decision, operation).plan === 'too-many'
    ? `TCP ${operation}: more ports are allowed than rules are written for`
    : `TCP ${operation}: every port is allowed at some address, and Landlock sees no addresses`;
}

function mentionsAddress(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.some(mentionsAddress);
    case 'not':
      return mentionsAddress(predicate.of);
    case 'in-network':
      return true;
    case 'compare':
      return [predicate.left, predicate.right].some((term) => term.kind === 'attribute' && term.name === 'address');
    case 'in-set':
    case 'glob':
    case 'beneath':
    case 'in-ranges':
      return predicate.term.kind === 'attribute' && predicate.term.name === 'address';
    case 'constant':
      return false;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}
