import { evaluate } from '../expressions/evaluate.ts';
import { isBeneath } from '../expressions/path-pattern.ts';
import type { Predicate } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision } from '../ir/policy.ts';
import { fileSystemRights, type LandlockRight, landlockMask } from '../tables/landlock.ts';
import type { Comparison } from './landlock-comparison.ts';
import type { ReadRuleset } from './landlock-reader.ts';

/** Compares every right at every path that either names, and at what is above, below and beside those. */
export function comparePaths(
  decision: Decision | undefined,
  ruleset: ReadRuleset,
  abi: number,
  comparison: Comparison,
): void {
  const restricted = decision !== undefined && decision.otherwise.effect.kind === 'deny';
  const handled = restricted ? landlockMask('fs', abi) : 0n;
  comparison.same('handled_access_fs', ruleset.handledPaths, handled);
  if (!restricted) return;
  const inexpressible = decision.rules.some((rule) => rule.effect.kind !== 'allow' || !isPlain(rule.when));
  const paths = new Set(['/', '/polc-other']);
  for (const { path } of ruleset.paths) addNeighbours(path, paths);
  for (const rule of decision.rules) addMentioned(rule.when, paths);
  const rights = fileSystemRights().filter((right) => right.abi <= abi);
  const alike = likeRights(decision, rights);
  for (const path of paths) {
    let granted = 0n;
    for (const entry of ruleset.paths) if (isBeneath(path, entry.path)) granted |= entry.access;
    const allowed: (boolean | undefined)[] = [];
    for (let at = 0; at < rights.length; at += 1) {
      const { name, bit } = rights[at]!;
      const first = alike[at]!;
      allowed[first] ??= allows(decision, path, rights[first]!.name);
      const wanted = allowed[first];
      const found = (granted & bit) !== 0n;
      if (!found && wanted && inexpressible) continue; // stricter: the rule has no form in Landlock
      comparison.same(`${name} at ${path}`, found ? 'allow' : 'deny', wanted ? 'allow' : 'deny');
    }
  }
}

function allows(decision: Decision, path: string, right: string): boolean {
  const attribute = (name: string) => (name === 'path' ? path : name === 'right' ? right : undefined);
  return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
}

/**
 * For each right, the place of the first of which every leaf says the same: the decision cannot tell the two apart. A
 * leaf that looks at more than the right may, so that it keeps rights apart.
 */
function likeRights(decision: Decision, rights: readonly LandlockRight[]): readonly number[] {
  const first = new Map<string, number>();
  return rights.map(({ name }, at) => {
    let answers = '';
    let looked = false;
    const attribute = (asked: string) => {
      if (asked !== 'right') return undefined;
      looked = true;
      return name;
    };
    const about = { attribute, parameter: () => undefined };
    const ask = (predicate: Predicate): void => {
      if (predicate.kind === 'and' || predicate.kind === 'or') for (const operand of predicate.of) ask(operand);
      else if (predicate.kind === 'not') ask(predicate.of);
      else {
        looked = false;
        const answer = evaluate(predicate, about) ?? name;
        if (looked) answers += ` ${answer}`;
      }
    };
    for (const rule of decision.rules) ask(rule.when);
    const known = first.get(answers);
    if (known === undefined) first.set(answers, at);
    return known ?? at;
  });
}

/** True for the forms that a grant can have: anything else may have been left out, which is stricter. */
function isPlain(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'constant':
    case 'beneath':
    case 'in-set':
      return true;
    case 'or':
    case 'and':
      return predicate.of.every(isPlain) && !(predicate.kind === 'and' && overlappingPatterns(predicate.of));
    case 'compare':
      return predicate.operator === '==' && predicate.left.kind === 'attribute' && predicate.left.name === 'right';
    case 'not':
    case 'in-ranges':
    case 'glob':
    case 'in-network':
      return false;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function overlappingPatterns(of: readonly Predicate[]): boolean {
  const mentioned = of.filter((operand) => pathsIn(operand).length > 0);
  return mentioned.length > 1 && mentioned.some((operand) => pathsIn(operand).some((path) => /[*?]/.test(path)));
}

function pathsIn(predicate: Predicate): readonly string[] {
  if (predicate.kind === 'beneath') return [predicate.pattern];
  if (predicate.kind === 'and' || predicate.kind === 'or') return predicate.of.flatMap(pathsIn);
  if (predicate.kind === 'not') return pathsIn(predicate.of);
  if (predicate.kind === 'compare') {
    return [predicate.left, predicate.right].flatMap((term) =>
      term.kind === 'literal' && typeof term.value === 'string' && term.value.startsWith('/') ? [term.value] : [],
    );
  }
  return [];
}

function addMentioned(predicate: Predicate, paths: Set<string>): void {
  for (const path of pathsIn(predicate)) addNeighbours(path, paths);
}

/** The path, what is below it, what is beside it and what is above it; patterns with something in their gaps. */
function addNeighbours(pattern: string, paths: Set<string>): void {
  const path = pattern.replaceAll('*', 'gap').replaceAll('?', 'g');
  const base = path === '/' ? '' : path;
  paths.add(path);
  paths.add(`${base}/polc-child`);
  if (base === '') return;
  paths.add(`${path}-beside`);
  paths.add(path.slice(0, path.lastIndexOf('/')) || '/');
  if (pattern !== path) paths.add(pattern.replaceAll('*', '').replaceAll('?', 'h'));
}
