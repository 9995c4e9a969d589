import { report } from '../diagnostics/report.ts';
import type { Decision, Rule } from '../ir/policy.ts';
import { printEffect } from '../ir/print.ts';
import { authoredPlaces } from './dead-rules.ts';
import { absorb, decisionPass } from './pass.ts';

/**
 * Drops rules that do what would happen without them: in `first-match` the last ones with the effect of `otherwise`, in
 * `deny-overrides` the allows where `otherwise` allows.
 */
export const dropDefault = decisionPass('drop-default', (decision, diagnostics) => {
  const kept = withoutDefault(decision);
  if (kept.length === decision.rules.length) return decision;
  const stays = new Set(kept);
  const gone = decision.rules.filter((rule) => !stays.has(rule));
  const effect = printEffect(decision.otherwise.effect);
  const related = [{ span: decision.otherwise.origin.span, label: 'decides whatever no rule decides' }];
  for (const span of authoredPlaces(gone, kept)) diagnostics.push(report('POL5005', span, { effect }, { related }));
  return { ...decision, rules: kept, otherwise: absorb(decision.otherwise, gone, true) };
});

function withoutDefault({ rules, combine, otherwise }: Decision): readonly Rule[] {
  const isDefault = (rule: Rule) => printEffect(rule.effect) === printEffect(otherwise.effect);
  switch (combine) {
    case 'first-match': {
      let end = rules.length;
      while (end > 0 && isDefault(rules[end - 1]!)) end -= 1;
      return end === rules.length ? rules : rules.slice(0, end);
    }
    case 'deny-overrides':
      return otherwise.effect.kind === 'allow' ? rules.filter(({ effect }) => effect.kind !== 'allow') : rules;
    case 'union-of-allows':
      return rules;
    default: {
      const unreachable: never = combine;
      return unreachable;
    }
  }
}
