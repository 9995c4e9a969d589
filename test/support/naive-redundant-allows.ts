import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { type Cube, cubesOf, isWithinCube } from '../../compiler/expressions/cubes.ts';
import { conditionOf } from '../../compiler/expressions/simplify.ts';
import type { Decision, Rule } from '../../compiler/ir/policy.ts';
import { authoredPlaces } from '../../compiler/passes/dead-rules.ts';
import { absorb } from '../../compiler/passes/pass.ts';

/** The pass redundant-allows as its definition reads: every rule against every other. */
export function naiveRedundantAllows(decision: Decision, diagnostics: Diagnostic[]): Decision {
  if (decision.combine !== 'union-of-allows' || decision.rules.length < 2) return decision;
  const all = decision.rules.map((rule) => ({ rule, cubes: cubesOf(conditionOf(rule.when)) }));
  const coveredBy = new Map<Rule, Rule>();
  all.forEach(({ rule, cubes }, index) => {
    if (cubes === undefined) return;
    const other = all.find((candidate, place) => {
      if (place === index || candidate.cubes === undefined || coveredBy.has(candidate.rule)) return false;
      if (!isWithin(cubes, candidate.cubes)) return false;
      return place < index || !isWithin(candidate.cubes, cubes);
    });
    if (other !== undefined) coveredBy.set(rule, other.rule);
  });
  if (coveredBy.size === 0) return decision;
  const kept = decision.rules.filter((rule) => !coveredBy.has(rule));
  const gone = [...coveredBy.keys()];
  for (const span of authoredPlaces(gone, kept)) {
    const first = gone.find(({ origin }) => origin.span.start === span.start && origin.span.end === span.end);
    const winner = first === undefined ? undefined : coveredBy.get(first);
    const related = winner === undefined ? [] : [{ span: winner.origin.span, label: 'grants all of it' }];
    diagnostics.push(report('POL5004', span, {}, { related }));
  }
  const owned = (rule: Rule) => gone.filter((each) => finalOwner(each, coveredBy) === rule);
  return { ...decision, rules: kept.map((rule) => absorb(rule, owned(rule), false)) };
}

function finalOwner(rule: Rule, coveredBy: ReadonlyMap<Rule, Rule>): Rule {
  let owner = coveredBy.get(rule)!;
  for (let next = coveredBy.get(owner); next !== undefined; next = coveredBy.get(owner)) owner = next;
  return owner;
}

function isWithin(inner: readonly Cube[], outer: readonly Cube[]): boolean {
  return inner.every((cube) => outer.some((other) => isWithinCube(cube, other)));
}
