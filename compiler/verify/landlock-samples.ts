import type { Predicate } from '../expressions/predicate.ts';
import type { Decision } from '../ir/policy.ts';
import type { ReadRuleset } from './landlock-reader.ts';

/** Every path that the decision or the ruleset names, and what is above, below and beside those. */
export function samplePaths(decision: Decision, ruleset: Pick<ReadRuleset, 'paths'>): ReadonlySet<string> {
  const paths = new Set(['/', '/polc-other']);
  for (const { path } of ruleset.paths) addNeighbours(path, paths);
  for (const rule of decision.rules) addMentioned(rule.when, paths);
  return paths;
}

/** The paths and patterns that a predicate names. */
export function pathsIn(predicate: Predicate): readonly string[] {
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
