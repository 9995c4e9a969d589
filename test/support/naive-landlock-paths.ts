import { isBeneath } from '../../compiler/expressions/path-pattern.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';
import type { ReadRuleset } from '../../compiler/verify/landlock-reader.ts';

/**
 * Asks the ruleset and the decision for every right at every path, rule by rule: how many answers were the same, and the
 * first that was not.
 *
 * @param mayBeStricter whether the ruleset may lack what the decision allows
 */
export function naiveComparison(
  decision: Decision,
  ruleset: Pick<ReadRuleset, 'paths'>,
  abi: number,
  paths: Iterable<string>,
  mayBeStricter: boolean,
): { readonly count: number; readonly difference: string | undefined } {
  let count = 0;
  for (const path of paths) {
    for (const { name, bit, abi: since } of fileSystemRights()) {
      if (since > abi) continue;
      const found = ruleset.paths.some((entry) => (entry.access & bit) !== 0n && isBeneath(path, entry.path));
      const attribute = (asked: string) => (asked === 'path' ? path : asked === 'right' ? name : undefined);
      const wanted = decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
      if (!found && wanted && mayBeStricter) continue;
      count += 1;
      if (found !== wanted) return { count, difference: `${name} at ${path}` };
    }
  }
  return { count, difference: undefined };
}
