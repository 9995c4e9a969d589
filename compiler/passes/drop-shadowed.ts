import { type Cube, cubesOf, isWithinCube } from '../expressions/cubes.ts';
import { conditionOf } from '../expressions/simplify.ts';
import type { Contribution, Decision, Rule } from '../ir/policy.ts';
import { type DeadRule, deadRules } from './dead-rules.ts';
import { Decided } from './decided.ts';
import { deadRefusals, overriderOf } from './overridden.ts';
import { absorb, decisionPass } from './pass.ts';

/**
 * Drops rules that never decide because others always decide first, duplicates among them. A rule that is shadowed in
 * part stays whole. `union-of-allows` has no order: redundant-allows.ts looks at it.
 */
export const dropShadowed = decisionPass('drop-shadowed', (decision, diagnostics) => {
  if (decision.combine === 'union-of-allows' || decision.rules.length === 0) return decision;
  const dead = decision.combine === 'first-match' ? shadowedInOrder(decision) : shadowedByDenies(decision);
  if (dead.length === 0) return decision;
  const gone = new Set(dead.map(({ rule }) => rule));
  const kept = decision.rules.filter((rule) => !gone.has(rule));
  diagnostics.push(...deadRules(decision, dead, kept), ...deadRefusals(dead));
  const taken = new Map<Rule, Contribution[]>();
  for (const each of dead) {
    const overrider = overriderOf(each);
    const contribution = overrider === undefined ? each.rule : { ...each.rule, overridden: overrider.id };
    const into = taken.get(each.by[0]!);
    if (into === undefined) taken.set(each.by[0]!, [contribution]);
    else into.push(contribution);
  }
  return { ...decision, rules: kept.map((rule) => absorb(rule, taken.get(rule) ?? [], false)) };
});

function shadowedInOrder({ rules }: Decision): readonly DeadRule[] {
  const decided = new Decided<Rule>();
  const dead: DeadRule[] = [];
  for (const rule of rules) {
    const cubes = cubesOf(conditionOf(rule.when));
    if (cubes === undefined) continue;
    const by = decided.whoDecides(cubes);
    if (by !== undefined && by.length > 0) dead.push({ rule, by });
    else for (const cube of cubes) decided.add(cube, rule);
  }
  return dead;
}

/**
 * Denies in their order, then allows. Each cube must lie within a single cube of a rule that stays: the union of several
 * would cover it as well, but might be unknown where the rule itself is known.
 */
function shadowedByDenies({ rules }: Decision): readonly DeadRule[] {
  const inOrder = [
    ...rules.filter(({ effect }) => effect.kind !== 'allow'),
    ...rules.filter(({ effect }) => effect.kind === 'allow'),
  ];
  const live: { readonly rule: Rule; readonly cubes: readonly Cube[] }[] = [];
  const dead: DeadRule[] = [];
  for (const rule of inOrder) {
    const cubes = cubesOf(conditionOf(rule.when));
    if (cubes === undefined) continue;
    const by = cubes.map((cube) => live.find((other) => other.cubes.some((outer) => isWithinCube(cube, outer)))?.rule);
    if (by.length > 0 && by.every((winner) => winner !== undefined)) dead.push({ rule, by: [...new Set(by)] });
    else live.push({ rule, cubes });
  }
  return dead;
}
