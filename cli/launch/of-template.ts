import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import type { Predicate } from '../../compiler/expressions/predicate.ts';

/** Whether a condition is about what only a template and a profile say: where it is unknown, they do not say it. */
export function isOfTemplate(condition: Predicate): boolean {
  const names = [...mentionedValues([condition]).keys()];
  return names.length > 0 && names.every((name) => /^(classification|clearance|framework:.*|data:.*)$/.test(name));
}
