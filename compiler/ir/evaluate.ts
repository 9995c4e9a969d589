import { type Environment, evaluate } from '../expressions/evaluate.ts';
import type { Contribution, Decision, Effect, Enforceable } from './policy.ts';

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

/**
 * Where a decision came from: `by`, or a rule that an optimisation took into it and whose condition holds. Where both
 * hold, which had the same effect, it is the rule that was taken in.
 */
export function sourceOf(by: Enforceable, environment: Environment): Enforceable {
  const holds = ({ when }: Contribution) => when !== undefined && evaluate(when, environment) === true;
  return by.merged?.find(holds) ?? by;
}
