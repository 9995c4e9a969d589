import { PathIndex } from '../expressions/path-index.ts';
import { isBeneath } from '../expressions/path-pattern.ts';
import type { Predicate } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision } from '../ir/policy.ts';
import { withoutDenials } from '../ir/without-denials.ts';
import { fileSystemRights, landlockMask } from '../tables/landlock.ts';
import type { Comparison } from './landlock-comparison.ts';
import type { ReadRuleset } from './landlock-reader.ts';
import { alikeRights } from './landlock-rights.ts';
import { pathsIn, samplePaths } from './landlock-samples.ts';
import { rulesByPath } from './rules-by-path.ts';

/** Compares every right at every path that either names, and at what is above, below and beside those. */
export function comparePaths(
  decided: Decision | undefined,
  ruleset: ReadRuleset,
  abi: number,
  comparison: Comparison,
): void {
  const restricted = decided !== undefined && decided.otherwise.effect.kind === 'deny';
  const handled = restricted ? landlockMask('fs', abi) : 0n;
  comparison.same('handled_access_fs', ruleset.handledPaths, handled);
  if (!restricted) return;
  // Coverage says of each denial that Landlock does not hold it.
  const decision = withoutDenials(decided);
  const inexpressible = decision.rules.some((rule) => rule.effect.kind !== 'allow' || !isPlain(rule.when));
  const rights = fileSystemRights().filter((right) => right.abi <= abi);
  const classes = alikeRights(decision, rights);
  const granting = new PathIndex<ReadRuleset['paths'][number]>();
  for (const entry of ruleset.paths) granting.add(entry.path, entry);
  const rulesFor = rulesByPath(decision.rules);
  for (const path of samplePaths(decision, ruleset)) {
    let granted = 0n;
    for (const entry of granting.above(path)) if (isBeneath(path, entry.path)) granted |= entry.access;
    const here = { ...decision, rules: rulesFor(path) };
    let wanted = 0n;
    for (const { name, bits } of classes) if (allows(here, path, name)) wanted |= bits;
    if (granted === wanted) {
      comparison.count += rights.length;
      continue;
    }
    for (const { name, bit } of rights) {
      const found = (granted & bit) !== 0n;
      const isWanted = (wanted & bit) !== 0n;
      if (!found && isWanted && inexpressible) continue; // stricter: the rule has no form in Landlock
      comparison.same(`${name} at ${path}`, found ? 'allow' : 'deny', isWanted ? 'allow' : 'deny');
    }
  }
}

function allows(decision: Decision, path: string, right: string): boolean {
  const attribute = (name: string) => (name === 'path' ? path : name === 'right' ? right : undefined);
  return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
}

/** True for the forms that a grant can have: anything else may have been left out, which is stricter. */
function isPlain(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'constant':
    case 'beneath':
    case 'in-set':
      return true;
    case 'or':
    case 'and':
      return predicate.of.every(isPlain) && !(predicate.kind === 'and' && overlappingPatterns(predicate.of));
    case 'compare':
      return predicate.operator === '==' && predicate.left.kind === 'attribute' && predicate.left.name === 'right';
    case 'not':
    case 'in-ranges':
    case 'glob':
    case 'in-network':
      return false;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function overlappingPatterns(of: readonly Predicate[]): boolean {
  const mentioned = of.filter((operand) => pathsIn(operand).length > 0);
  return mentioned.length > 1 && mentioned.some((operand) => pathsIn(operand).some((path) => /[*?]/.test(path)));
}
