import { evaluate } from '../../expressions/evaluate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy, type Rule } from '../../ir/policy.ts';
import { fileSystemRights, landlockMask, networkRights } from '../../tables/landlock.ts';
import { mostPortRules } from './format.ts';
import { isPattern, pathGrants } from './path-grants.ts';
import { environmentOf, type PortCell, type PortOperation, portCells, tcpEnvironment } from './port-access.ts';

/** What a policy asks of Landlock on a kernel of one ABI. Masks are those of linux/landlock.h. */
export interface LandlockRuleset {
  readonly abi: number;
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
  /** Sorted by path; one entry a path. */
  readonly paths: readonly LandlockPathRule[];
  /** Sorted by port; one entry a port. */
  readonly ports: readonly LandlockPortRule[];
}

export interface LandlockPathRule {
  readonly path: string;
  readonly glob: boolean;
  readonly optional: boolean;
  readonly access: bigint;
  /** The part of `access` that a rule on a file may have; 0 where such a path takes no rule. */
  readonly fileAccess: bigint;
  readonly rules: readonly Rule[];
}

export interface LandlockPortRule {
  readonly port: number;
  readonly access: bigint;
  readonly rules: readonly Rule[];
}

export const portRights: readonly (readonly [PortOperation, string])[] = [
  ['bind', 'bind_tcp'],
  ['connect', 'connect_tcp'],
];

/** The ruleset of a policy. Landlock restricts only rights that it handles, so a denying decision handles all of them. */
export function landlockRuleset(policy: Policy, abi: number): LandlockRuleset {
  const path = decisionAt(policy, 'path');
  const socket = decisionAt(policy, 'socket');
  const handledPaths = path?.otherwise.effect.kind === 'deny' ? landlockMask('fs', abi) : 0n;
  const { handled: handledPorts, ports } = portRules(socket, landlockMask('net', abi));
  return {
    abi,
    handledPaths,
    handledPorts,
    scoped: scopes(policy) & landlockMask('scope', abi),
    paths: handledPaths === 0n ? [] : pathRules(path!, handledPaths),
    ports,
  };
}

/**
 * What ports a right is asked for: `unhandled` where every port may be allowed, or more than rules are written for.
 */
export function portPlan(cells: readonly PortCell[]): 'unhandled' | 'too-many' | 'handled' {
  const allowed = cells.filter((cell) => cell.verdict !== 'deny');
  if (allowed.length === cells.length) return 'unhandled';
  const count = allowed.reduce((sum, cell) => sum + cell.high - cell.low + 1, 0);
  return count > mostPortRules ? 'too-many' : 'handled';
}

/** True where the policy refuses what the scope refuses: connecting, or signalling, to outside. */
export function asksScope(policy: Policy, scope: 'abstract_unix_socket' | 'signal'): boolean {
  const decision = decisionAt(policy, scope === 'signal' ? 'signal' : 'socket');
  if (decision === undefined) return false;
  const environment = environmentOf(
    scope === 'signal' ? { outside: true } : { operation: 'connect', protocol: 'unix-abstract', outside: true },
  );
  return decide(decision, environment)?.effect.kind === 'deny';
}

function scopes(policy: Policy): bigint {
  return (asksScope(policy, 'abstract_unix_socket') ? 1n : 0n) | (asksScope(policy, 'signal') ? 2n : 0n);
}

function pathRules(decision: Decision, handled: bigint): readonly LandlockPathRule[] {
  const byPath = new Map<string, { access: bigint; optional: boolean; rules: Rule[] }>();
  for (const rule of decision.rules) {
    if (rule.effect.kind !== 'allow') continue;
    for (const { pattern, rights } of pathGrants(rule.when) ?? []) {
      const access = rights === undefined ? handled : maskOf(rights) & handled;
      if (access === 0n) continue;
      const known = byPath.get(pattern) ?? { access: 0n, optional: true, rules: [] };
      known.access |= access;
      known.optional &&= rule.optional === true;
      if (!known.rules.includes(rule)) known.rules.push(rule);
      byPath.set(pattern, known);
    }
  }
  const onFiles = maskOf(
    fileSystemRights()
      .filter((right) => right.onFiles)
      .map((right) => right.name),
  );
  return [...byPath]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, rule]) => ({ path, glob: isPattern(path), fileAccess: rule.access & onFiles, ...rule }));
}

function maskOf(rights: readonly string[]): bigint {
  let mask = 0n;
  for (const right of fileSystemRights()) if (rights.includes(right.name)) mask |= right.bit;
  return mask;
}

function portRules(decision: Decision | undefined, available: bigint) {
  let handled = 0n;
  const byPort = new Map<number, { access: bigint; rules: Set<Rule> }>();
  for (const [operation, name] of decision === undefined ? [] : portRights) {
    const bit = networkRights().find((right) => right.name === name)!.bit;
    const cells = portCells(decision!, operation);
    if ((available & bit) === 0n || portPlan(cells) !== 'handled') continue;
    handled |= bit;
    for (const cell of cells) {
      if (cell.verdict === 'deny') continue;
      for (let port = cell.low; port <= cell.high; port += 1) {
        const known = byPort.get(port) ?? { access: 0n, rules: new Set() };
        known.access |= bit;
        for (const rule of grantors(decision!, operation, port)) known.rules.add(rule);
        byPort.set(port, known);
      }
    }
  }
  const ports = [...byPort]
    .sort(([left], [right]) => left - right)
    .map(([port, { access, rules }]) => ({ port, access, rules: [...rules] }));
  return { handled, ports };
}

function grantors(decision: Decision, operation: PortOperation, port: number): readonly Rule[] {
  const environment = tcpEnvironment(operation, port);
  return decision.rules.filter((rule) => rule.effect.kind === 'allow' && evaluate(rule.when, environment) !== false);
}
