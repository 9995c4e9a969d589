import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Rule } from '../ir/policy.ts';
import { strictness } from '../ir/strictness.ts';
import { type DeadRule, keyOf } from './dead-rules.ts';

/**
 * The rule that decides otherwise where the dead one holds, if any: of one that protects, whichever lets more through;
 * of one that lets pass, the last that refuses, where none of the others lets pass too.
 */
export function overriderOf({ rule, by }: DeadRule): Rule | undefined {
  const own = strictness(rule.effect);
  const looser = by.find((other) => strictness(other.effect) < own);
  if (looser !== undefined) return looser;
  return by.every((other) => strictness(other.effect) > own) ? by.at(-1) : undefined;
}

/**
 * The warnings (POL5022) about refusals that the author did not write into this policy and that rules which let pass
 * decide first: nothing else would tell that what a level or a base refuses is open. One for each pair of places.
 */
export function deadRefusals(dead: readonly DeadRule[]): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const { rule, by } of dead) {
    const overrider = overriderOf({ rule, by });
    if (rule.origin.by === undefined || overrider === undefined) continue;
    if (strictness(rule.effect) < 3 || strictness(overrider.effect) >= 3) continue;
    const key = `${keyOf(rule.origin.span)} ${keyOf(overrider.origin.span)}`;
    if (found.has(key)) continue;
    const related = [{ span: rule.origin.span, label: `refuses it (${rule.origin.by})` }];
    const values = { topic: overrider.topic, refusal: rule.topic, by: rule.origin.by };
    found.set(key, report('POL5022', overrider.origin.span, values, { related }));
  }
  return [...found.values()];
}
