import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Policy } from '../ir/policy.ts';
import { dropDefault } from './drop-default.ts';
import { dropShadowed } from './drop-shadowed.ts';
import { finished } from './finished.ts';
import { foldConstants } from './fold-constants.ts';
import { mergeQuotas } from './merge-quotas.ts';
import { mergeRules } from './merge-rules.ts';
import type { Pass } from './pass.ts';
import { redundantAllows } from './redundant-allows.ts';

/** The passes in the order in which they run; those that name rules to the author come before those that join rules. */
export const passes: readonly Pass[] = [
  foldConstants,
  dropShadowed,
  redundantAllows,
  dropDefault,
  mergeRules,
  mergeQuotas,
];

export interface Optimising {
  /** The names of the passes that are left out. */
  readonly without?: readonly string[];
}

/**
 * Runs every pass that is not left out. The result means what the policy means: for known attributes every decision has the same effect,
 * and for unknown ones it is decided wherever it was decided before, with the same effect (some that had to be refused
 * for want of an attribute that cannot matter are decided now). Every id is still there, if only as `merged`.
 */
export function optimise(policy: Policy, diagnostics: Diagnostic[], options: Optimising = {}): Policy {
  return finished(optimiseInSteps(policy, diagnostics, options));
}

/** `optimise` for who has other work to do meanwhile: it stops on the way. */
export function* optimiseInSteps(
  policy: Policy,
  diagnostics: Diagnostic[],
  { without = [] }: Optimising = {},
): Generator<void, Policy> {
  let current = policy;
  for (const pass of passes) {
    if (without.includes(pass.name)) continue;
    const result = pass.steps === undefined ? pass.run(current) : yield* pass.steps(current);
    diagnostics.push(...result.diagnostics);
    current = result.policy;
  }
  return current;
}
