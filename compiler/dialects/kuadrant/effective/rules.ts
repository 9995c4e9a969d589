import type { Span } from '../../../source/span.ts';
import type { MapEntry, ScalarNode, YamlNode } from '../../../source/tree.ts';
import type { PolicyKind } from '../../../tables/kuadrant-schemas.ts';
import { conditionsOf, type KuadrantPolicy, limitsOf, type RateLimit, type TargetReference } from '../policy.ts';
import { entriesOf, fieldOf, textOf, valueAt } from '../resource.ts';

/** The kinds whose rules are merged along the way of a request. */
export type MergedKind = Exclude<PolicyKind, 'PlanPolicy'>;

/** A text with the place where its author wrote it, or what it was made of. */
export interface Written {
  readonly text: string;
  readonly span: Span;
  /** The scalar whose text it is; absent where it was made of something else. */
  readonly scalar?: ScalarNode;
}

export interface EffectiveLimit {
  readonly name: string;
  readonly rates: readonly { readonly limit: number; readonly windowMilliseconds: number }[];
  readonly when: readonly Written[];
  readonly counters: readonly Written[];
}

/** One rule of a policy: what `merge` takes or leaves as a whole. */
export type MergeRule = {
  /** Rules of one id take each other's place. */
  readonly id: string;
  readonly span: Span;
  readonly from: MergePolicy;
} & (
  | { readonly kind: 'when'; readonly when: readonly Written[] }
  | { readonly kind: 'limit'; readonly limit: EffectiveLimit }
  /** A section of an AuthPolicy's rules, such as `authorization`, and a name in it. */
  | { readonly kind: 'auth'; readonly section: string; readonly name: string; readonly node: YamlNode }
);

/** A policy as the operator merges it with others. */
export interface MergePolicy {
  readonly kind: MergedKind;
  readonly name: string;
  readonly namespace: string;
  /** As its metadata has it; empty where it has none. */
  readonly created: string;
  readonly target: Pick<TargetReference, 'kind' | 'name' | 'section'>;
  readonly level: KuadrantPolicy['level'];
  readonly strategy: KuadrantPolicy['strategy'];
  /** Where it is written: its target. */
  readonly span: Span;
  readonly rules: readonly MergeRule[];
  /** The PlanPolicy that it is made of. */
  readonly plan?: string;
}

/** The id of the conditions of a whole policy, which a limit cannot have for its name. */
const topLevel = '### when';

export function mergePolicyOf(policy: KuadrantPolicy): MergePolicy | undefined {
  const { kind, resource, target, level, strategy } = policy;
  if (target === undefined || kind === 'PlanPolicy') return undefined;
  return withRules(
    {
      kind,
      name: resource.name,
      namespace: resource.namespace,
      created: textOf(valueAt(resource.node, 'metadata', 'creationTimestamp')),
      target,
      level,
      strategy,
      span: target.nameNode.span,
    },
    (from) => [
      ...conditionRule(policy, from),
      ...(kind === 'AuthPolicy' ? authRules(policy, from) : limitRules(policy, from)),
    ],
  );
}

/** A policy and its rules name each other. */
export function withRules(
  policy: Omit<MergePolicy, 'rules'>,
  rulesOf: (from: MergePolicy) => readonly MergeRule[],
): MergePolicy {
  let made: readonly MergeRule[] | undefined;
  const self: MergePolicy = {
    ...policy,
    get rules() {
      made ??= rulesOf(self);
      return made;
    },
  };
  return self;
}

function conditionRule(policy: KuadrantPolicy, from: MergePolicy): readonly MergeRule[] {
  const when = conditionsOf(policy).map(written);
  const key = policy.body.entries.find((entry) => entry.key.text === 'when')?.key;
  return key === undefined || when.length === 0 ? [] : [{ id: topLevel, kind: 'when', span: key.span, from, when }];
}

function limitRules(policy: KuadrantPolicy, from: MergePolicy): readonly MergeRule[] {
  // The operator goes through the limits in the order of their names.
  return [...limitsOf(policy)]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((limit) => ({ id: limit.name, kind: 'limit', span: limit.key, from, limit: effectiveLimit(limit) }));
}

function effectiveLimit({ name, rates, when, counters }: RateLimit): EffectiveLimit {
  return {
    name,
    // A negative limit is 0, and windows are whole seconds (Rate.ToSeconds).
    rates: rates.map(({ limit, windowMilliseconds = 0 }) => ({
      limit: Math.max(0, limit),
      windowMilliseconds: Math.floor(windowMilliseconds / 1000) * 1000,
    })),
    when: when.map(written),
    counters: counters.map(written),
  };
}

function written(scalar: ScalarNode): Written {
  return { text: scalar.text, span: scalar.span, scalar };
}

/** The named parts of an AuthPolicy that are merged one by one. Source: api/v1/authpolicy_types.go, Rules. */
const sections: readonly (readonly [section: string, path: readonly string[]])[] = [
  ['patterns', ['patterns']],
  ['authentication', ['rules', 'authentication']],
  ['metadata', ['rules', 'metadata']],
  ['authorization', ['rules', 'authorization']],
  ['headers', ['rules', 'response', 'success', 'headers']],
  ['filters', ['rules', 'response', 'success', 'filters']],
  ['callbacks', ['rules', 'callbacks']],
];

function authRules({ body }: KuadrantPolicy, from: MergePolicy): readonly MergeRule[] {
  const rule = (section: string, { key, value }: Pick<MapEntry, 'key' | 'value'>): MergeRule => ({
    id: `${section}#${key.text}`,
    kind: 'auth',
    span: key.span,
    from,
    section,
    name: key.text,
    node: value,
  });
  const named = sections.flatMap(([section, path]) =>
    entriesOf(valueAt(body, ...path)).map((entry) => rule(section, entry)),
  );
  const response = entriesOf(valueAt(body, 'rules', 'response'));
  return [...named, ...response.filter(({ key }) => key.text.startsWith('un')).map((entry) => rule('response', entry))];
}

/** The conditions of every limit of merged rules: of the whole policy, whoever they come from. */
export function topLevelConditions(rules: readonly MergeRule[]): readonly Written[] {
  return rules.flatMap((rule) => (rule.kind === 'when' ? rule.when : []));
}

/** Whether a policy has nothing to say, so that one above it counts (Empty of each kind). */
export function isEmptyPolicy({ kind, rules }: MergePolicy): boolean {
  const wanted = kind === 'AuthPolicy' ? 'auth' : 'limit';
  return rules.every((rule) => rule.kind !== wanted || (rule.kind === 'auth' && rule.section === 'patterns'));
}

/** The text of an expression under one of these keys. */
export function expressionIn(node: YamlNode | undefined, ...keys: readonly string[]): Written | undefined {
  for (const key of keys) {
    const found = fieldOf(node, key);
    if (found?.kind === 'scalar' && found.text !== '') return written(found);
  }
  return undefined;
}
