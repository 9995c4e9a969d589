import type { Predicate } from '../../expressions/predicate.ts';
import { decisionAt, type Policy, type Rule } from '../../ir/policy.ts';
import { networkIsolation } from '../network-isolation.ts';

/** What a guest may do beneath a path, as capabilities of WASI have it. */
export interface FolderGrant {
  /** As the policy has it: it may hold `*` and `?`. */
  readonly pattern: string;
  readonly access: 'read' | 'read-write';
  /** Rights that `access` gives an engine's guest and the policy does not: all of writing comes together. */
  readonly rules: readonly Rule[];
}

const readingRights: readonly string[] = ['read_file', 'read_dir', 'execute'];

/** The folders of a policy, each with all that its rules say of it, in their order. */
export function folderGrants(policy: Policy): readonly FolderGrant[] {
  const grants = new Map<string, FolderGrant>();
  for (const rule of decisionAt(policy, 'path')?.rules ?? []) {
    if (rule.effect.kind !== 'allow' && rule.effect.kind !== 'log') continue;
    const writes = rightsOf(rule.when).some((right) => !readingRights.includes(right));
    for (const pattern of patternsOf(rule.when)) {
      const known = grants.get(pattern);
      grants.set(pattern, {
        pattern,
        access: writes || known?.access === 'read-write' ? 'read-write' : 'read',
        rules: [...(known?.rules ?? []), rule],
      });
    }
  }
  return [...grants.values()];
}

function patternsOf(predicate: Predicate): readonly string[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(patternsOf);
    case 'beneath':
      return [predicate.pattern];
    default:
      return [];
  }
}

function rightsOf(predicate: Predicate): readonly string[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(rightsOf);
    case 'in-set':
      return predicate.values;
    default:
      return [];
  }
}

/** The capability strings of a policy: `wasi:filesystem/read@PATH`, `wasi:filesystem/read-write@PATH`, `wasi:sockets/loopback`. */
export function capabilityStrings(policy: Policy): readonly string[] {
  const isolation = networkIsolation(decisionAt(policy, 'socket'));
  return [
    ...folderGrants(policy).map(({ pattern, access }) => `wasi:filesystem/${access}@${pattern}`),
    ...(isolation === 'loopback' ? ['wasi:sockets/loopback'] : []),
    ...(isolation === 'shared' ? ['wasi:sockets/network'] : []),
  ];
}
