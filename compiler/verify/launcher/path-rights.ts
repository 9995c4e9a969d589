import type { Surroundings } from '../../backends/launcher/lower.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision } from '../../ir/policy.ts';
import { withoutDenials } from '../../ir/without-denials.ts';
import { fileSystemRights, landlockMask } from '../../tables/landlock.ts';
import { alikeRights } from '../landlock-rights.ts';
import { rulesByPath } from '../rules-by-path.ts';
import { allows, mentionedValues } from './reach.ts';
import type { Domain } from './world.ts';

/** What a policy says of the rights on the paths that it names, above and below them. */
export interface PathRights {
  /** The rights that are asked, all that the kernel has, and those of them that files have. */
  readonly every: number;
  readonly onFiles: number;
  /** For each path the rights that are allowed, and whether the policy names the path itself. */
  readonly samples: readonly { readonly path: string; readonly wanted: number; readonly named: boolean }[];
}

/** Asks the policy once, for the launchers of all machines. */
export function pathRights(decided: Decision, abi: number, expansions: Surroundings['expansions']): PathRights {
  const decision = withoutDenials(decided);
  const rights = fileSystemRights().filter((right) => right.abi <= abi);
  const meant = {
    ...decision,
    rules: decision.rules.map((rule) => ({ ...rule, when: expanded(rule.when, expansions) })),
  };
  const groups = alikeRights(meant, rights).map(({ name, bits }) => ({ name, bits: Number(bits) }));
  const rulesFor = rulesByPath(meant.rules);
  const samples = [...samplePaths(meant)].map(([path, named]) => {
    const asked = { ...meant, rules: rulesFor(path) };
    let wanted = 0;
    const known = { path, right: '' };
    for (const { name, bits } of groups) {
      known.right = name;
      if (allows(asked, known)) wanted |= bits;
    }
    return { path, wanted, named };
  });
  const every = Number(landlockMask('fs', abi));
  return {
    every,
    onFiles: rights.reduce((mask, { bit, onFiles }) => (onFiles ? mask | Number(bit) : mask), 0),
    samples,
  };
}

/** Where the answers of a domain differ from the policy's; undefined where they do not. */
export function pathFault(rights: PathRights, domain: Domain, pathsAreFiles: boolean): string | undefined {
  const access = new Map<string, number>();
  for (const rule of domain.paths) access.set(rule.path, (access.get(rule.path) ?? 0) | Number(rule.access));
  const asked = pathsAreFiles ? rights.onFiles : rights.every;
  for (const { path, wanted, named } of rights.samples) {
    // Of a file nothing lies beneath, and the rights of the folder above are not asked there.
    if (pathsAreFiles && !named) continue;
    let granted = 0;
    for (const above of pathsAbove(path)) granted |= access.get(above) ?? 0;
    const difference = (granted ^ wanted) & asked;
    if (difference === 0) continue;
    const right = fileSystemRights().find(({ bit }) => (difference & Number(bit)) !== 0)!;
    return `${right.name} on ${path} is ${(wanted & Number(right.bit)) !== 0 ? 'refused' : 'allowed'}`;
  }
  return undefined;
}

/** The predicate with each pattern replaced by what it stands for; nothing where that is not known. */
function expanded(predicate: Predicate, expansions: Surroundings['expansions']): Predicate {
  if (predicate.kind === 'and' || predicate.kind === 'or')
    return { kind: predicate.kind, of: predicate.of.map((each) => expanded(each, expansions)) };
  if (predicate.kind !== 'beneath' || !isPattern(predicate.pattern)) return predicate;
  const found = expansions?.get(predicate.pattern) ?? [];
  return { kind: 'or', of: found.map((pattern) => ({ ...predicate, pattern })) };
}

function isPattern(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** The paths to ask about, and whether the policy names each itself. */
function samplePaths(decision: Decision): ReadonlyMap<string, boolean> {
  const samples = new Map([
    ['/', false],
    ['/elsewhere', false],
  ]);
  mentionedValues(decision.rules, (key, value) => {
    if (key !== 'pattern' || typeof value !== 'string') return;
    samples.set(value, true);
    const parent = value.slice(0, value.lastIndexOf('/')) || '/';
    for (const other of [`${value}/below`.replace('//', '/'), `${value}x`, parent])
      if (!samples.has(other)) samples.set(other, false);
  });
  return samples;
}

/** `/`, the path's ancestors and the path itself. */
function pathsAbove(path: string): readonly string[] {
  const found = ['/'];
  if (path === '/') return found;
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) found.push(path.slice(0, at));
  found.push(path);
  return found;
}
