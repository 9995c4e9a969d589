import { hasWildcard, matchesGlob } from '../../expressions/glob.ts';
import type { Rule } from '../../ir/policy.ts';
import { documentedCase } from './action-name.ts';
import type { DeniedRule } from './deny-clauses.ts';

/** A statement before it is written: what it denies and which rules ask for it. */
export interface DenyStatement {
  readonly regions: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  /** Actions and patterns in their documented case, sorted, with the rules that name them. */
  readonly actions: readonly DeniedAction[];
}

export interface DeniedAction {
  readonly name: string;
  readonly rules: readonly Rule[];
}

interface Group {
  readonly regions: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  /** By the pattern in lower case. */
  readonly rules: Map<string, Rule[]>;
}

/** One statement for all that is denied under the same conditions; unconditional denies first. */
export function statementsOf(denied: readonly DeniedRule[]): readonly DenyStatement[] {
  const groups = new Map<string, Group>();
  for (const { rule, clauses } of denied) {
    for (const { actions, regions, resources } of clauses ?? []) {
      const key = JSON.stringify([regions ?? '', resources ?? '']);
      let group = groups.get(key);
      if (group === undefined) {
        group = { regions, resources, rules: new Map() };
        groups.set(key, group);
      }
      for (const action of actions) {
        const known = group.rules.get(action);
        if (known === undefined) group.rules.set(action, [rule]);
        else if (!known.includes(rule)) known.push(rule);
      }
    }
  }
  return [...groups.keys()].sort().map((key) => {
    const { regions, resources, rules } = groups.get(key)!;
    return { regions, resources, actions: actionsOf(rules) };
  });
}

/** An action that a pattern of the same statement matches needs no entry: the pattern takes its rules over. */
function actionsOf(named: ReadonlyMap<string, readonly Rule[]>): readonly DeniedAction[] {
  const patterns = [...named.keys()].filter(hasWildcard);
  const kept = new Map<string, Rule[]>();
  for (const [action, rules] of named) if (coverOf(action, patterns) === undefined) kept.set(action, [...rules]);
  for (const [action, rules] of named) {
    const cover = coverOf(action, patterns);
    if (cover !== undefined) kept.get(cover)?.push(...rules);
  }
  return [...kept]
    .map(([action, rules]) => ({ name: documentedCase(action), rules }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function coverOf(action: string, patterns: readonly string[]): string | undefined {
  return hasWildcard(action) ? undefined : patterns.find((pattern) => matchesGlob(action, pattern));
}
