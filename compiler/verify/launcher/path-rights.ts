import type { Surroundings } from '../../backends/launcher/lower.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision, Rule } from '../../ir/policy.ts';
import { fileSystemRights, landlockMask } from '../../tables/landlock.ts';
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
export function pathRights(decision: Decision, abi: number, expansions: Surroundings['expansions']): PathRights {
  const rights = fileSystemRights()
    .filter((right) => right.abi <= abi)
    .map(({ name, bit, onFiles }) => ({ name, bit: Number(bit), onFiles }));
  const meant = {
    ...decision,
    rules: decision.rules.map((rule) => ({ ...rule, when: expanded(rule.when, expansions) })),
  };
  const index = rulesByPath(meant.rules);
  const samples = [...samplePaths(meant)].map(([path, named]) => {
    const asked = { ...meant, rules: rulesFor(index, path) };
    let wanted = 0;
    const known = { path, right: '' };
    for (const { name, bit } of rights) {
      known.right = name;
      if (allows(asked, known)) wanted |= bit;
    }
    return { path, wanted, named };
  });
  const every = Number(landlockMask('fs', abi));
  return { every, onFiles: rights.reduce((mask, { bit, onFiles }) => (onFiles ? mask | bit : mask), 0), samples };
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

interface RuleIndex {
  /** Rules that can hold only beneath a path, by that path, and the others: places in `rules`. */
  readonly beneath: ReadonlyMap<string, readonly number[]>;
  readonly anywhere: readonly number[];
  readonly rules: readonly Rule[];
}

function rulesByPath(rules: readonly Rule[]): RuleIndex {
  const beneath = new Map<string, number[]>();
  const anywhere: number[] = [];
  for (const [at, rule] of rules.entries()) {
    const anchors = anchorsOf(rule.when);
    if (anchors === undefined) anywhere.push(at);
    for (const anchor of anchors ?? []) {
      const known = beneath.get(anchor);
      if (known === undefined) beneath.set(anchor, [at]);
      else known.push(at);
    }
  }
  return { beneath, anywhere, rules };
}

/** Paths beneath one of which a path must lie for the predicate to hold; undefined where there is no such list. */
function anchorsOf(predicate: Predicate): readonly string[] | undefined {
  if (predicate.kind === 'beneath') return isPattern(predicate.pattern) ? undefined : [predicate.pattern];
  if (predicate.kind === 'and') {
    for (const part of predicate.of) {
      const anchors = anchorsOf(part);
      if (anchors !== undefined) return anchors;
    }
    return undefined;
  }
  if (predicate.kind !== 'or') return undefined;
  const all: string[] = [];
  for (const part of predicate.of) {
    const anchors = anchorsOf(part);
    if (anchors === undefined) return undefined;
    all.push(...anchors);
  }
  return all;
}

/** The rules that may hold for a path, in their order. */
function rulesFor({ beneath, anywhere, rules }: RuleIndex, path: string): readonly Rule[] {
  const places = new Set(anywhere);
  for (const above of pathsAbove(path)) for (const at of beneath.get(above) ?? []) places.add(at);
  return [...places].sort((left, right) => left - right).map((at) => rules[at]!);
}

/** `/`, the path's ancestors and the path itself. */
function pathsAbove(path: string): readonly string[] {
  const found = ['/'];
  if (path === '/') return found;
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) found.push(path.slice(0, at));
  found.push(path);
  return found;
}
