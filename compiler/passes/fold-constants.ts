import type { Predicate } from '../expressions/predicate.ts';
import { simplify } from '../expressions/simplify.ts';
import type { Rule } from '../ir/policy.ts';
import { deadRules } from './dead-rules.ts';
import { absorb, decisionPass } from './pass.ts';

/**
 * Brings every predicate into canonical form and drops rules that nothing satisfies. A predicate in which the lowering
 * itself wrote `false` is dropped silently: whoever wrote that has told the author what can never hold.
 */
export const foldConstants = decisionPass('fold-constants', (decision, diagnostics) => {
  const dropped: Rule[] = [];
  const unsatisfiable: Rule[] = [];
  let changed = false;
  const kept: Rule[] = [];
  for (const rule of decision.rules) {
    const when = simplify(rule.when);
    if (when.kind === 'constant' && !when.value) {
      dropped.push(rule);
      if (!saysFalse(rule.when)) unsatisfiable.push(rule);
      continue;
    }
    changed ||= when !== rule.when;
    kept.push(when === rule.when ? rule : { ...rule, when });
  }
  if (!changed && dropped.length === 0) return decision;
  const dead = unsatisfiable.map((rule) => ({ rule, by: [] }));
  diagnostics.push(...deadRules(decision, dead, kept));
  return { ...decision, rules: kept, otherwise: absorb(decision.otherwise, dropped, false) };
});

function saysFalse(predicate: Predicate): boolean {
  if (predicate.kind === 'constant') return !predicate.value;
  return (predicate.kind === 'and' || predicate.kind === 'or') && predicate.of.some(saysFalse);
}
