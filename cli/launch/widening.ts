import { classifications, clearanceOf } from '../../compiler/ir/launch-facts.ts';
import { covered, type EffectiveLimit, effectiveLimits } from '../../compiler/ir/launch-limits.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { printLimit } from '../../compiler/ir/print-limit.ts';

/**
 * What an invitation says beyond what whoever invites may, each as the limit that it breaks: `cost of the instance: at
 * most $0.15 an hour (profile cs101)`. Empty where it only narrows (settled point 24c).
 *
 * @param held the chain that it invites to
 */
export function wideningsOf(invitation: Policy, held: Policy): readonly string[] {
  const around = effectiveLimits(held);
  const broken = effectiveLimits(invitation).flatMap((limit) => around.filter((other) => isWider(limit, other)));
  const texts = broken.map((limit) => `${printLimit(limit)} (${limit.sources[0]?.origin.by ?? 'a wider part'})`);
  const clearance = statedClearance(invitation);
  const mayHave = clearanceOf(held);
  // Where no part says one an institution clears for what is public, which no rule of its own says.
  if (texts.length === 0 && clearance !== undefined && clearance > mayHave) {
    texts.push(`clearance: ${classifications[Number(mayHave)]}`);
  }
  return [...new Set(texts)];
}

function isWider(limit: EffectiveLimit, other: EffectiveLimit): boolean {
  if (limit.kind === 'at-most' && other.kind === 'at-most') {
    return limit.attribute === other.attribute && other.bound < limit.bound;
  }
  if (limit.kind !== 'one-of' || limit.attributes.join() !== ('attributes' in other ? other.attributes.join() : '')) {
    return false;
  }
  if (other.kind === 'one-of') return limit.values.some((value) => !covered(value, other.values));
  return other.kind === 'none-of' && limit.values.some((value) => covered(value, other.values));
}

function statedClearance(invitation: Policy): bigint | undefined {
  for (const limit of effectiveLimits(invitation)) {
    if (limit.kind === 'at-most' && limit.attribute === 'classification') return BigInt(limit.bound);
  }
  return undefined;
}
