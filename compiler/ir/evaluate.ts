import { type Environment, evaluate } from '../expressions/evaluate.ts';
import type { Decision, Effect, Enforceable } from './policy.ts';

export interface Verdict {
  readonly effect: Effect;
  /** The rule that decided, or the decision's `otherwise`. */
  readonly by: Enforceable;
}

/**
 * The reference meaning of a decision. Every artifact is compared with this function.
 *
 * @returns undefined where an attribute that matters is unknown; whoever enforces must then refuse.
 */
export function decide(decision: Decision, environment: Environment): Verdict | undefined {
  let undecided = false;
  let allowed: Verdict | undefined;
  for (const rule of decision.rules) {
    const holds = evaluate(rule.when, environment);
    if (holds === undefined) {
      if (decision.combine === 'first-match') return undefined;
      undecided = true;
      continue;
    }
    if (!holds) continue;
    const verdict: Verdict = { effect: rule.effect, by: rule };
    if (decision.combine === 'first-match') return verdict;
    if (decision.combine === 'deny-overrides' && rule.effect.kind !== 'allow') return verdict;
    allowed ??= verdict;
  }
  // An unknown allow cannot take back another allow; an unknown deny could.
  if (undecided && (decision.combine === 'deny-overrides' || allowed === undefined)) return undefined;
  return allowed ?? { effect: decision.otherwise.effect, by: decision.otherwise };
}
