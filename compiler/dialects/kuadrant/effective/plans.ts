import type { ScalarNode, YamlNode } from '../../../source/tree.ts';
import type { KuadrantPolicy } from '../policy.ts';
import { fieldOf, itemsOf, textOf, valueAt } from '../resource.ts';
import { windowMilliseconds } from '../schema/window.ts';
import {
  type EffectiveLimit,
  type MergePolicy,
  type MergeRule,
  mergePolicyOf,
  type Written,
  withRules,
} from './rules.ts';

/** A plan of a PlanPolicy: the identities for which the first predicate holds are of its tier. */
export interface Plan {
  readonly tier: string;
  readonly tierNode: ScalarNode;
  readonly predicate: Written;
  readonly limit: EffectiveLimit;
}

/** How long the named limits of a plan are. Source: planpolicy_types.go, Limits.ToRates. */
const windows: readonly (readonly [field: string, hours: number])[] = [
  ['daily', 24],
  ['weekly', 168],
  ['monthly', 730],
  ['yearly', 8760],
];

/** The plans of a PlanPolicy, those that lack a tier or a predicate left out. */
export function plansOf(policy: KuadrantPolicy): readonly Plan[] {
  return itemsOf(fieldOf(policy.body, 'plans')).flatMap((plan): readonly Plan[] => {
    const [tier, predicate] = [fieldOf(plan, 'tier'), fieldOf(plan, 'predicate')];
    if (tier?.kind !== 'scalar' || predicate?.kind !== 'scalar') return [];
    const limits = fieldOf(plan, 'limits');
    return [
      {
        tier: tier.text,
        tierNode: tier,
        predicate: { text: predicate.text, span: predicate.span, scalar: predicate },
        limit: {
          name: tier.text,
          rates: [...named(limits), ...custom(limits)],
          when: [{ text: `auth.kuadrant.plan == "${tier.text}"`, span: tier.span }],
          counters: [],
        },
      },
    ];
  });
}

function named(limits: YamlNode | undefined): EffectiveLimit['rates'] {
  return windows.flatMap(([field, hours]) => {
    const node = fieldOf(limits, field);
    return node?.kind === 'scalar' && typeof node.value === 'number'
      ? [{ limit: Math.max(0, node.value), windowMilliseconds: hours * 3_600_000 }]
      : [];
  });
}

function custom(limits: YamlNode | undefined): EffectiveLimit['rates'] {
  return itemsOf(fieldOf(limits, 'custom')).flatMap((rate) => {
    const limit = fieldOf(rate, 'limit');
    if (limit?.kind !== 'scalar' || typeof limit.value !== 'number') return [];
    const window = windowMilliseconds(textOf(fieldOf(rate, 'window'))) ?? 0;
    return [{ limit: Math.max(0, limit.value), windowMilliseconds: Math.floor(window / 1000) * 1000 }];
  });
}

/**
 * The RateLimitPolicy that the extension makes of a PlanPolicy, on the target of the AuthPolicy that it finds there: one
 * limit a tier. Source: planpolicy_reconciler.go, buildDesiredRateLimitPolicy.
 */
function ratePolicyOfPlans(policy: KuadrantPolicy): MergePolicy | undefined {
  const { resource, target } = policy;
  const plans = plansOf(policy);
  if (target === undefined || plans.length === 0) return undefined;
  return withRules(
    {
      kind: 'RateLimitPolicy',
      name: resource.name,
      namespace: resource.namespace,
      created: textOf(valueAt(resource.node, 'metadata', 'creationTimestamp')),
      target,
      level: 'defaults',
      strategy: 'atomic',
      span: target.nameNode.span,
      plan: resource.name,
    },
    (from): readonly MergeRule[] =>
      [...plans]
        .sort((left, right) => (left.tier < right.tier ? -1 : 1))
        .map(({ tier, tierNode, limit }) => ({ id: tier, kind: 'limit', span: tierNode.span, from, limit })),
  );
}

/** Policies as they are merged, with what is made of plans. */
export function mergePoliciesOf(policies: readonly KuadrantPolicy[]): readonly MergePolicy[] {
  return policies.flatMap(
    (policy) => (policy.kind === 'PlanPolicy' ? ratePolicyOfPlans(policy) : mergePolicyOf(policy)) ?? [],
  );
}
