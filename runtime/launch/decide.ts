import { type StepOutcome, steps } from '../../compiler/ir/launch.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { type LaunchFacts, launchEnvironment } from './facts.ts';

/** What the policies say of one launch. */
export interface LaunchVerdict {
  /** Only where every rule holds and nothing else stands in the way. */
  readonly allowed: boolean;
  /** Every rule, in the order of the steps, also after the first refusal. */
  readonly steps: readonly StepOutcome[];
  /** What refuses besides the rules: a call that failed, tags that were altered. */
  readonly problems: readonly string[];
}

/**
 * Decides by the reference evaluator. A policy that says nothing of launches, which no combined one is, allows none.
 *
 * @param policy the combined one of all parts, not optimised
 */
export function decideLaunch(policy: Policy, facts: LaunchFacts, problems: readonly string[] = []): LaunchVerdict {
  const outcomes = steps(policy, launchEnvironment(policy, facts));
  const isDecided = decisionAt(policy, 'launch') !== undefined;
  const allowed = isDecided && problems.length === 0 && outcomes.every(({ outcome }) => outcome === 'holds');
  return { allowed, steps: outcomes, problems };
}
