import { evaluate } from '../../expressions/evaluate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy, type Rule } from '../../ir/policy.ts';
import { fileSystemRights, landlockMask, landlockRight } from '../../tables/landlock.ts';
import { isPattern, pathGrants } from './path-grants.ts';
import { environmentOf, type PortOperation, portDemand, tcpEnvironment } from './port-access.ts';

/** What a policy asks a kernel of one ABI to restrict, in the masks of linux/landlock.h. */
export interface LandlockMasks {
  readonly abi: number;
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
}

/** The same, and what is granted nevertheless. */
export interface LandlockRuleset extends LandlockMasks {
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

/** What each ABI would handle. Landlock restricts only rights that it handles, so a denying decision handles all of them. */
export function landlockMasks(policy: Policy): (abi: number) => LandlockMasks {
  const handlesPaths = decisionAt(policy, 'path')?.otherwise.effect.kind === 'deny';
  const socket = decisionAt(policy, 'socket');
  let ports = 0n;
  for (const [operation, name] of portRights) {
    if (socket !== undefined && portDemand(socket, operation).plan === 'handled') ports |= landlockRight(name)!.bit;
  }
  const scoped = (asksScope(policy, 'abstract_unix_socket') ? 1n : 0n) | (asksScope(policy, 'signal') ? 2n : 0n);
  return (abi) => ({
    abi,
    handledPaths: handlesPaths ? landlockMask('fs', abi) : 0n,
    handledPorts: ports & landlockMask('net', abi),
    scoped: scoped & landlockMask('scope', abi),
  });
}

/** The ruleset of a policy for a kernel of one ABI. */
export function landlockRuleset(policy: Policy, abi: number): LandlockRuleset {
  const masks = landlockMasks(policy)(abi);
  return {
    ...masks,
    paths: masks.handledPaths === 0n ? [] : pathRules(decisionAt(policy, 'path')!, masks.handledPaths),
    ports: masks.handledPorts === 0n ? [] : portRules(decisionAt(policy, 'socket')!, masks.handledPorts),
  };
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
  let onFiles = 0n;
  for (const right of fileSystemRights()) if (right.onFiles) onFiles |= right.bit;
  return [...byPath]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, rule]) => ({ path, glob: isPattern(path), fileAccess: rule.access & onFiles, ...rule }));
}

function maskOf(rights: readonly string[]): bigint {
  let mask = 0n;
  for (const right of fileSystemRights()) if (rights.includes(right.name)) mask |= right.bit;
  return mask;
}

function portRules(decision: Decision, handled: bigint): readonly LandlockPortRule[] {
  const byPort = new Map<number, { access: bigint; rules: Set<Rule> }>();
  for (const [operation, name] of portRights) {
    const { bit } = landlockRight(name)!;
    if ((handled & bit) === 0n) continue;
    for (const cell of portDemand(decision, operation).cells) {
      if (cell.verdict === 'deny') continue;
      const granting = grantors(decision, operation, cell.low);
      for (let port = cell.low; port <= cell.high; port += 1) {
        const known = byPort.get(port) ?? { access: 0n, rules: new Set() };
        known.access |= bit;
        for (const rule of granting) known.rules.add(rule);
        byPort.set(port, known);
      }
    }
  }
  return [...byPort]
    .sort(([left], [right]) => left - right)
    .map(([port, { access, rules }]) => ({ port, access, rules: [...rules] }));
}

function grantors(decision: Decision, operation: PortOperation, port: number): readonly Rule[] {
  const environment = tcpEnvironment(operation, port);
  return decision.rules.filter((rule) => rule.effect.kind === 'allow' && evaluate(rule.when, environment) !== false);
}
