import { areDisjoint, type Cube, cubesOf } from '../expressions/cubes.ts';
import { type Condition, conditionOf, junction, predicateFor } from '../expressions/simplify.ts';
import type { Rule } from '../ir/policy.ts';
import { printEffect } from '../ir/print.ts';
import { absorb, decisionPass } from './pass.ts';

/** How many groups back a rule is carried to one of its effect: each must be compared with it. */
const FARTHEST = 8;

interface Group {
  readonly effect: string;
  readonly rules: Rule[];
  readonly conditions: Condition[];
  /** Undefined where there are too many to compare. */
  cubes: Cube[] | undefined;
}

/**
 * Joins rules of the same effect in `first-match`: neighbours, and those between which only rules stand that no input
 * shares with the later one. Rules of a union of allows stay apart, since what is lost of each is reported by itself.
 */
export const mergeRules = decisionPass('merge-rules', (decision) => {
  if (decision.combine !== 'first-match' || decision.rules.length < 2) return decision;
  const groups: Group[] = [];
  for (const rule of decision.rules) {
    const condition = conditionOf(rule.when);
    const cubes = cubesOf(condition);
    const effect = `${printEffect(rule.effect)}${rule.optional === true ? ' where present' : ''}`;
    const into = groupFor(effect, cubes, groups);
    if (into === undefined) {
      groups.push({ effect, rules: [rule], conditions: [condition], cubes: cubes?.slice() });
      continue;
    }
    into.rules.push(rule);
    into.conditions.push(condition);
    if (cubes === undefined) into.cubes = undefined;
    else into.cubes?.push(...cubes);
  }
  if (groups.length === decision.rules.length) return decision;
  return { ...decision, rules: groups.map(merged) };
});

function groupFor(effect: string, cubes: readonly Cube[] | undefined, groups: readonly Group[]): Group | undefined {
  for (let at = groups.length - 1; at >= 0 && at >= groups.length - FARTHEST; at -= 1) {
    const group = groups[at]!;
    if (group.effect === effect) return group;
    if (cubes === undefined || group.cubes === undefined || !shareNothing(cubes, group.cubes)) return undefined;
  }
  return undefined;
}

function shareNothing(left: readonly Cube[], right: readonly Cube[]): boolean {
  return left.every((one) => right.every((other) => areDisjoint(one, other)));
}

function merged({ rules, conditions }: Group): Rule {
  const [first, ...others] = rules;
  if (others.length === 0) return first!;
  return { ...absorb(first!, others, true), when: predicateFor(junction('or', conditions)) };
}
