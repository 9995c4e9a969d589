import { report } from '../diagnostics/report.ts';
import { type Cube, cubesOf, isWithinCube } from '../expressions/cubes.ts';
import { conditionOf } from '../expressions/simplify.ts';
import type { Rule } from '../ir/policy.ts';
import { CoveringRules } from './covering-rules.ts';
import { authoredPlaces, keyOf } from './dead-rules.ts';
import { absorb, decisionPass } from './pass.ts';

/**
 * Drops rules of a union of allows that grant nothing beyond one other rule: a path beneath another path with no right
 * that the other lacks, a port that a range holds. Of two equal rules the earlier stays.
 */
export const redundantAllows = decisionPass('redundant-allows', (decision, diagnostics) => {
  if (decision.combine !== 'union-of-allows' || decision.rules.length < 2) return decision;
  const all = decision.rules.map((rule) => ({ rule, cubes: cubesOf(conditionOf(rule.when)) }));
  const covering = new CoveringRules();
  for (const { cubes } of all) covering.add(cubes);
  const coveredBy = new Map<Rule, Rule>();
  all.forEach(({ rule, cubes }, index) => {
    if (cubes === undefined) return;
    for (const place of covering.candidates(cubes)) {
      const candidate = all[place]!;
      if (place === index || candidate.cubes === undefined || coveredBy.has(candidate.rule)) continue;
      // What may be absent covers only what lies beneath it, and is then absent as well: nothing is lost.
      if (!isWithin(cubes, candidate.cubes)) continue;
      if (place > index && isWithin(candidate.cubes, cubes)) continue;
      coveredBy.set(rule, candidate.rule);
      return;
    }
  });
  if (coveredBy.size === 0) return decision;
  const kept = decision.rules.filter((rule) => !coveredBy.has(rule));
  const gone = [...coveredBy.keys()];
  const winners = new Map<string, Rule>();
  const taken = new Map<Rule, Rule[]>();
  for (const rule of gone) {
    const place = keyOf(rule.origin.span);
    if (!winners.has(place)) winners.set(place, coveredBy.get(rule)!);
    const owner = finalOwner(rule, coveredBy);
    const owned = taken.get(owner);
    if (owned === undefined) taken.set(owner, [rule]);
    else owned.push(rule);
  }
  for (const span of authoredPlaces(gone, kept)) {
    const winner = winners.get(keyOf(span));
    const related = winner === undefined ? [] : [{ span: winner.origin.span, label: 'grants all of it' }];
    diagnostics.push(report('POL5004', span, {}, { related }));
  }
  return { ...decision, rules: kept.map((rule) => absorb(rule, taken.get(rule) ?? [], false)) };
});

/** The rule that stays, where the one that covers is itself covered. */
function finalOwner(rule: Rule, coveredBy: ReadonlyMap<Rule, Rule>): Rule {
  let owner = coveredBy.get(rule)!;
  for (let next = coveredBy.get(owner); next !== undefined; next = coveredBy.get(owner)) owner = next;
  return owner;
}

function isWithin(inner: readonly Cube[], outer: readonly Cube[]): boolean {
  return inner.every((cube) => outer.some((other) => isWithinCube(cube, other)));
}
