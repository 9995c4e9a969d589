import { classifications, clearanceOf } from '../../compiler/ir/launch-facts.ts';
import { covered, type EffectiveLimit, effectiveLimits } from '../../compiler/ir/launch-limits.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { printLimit } from '../../compiler/ir/print-limit.ts';
import type { Span } from '../../compiler/source/span.ts';

/** A limit that is broken. */
export interface Widening {
  /** In words, and whose it is. */
  readonly limit: string;
  /** Where it is written; undefined where that is nowhere. */
  readonly span: Span | undefined;
}

/**
 * What an invitation says beyond what whoever invites may, each as the limit that it breaks: `cost of the instance: at
 * most $0.15 an hour (profile cs101)`. Empty where it only narrows (settled point 24c).
 *
 * @param held the chain that it invites to
 */
export function wideningsOf(invitation: Policy, held: Policy): readonly Widening[] {
  const around = effectiveLimits(held);
  const broken = effectiveLimits(invitation).flatMap((limit) => around.filter((other) => isWider(limit, other)));
  const widenings = [...new Set(broken)].map((limit): Widening => {
    const { span, by = 'a wider part' } = limit.sources[0]!.origin;
    return { limit: `${printLimit(limit)} (${by})`, span };
  });
  const clearance = statedClearance(invitation);
  const mayHave = clearanceOf(held);
  // Where no part says one an institution clears for what is public, which no rule of its own says.
  if (widenings.length === 0 && clearance !== undefined && clearance > mayHave) {
    widenings.push({ limit: `clearance: ${classifications[Number(mayHave)]}`, span: undefined });
  }
  return widenings;
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
