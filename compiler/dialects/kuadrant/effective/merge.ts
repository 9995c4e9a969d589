import { isEmptyPolicy, type MergePolicy, type MergeRule } from './rules.ts';

/** What becomes of the policies of one kind on the way of a request. */
export interface Effective {
  /** In the order of their ids: the operator sorts. */
  readonly rules: readonly MergeRule[];
  readonly fates: readonly Fate[];
}

/** What is left of a policy, and who took the place of the rest. */
export interface Fate {
  readonly policy: MergePolicy;
  readonly kept: readonly MergeRule[];
  readonly lost: readonly LostRule[];
}

export interface LostRule {
  readonly rule: MergeRule;
  /** Those whose rules are in force instead. */
  readonly by: readonly MergePolicy[];
}

/**
 * The rules in force where several policies of one kind apply. Beginning with the most specific, each less specific one
 * is merged by its own level and strategy. Source: kuadrant-operator, api/v1/merge_strategies.go,
 * EffectivePolicyForPath.
 *
 * @param policies from the least to the most specific; of one target the oldest first
 */
export function effectiveRules(policies: readonly MergePolicy[]): Effective {
  const last = policies.at(-1);
  if (last === undefined) return { rules: [], fates: [] };
  let rules = last.rules;
  let empty = isEmptyPolicy(last);
  for (const source of policies.slice(0, -1).reverse()) {
    rules = merged(source, rules, empty);
    empty &&= isEmptyPolicy(source);
  }
  const kept = new Set(rules);
  const fates = policies.map((policy) => ({
    policy,
    kept: policy.rules.filter((rule) => kept.has(rule)),
    lost: policy.rules.filter((rule) => !kept.has(rule)).map((rule) => ({ rule, by: winnersOver(rule, rules) })),
  }));
  return { rules: [...rules].sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)), fates };
}

/** A policy is merged into what the more specific ones left. */
function merged(source: MergePolicy, target: readonly MergeRule[], empty: boolean): readonly MergeRule[] {
  if (source.strategy === 'atomic') {
    return source.level === 'overrides' || empty ? source.rules : target;
  }
  const [first, second] = source.level === 'overrides' ? [source.rules, target] : [target, source.rules];
  const taken = new Set(first.map(({ id }) => id));
  return [...first, ...second.filter(({ id }) => !taken.has(id))];
}

/** Whoever has a rule of the same id in force, or all who have one. */
function winnersOver(rule: MergeRule, rules: readonly MergeRule[]): readonly MergePolicy[] {
  const same = rules.filter(({ id }) => id === rule.id);
  return [...new Set((same.length > 0 ? same : rules).map(({ from }) => from))];
}

/** The older first; where a time is missing, and where they are equal, by namespace and name (policy-machinery). */
export function byAge(left: MergePolicy, right: MergePolicy): number {
  if (left.created !== '' && right.created !== '' && left.created !== right.created) {
    return left.created < right.created ? -1 : 1;
  }
  const [one, other] = [`${left.namespace}/${left.name}`, `${right.namespace}/${right.name}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
