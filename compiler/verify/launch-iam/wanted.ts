import { hasWildcard } from '../../expressions/glob.ts';
import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import { partOf } from '../../ir/launch.ts';
import { launchFacts } from '../../ir/launch-facts.ts';
import { type EffectiveLimit, effectiveLimits, limitHolds } from '../../ir/launch-limits.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import { type Visible, visible } from './visible.ts';

/** A part of a rule that IAM can see: it must hold for what RunInstances touches. */
export interface Wanted {
  readonly rule: string;
  readonly holds: Predicate;
  readonly place: Visible['place'];
  readonly attributes: readonly string[];
}

/** What the rules ask, each by itself, as far as IAM can be told of it. */
export function wantedOf(policy: Policy, tagged: boolean, sha256: (content: string) => string): readonly Wanted[] {
  const decision = decisionAt(policy, 'launch');
  if (decision === undefined) return [];
  const clearance = clearanceOf(policy);
  const apart = keptApart(policy);
  return decision.rules.flatMap((rule): readonly Wanted[] => {
    if (rule.effect.kind === 'allow') return [];
    const alone = { ...policy, decisions: [{ ...decision, rules: [rule] }] };
    return effectiveLimits(alone).flatMap((limit): readonly Wanted[] => {
      const holds = limitHolds(limit);
      const attributes = [...mentionedValues([holds]).keys()].filter(
        (name) => name !== 'clearance' || clearance === undefined,
      );
      const seen = attributes.map((name) => visible(name, sha256));
      const place = seen[0]?.place;
      if (place === undefined || seen.some((each) => each?.place !== place)) return [];
      if (!isSayable(limit, attributes, tagged) || apart.get(rule.id)?.has(attributes.join(' '))) return [];
      return [{ rule: rule.id, holds, place, attributes }];
    });
  });
}

/** What the policy itself knows of who launches. */
export function clearanceOf(policy: Policy): bigint | undefined {
  const roles = new Set((decisionAt(policy, 'launch')?.rules ?? []).map(({ id }) => partOf(id)?.role));
  if (!roles.has('profile') && !roles.has('invitation')) return undefined;
  const clearance = launchFacts(policy)('clearance');
  return typeof clearance === 'bigint' ? clearance : undefined;
}

/** Whether conditions of IAM can say the limit at all; that none does is then said as a loss. */
function isSayable(limit: EffectiveLimit, attributes: readonly string[], tagged: boolean): boolean {
  const byTag = attributes.includes('template') || attributes.includes('classification');
  if (byTag && !tagged) return false;
  const tags = attributes.filter((name) => name.startsWith('tag:'));
  if (!tags.every((tag) => plain.test(tag))) return false;
  switch (limit.kind) {
    case 'one-of':
    case 'none-of':
      if (attributes.includes('encrypted') || attributes.includes('classification')) return false;
      if (attributes.includes('template')) return limit.values.every((each) => !hasWildcard(each) || isStart(each));
      if (attributes.includes('launched')) return true;
      return attributes.length === 1 && limit.values.every((each) => plain.test(each));
    case 'is':
      return limit.attribute === 'encrypted' && limit.value === true;
    case 'at-most':
      return limit.attribute === 'classification';
    case 'tagged':
      return true;
    case 'at-least':
      return false;
    case 'condition': {
      const { holds } = limit;
      if (holds.kind !== 'compare' || holds.operator !== '>=' || holds.left.kind !== 'attribute') return false;
      return holds.left.name === 'clearance' && attributes.join() === 'classification';
    }
  }
}

const plain = /^[A-Za-z0-9 +\-=._:/@*?]+$/;

/** A start of names that tags spell as they are, and `*`. */
function isStart(value: string): boolean {
  return value.length <= 129 && /^[A-Za-z0-9 +\-._:/@]*\*$/.test(value);
}

/** By rule, what of it stands apart as the third list of patterns for one key or later: JSON has room for two. */
function keptApart(policy: Policy): ReadonlyMap<string, ReadonlySet<string>> {
  const counts = new Map<string, number>();
  const found = new Map<string, Set<string>>();
  for (const limit of effectiveLimits(policy)) {
    if (limit.kind !== 'one-of' || !limit.values.some(hasWildcard)) continue;
    const subject = limit.attributes.join(' ');
    const count = (counts.get(subject) ?? 0) + 1;
    counts.set(subject, count);
    if (count <= 2) continue;
    for (const { id } of [...limit.sources, ...limit.looser]) {
      const own = found.get(id) ?? new Set();
      found.set(id, own.add(subject));
    }
  }
  return found;
}
