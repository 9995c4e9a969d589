import { report } from '../diagnostics/report.ts';
import { type Cube, cubesOf, isWithinCube } from '../expressions/cubes.ts';
import { conditionOf } from '../expressions/simplify.ts';
import type { Rule } from '../ir/policy.ts';
import { authoredPlaces } from './dead-rules.ts';
import { absorb, decisionPass } from './pass.ts';

/**
 * Drops rules of a union of allows that grant nothing beyond one other rule: a path beneath another path with no right
 * that the other lacks, a port that a range holds. Of two equal rules the earlier stays.
 */
export const redundantAllows = decisionPass('redundant-allows', (decision, diagnostics) => {
  if (decision.combine !== 'union-of-allows' || decision.rules.length < 2) return decision;
  const all = decision.rules.map((rule) => ({ rule, cubes: cubesOf(conditionOf(rule.when)) }));
  const coveredBy = new Map<Rule, Rule>();
  all.forEach(({ rule, cubes }, index) => {
    if (cubes === undefined) return;
    const other = all.find((candidate, place) => {
      if (place === index || candidate.cubes === undefined || coveredBy.has(candidate.rule)) return false;
      // What may be absent covers only what lies beneath it, and is then absent as well: nothing is lost.
      if (!isWithin(cubes, candidate.cubes)) return false;
      return place < index || !isWithin(candidate.cubes, cubes);
    });
    if (other !== undefined) coveredBy.set(rule, other.rule);
  });
  if (coveredBy.size === 0) return decision;
  const kept = decision.rules.filter((rule) => !coveredBy.has(rule));
  const gone = [...coveredBy.keys()];
  for (const span of authoredPlaces(gone, kept)) {
    const winners = gone
      .filter(({ origin }) => origin.span.start === span.start && origin.span.end === span.end)
      .map((rule) => coveredBy.get(rule)!);
    const [winner] = winners;
    const related = winner === undefined ? [] : [{ span: winner.origin.span, label: 'grants all of it' }];
    diagnostics.push(report('POL5004', span, {}, { related }));
  }
  return {
    ...decision,
    rules: kept.map((rule) =>
      absorb(
        rule,
        gone.filter((each) => finalOwner(each, coveredBy) === rule),
        false,
      ),
    ),
  };
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
