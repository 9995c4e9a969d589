import { evaluate } from '../expressions/evaluate.ts';
import type { Predicate } from '../expressions/predicate.ts';
import type { Decision } from '../ir/policy.ts';
import type { LandlockRight } from '../tables/landlock.ts';

export interface RightsAlike {
  /** One of them, to ask with. */
  readonly name: string;
  readonly bits: bigint;
}

/**
 * The rights in groups of which every leaf says the same: the decision cannot tell those of one apart. A leaf that looks
 * at more than the right may, so that it keeps rights apart.
 */
export function alikeRights(decision: Decision, rights: readonly LandlockRight[]): readonly RightsAlike[] {
  const leaves = leavesAboutRights(decision);
  const groups = new Map<string, RightsAlike>();
  for (const { name, bit } of rights) {
    const environment = {
      attribute: (asked: string) => (asked === 'right' ? name : undefined),
      parameter: () => undefined,
    };
    let answers = '';
    for (const leaf of leaves) answers += ` ${evaluate(leaf, environment) ?? name}`;
    const known = groups.get(answers);
    groups.set(answers, { name: known?.name ?? name, bits: (known?.bits ?? 0n) | bit });
  }
  return [...groups.values()];
}

/** The leaves of all rules that look at the right; of those that only look whether it is in a set, each set once. */
function leavesAboutRights(decision: Decision): readonly Predicate[] {
  const leaves: Predicate[] = [];
  const sets = new Set<string>();
  let looked = false;
  const attribute = (asked: string) => {
    looked ||= asked === 'right';
    return undefined;
  };
  const visit = (predicate: Predicate): void => {
    if (predicate.kind === 'and' || predicate.kind === 'or') {
      for (const operand of predicate.of) visit(operand);
      return;
    }
    if (predicate.kind === 'not') {
      visit(predicate.of);
      return;
    }
    looked = false;
    evaluate(predicate, { attribute, parameter: () => undefined });
    if (!looked) return;
    if (predicate.kind === 'in-set' && predicate.term.kind === 'attribute') {
      const values = predicate.values.join();
      if (sets.has(values)) return;
      sets.add(values);
    }
    leaves.push(predicate);
  };
  for (const { when } of decision.rules) visit(when);
  return leaves;
}
