import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy, type Rule } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { fileSystemRights, landlockRight } from '../../tables/landlock.ts';
import type { Coverage } from '../backend.ts';
import { newestListedAbi } from './format.ts';
import { isPattern, pathGrants } from './path-grants.ts';
import { environmentOf, type PortOperation, portCells } from './port-access.ts';
import { portLeaks } from './port-leaks.ts';
import { asksScope, type LandlockRuleset, portPlan } from './ruleset.ts';

/** Landlock's answer for every rule of the decisions that it takes part in. */
export function landlockCoverage(
  policy: Policy,
  ruleset: LandlockRuleset,
  architectures: readonly Architecture[],
): readonly Coverage[] {
  const path = decisionAt(policy, 'path');
  const socket = decisionAt(policy, 'socket');
  const signal = decisionAt(policy, 'signal');
  return [
    ...(path === undefined ? [] : pathCoverage(path, ruleset.abi)),
    ...(socket === undefined ? [] : socketCoverage(socket, policy, ruleset, leaksOf(policy, architectures))),
    ...(signal === undefined ? [] : signalCoverage(signal, ruleset)),
  ];
}

function pathCoverage(decision: Decision, abi: number): readonly Coverage[] {
  const covered = decision.rules.map((rule): Coverage => {
    const grants = rule.effect.kind === 'allow' ? pathGrants(rule.when) : undefined;
    if (grants === undefined) {
      return {
        rule: rule.id,
        status: 'none',
        lost: 'Landlock only adds rights beneath paths: the rule grants nothing',
      };
    }
    if (abi === 0) return { rule: rule.id, status: 'none', lost: noLandlock };
    const named = grants.some((grant) => grant.rights === undefined)
      ? rightsUpTo(newestListedAbi)
      : [...new Set(grants.flatMap((grant) => grant.rights ?? []))];
    const missing = named.filter((name) => (landlockRight(name)?.abi ?? 0) > abi);
    const expanded = grants.some((grant) => isPattern(grant.pattern))
      ? ', its pattern expanded when the sandbox starts; what appears later is refused'
      : '';
    const enforced = `a path rule${expanded}`;
    if (missing.length === 0) return { rule: rule.id, status: 'full', enforced };
    const lost = missing.map((name) => lostRight(name, abi)).join('; ');
    return missing.length === named.length && missing.length > 0
      ? { rule: rule.id, status: 'none', lost }
      : { rule: rule.id, status: 'partial', enforced, lost };
  });
  const { id, effect } = decision.otherwise;
  if (effect.kind !== 'deny') return [...covered, { rule: id, status: 'full', enforced: 'nothing is handled' }];
  if (abi === 0) return [...covered, { rule: id, status: 'none', lost: noLandlock }];
  // Without `refer` in the ABI the kernel refuses what the right would allow, which is what is asked for here.
  const missing = rightsUpTo(newestListedAbi).filter(
    (name) => name !== 'refer' && (landlockRight(name)?.abi ?? 0) > abi,
  );
  const enforced = `every right of ABI ${abi} is handled; metadata has none (chmod, chown, times, xattr, stat, chdir)`;
  if (missing.length === 0) return [...covered, { rule: id, status: 'full', enforced }];
  return [
    ...covered,
    { rule: id, status: 'partial', enforced, lost: missing.map((name) => lostRight(name, abi)).join('; ') },
  ];
}

const noLandlock = 'the target has no Landlock';

function rightsUpTo(abi: number): readonly string[] {
  return fileSystemRights()
    .filter((right) => right.abi <= abi)
    .map((right) => right.name);
}

/** Without `refer` the kernel refuses every rename and link between directories; other rights it lacks are granted. */
export function lostRight(name: string, abi: number): string {
  const since = landlockRight(name)?.abi ?? 0;
  return name === 'refer'
    ? `\`refer\` needs ABI ${since}: on ABI ${abi} renaming and linking between directories is always refused`
    : `\`${name}\` needs ABI ${since}: on ABI ${abi} it is allowed everywhere`;
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

function socketCoverage(
  decision: Decision,
  policy: Policy,
  ruleset: LandlockRuleset,
  leaks: Leaks,
): readonly Coverage[] {
  const covered = decision.rules.map((rule): Coverage => {
    const answer = new Answer();
    for (const protocol of protocols) {
      for (const operation of operations) judge(rule, protocol, operation, decision, policy, ruleset, leaks, answer);
    }
    return answer.coverage(rule.id);
  });
  const { id, effect } = decision.otherwise;
  if (effect.kind !== 'deny') return [...covered, { rule: id, status: 'full', enforced: 'nothing more is handled' }];
  const answer = new Answer();
  for (const protocol of protocols) {
    for (const operation of operations) {
      const environment = environmentOf({ protocol, operation, outside: true });
      const verdict = decide(decision, environment)?.effect.kind;
      if (verdict === 'allow') continue;
      const inside =
        protocol === 'unix-abstract'
          ? decide(decision, environmentOf({ protocol, operation, outside: false }))
          : undefined;
      refusal(protocol, operation, decision, policy, ruleset, leaks, answer);
      if (inside?.effect.kind === 'deny') answer.lose('abstract sockets inside the sandbox');
    }
  }
  return [...covered, answer.coverage(id)];
}

const protocols = ['tcp', 'udp', 'unix-abstract'] as const;
const operations = ['bind', 'connect', 'send'] as const;
type Protocol = (typeof protocols)[number];
type Operation = (typeof operations)[number];

/** Adds to the answer what becomes of one rule for one protocol and operation. */
function judge(
  rule: Rule,
  protocol: Protocol,
  operation: Operation,
  decision: Decision,
  policy: Policy,
  ruleset: LandlockRuleset,
  leaks: Leaks,
  answer: Answer,
): void {
  const known = protocol === 'unix-abstract' ? { protocol, operation } : { protocol, operation, outside: true };
  const holds = evaluate(rule.when, environmentOf(known));
  if (holds === false) return;
  if (rule.effect.kind !== 'allow') {
    refusal(protocol, operation, decision, policy, ruleset, leaks, answer);
    return;
  }
  if (holds === true) {
    answer.keep('what it allows is left alone');
    return;
  }
  if (protocol !== 'tcp') {
    answer.lose(protocol === 'udp' ? 'UDP: any address and port is allowed' : 'abstract sockets: all are allowed');
    return;
  }
  const right: PortOperation = operation === 'bind' ? 'bind' : 'connect';
  const bit = right === 'bind' ? 1n : 2n;
  if ((ruleset.handledPorts & bit) === 0n) answer.lose(unhandledReason(decision, right, ruleset));
  else keepPort(right, leaks, answer);
  if (mentionsAddress(rule.when)) answer.lose('addresses: Landlock sees only TCP ports');
}

/** Adds to the answer whether Landlock refuses where the policy does. */
function refusal(
  protocol: Protocol,
  operation: Operation,
  decision: Decision,
  policy: Policy,
  ruleset: LandlockRuleset,
  leaks: Leaks,
  answer: Answer,
): void {
  switch (protocol) {
    case 'udp':
      answer.lose('UDP: Landlock does not see it');
      return;
    case 'unix-abstract':
      if (operation === 'bind') return;
      if (!asksScope(policy, 'abstract_unix_socket'))
        answer.lose('abstract sockets: only all of those outside can be refused');
      else if ((ruleset.scoped & 1n) !== 0n) answer.keep('the scope of abstract sockets');
      else answer.lose(`abstract sockets: the scope needs ABI 6, the target has ${ruleset.abi}`);
      return;
    case 'tcp': {
      const right: PortOperation = operation === 'bind' ? 'bind' : 'connect';
      const bit = right === 'bind' ? 1n : 2n;
      if ((ruleset.handledPorts & bit) === 0n) {
        answer.lose(unhandledReason(decision, right, ruleset));
        return;
      }
      keepPort(right, leaks, answer);
      if (portCells(decision, right).some((cell) => cell.verdict === 'address')) {
        answer.lose('addresses: Landlock sees only TCP ports');
      }
      return;
    }
    default:
      protocol satisfies never;
  }
}

function keepPort(right: PortOperation, leaks: Leaks, answer: Answer): void {
  answer.keep(`TCP ${right} by port`);
  answer.pass(leaks(right));
}

function unhandledReason(decision: Decision, right: PortOperation, ruleset: LandlockRuleset): string {
  if (ruleset.abi < 4) return `TCP ports: they need ABI 4, the target has ${ruleset.abi}`;
  return portPlan(portCells(decision, right)) === 'too-many'
    ? `TCP ${right}: more ports are allowed than rules are written for`
    : `TCP ${right}: every port is allowed at some address, and Landlock sees no addresses`;
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

function signalCoverage(decision: Decision, ruleset: LandlockRuleset): readonly Coverage[] {
  const scoped = (ruleset.scoped & 2n) !== 0n;
  const refused = (id: string): Coverage =>
    scoped
      ? { rule: id, status: 'full', enforced: 'the scope of signals' }
      : { rule: id, status: 'none', lost: `the scope of signals needs ABI 6, the target has ${ruleset.abi}` };
  const rules = decision.rules.map(
    (rule): Coverage =>
      rule.effect.kind === 'allow' ? { rule: rule.id, status: 'full', enforced: 'left alone' } : refused(rule.id),
  );
  const { id, effect } = decision.otherwise;
  if (effect.kind !== 'deny') return [...rules, { rule: id, status: 'full', enforced: 'left alone' }];
  const inside = decide(decision, environmentOf({ outside: false }))?.effect.kind === 'deny';
  const answer = refused(id);
  return [...rules, inside && scoped ? { ...answer, status: 'partial', lost: 'signals inside the sandbox' } : answer];
}

/** Gathers what is kept and what is lost of one rule, each sentence once. */
class Answer {
  readonly #kept = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #passing = new Set<string>();

  keep(what: string): void {
    this.#kept.add(what);
  }

  lose(what: string): void {
    this.#lost.add(what);
  }

  /** What goes past the rules for ports. */
  pass(what: readonly string[]): void {
    for (const each of what) this.#passing.add(each);
  }

  coverage(rule: string): Coverage {
    if (this.#passing.size > 0) {
      this.lose(`${[...this.#passing].join(', ')}: Landlock sees plain TCP only; let the filter refuse them`);
    }
    const enforced = [...this.#kept].join(', ');
    const lost = [...this.#lost].join('; ');
    if (lost === '') return { rule, status: 'full', enforced: enforced === '' ? 'nothing to refuse' : enforced };
    return enforced === '' ? { rule, status: 'none', lost } : { rule, status: 'partial', enforced, lost };
  }
}
