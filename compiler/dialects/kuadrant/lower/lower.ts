import type { BackendAnswer } from '../../../coverage.ts';
import { and, not } from '../../../expressions/predicate.ts';
import type { Decision, Policy, Quota, Rule } from '../../../ir/policy.ts';
import { enforceables } from '../../../ir/policy.ts';
import { effectiveOn, levelOn, type RequestPath } from '../effective/request-path.ts';
import { type MergePolicy, type MergeRule, topLevelConditions } from '../effective/rules.ts';
import { loweredCondition, loweredCounter } from './attributes.ts';
import { authorizationPredicate, isAuthenticated } from './decisions.ts';
import { allOf, scopeOf } from './scope.ts';

/** What the policies of a file and those around it come to. */
export interface Lowering {
  /** The file: of the rules those are lowered that it holds. */
  readonly file: string;
  readonly policies: readonly MergePolicy[];
  readonly paths: readonly RequestPath[];
}

/**
 * The rules of a file that are in force somewhere, as the decision `request` and quotas: each for the ways on which no
 * other policy takes its place. Limits on a Gateway are counted for each route. What fails at run time is unknown, which
 * refuses in a decision and does not count in a quota.
 */
export function lowerKuadrant({ file, policies, paths }: Lowering): Policy {
  const found = inForce(policies, paths, file);
  const ids = new Set<string>();
  const unique = (id: string) => {
    let made = id;
    for (let next = 2; ids.has(made); next += 1) made = `${id}~${next}`;
    ids.add(made);
    return made;
  };
  const rules = found.flatMap((entry) => denials(entry, unique));
  const quotas = found.flatMap((entry) => quotasOf(entry, unique));
  const [first] = rules;
  const decision: Decision | undefined =
    first === undefined
      ? undefined
      : {
          point: 'request',
          combine: 'deny-overrides',
          rules,
          otherwise: {
            id: 'request/otherwise',
            topic: 'rules',
            origin: { span: first.origin.span, by: 'a request that no rule refuses' },
            effect: { kind: 'allow' },
          },
        };
  return {
    name: nameOf(file),
    decisions: decision === undefined ? [] : [decision],
    limits: [],
    obligations: [],
    ...(quotas.length === 0 ? {} : { quotas }),
  };
}

/** The name is made of the whole path: files of one name lie in many folders. */
function nameOf(path: string): string {
  const stem = path.replace(/\.ya?ml$/, '').replace(/^(\.\.?\/)+/, '');
  const name = stem.replace(/[^A-Za-z0-9._-]+/g, '.').replace(/^\.+/, '');
  return name === '' ? 'kuadrant' : name;
}

/** A rule with the ways on which it is in force, and what is in force beside it there. */
interface InForce {
  readonly rule: MergeRule;
  readonly on: readonly RequestPath[];
  readonly all: readonly RequestPath[];
  /** The rules with which it is merged: on every one of those ways the same. */
  readonly beside: readonly MergeRule[];
}

/** The rules of a file that are in force somewhere, apart for each set of rules that they are merged with. */
function inForce(policies: readonly MergePolicy[], paths: readonly RequestPath[], file: string): readonly InForce[] {
  const own = policies.filter(({ span }) => span.file === file);
  return own.flatMap((policy) => {
    const all = paths.filter((path) => levelOn(path, policy) !== undefined);
    const sets = new Map<string, { rules: readonly MergeRule[]; on: RequestPath[] }>();
    for (const path of all) {
      const { rules } = effectiveOn(path, policy.kind, policies);
      const key = rules.map(({ id, from }) => `${from.namespace}/${from.name} ${id}`).join('\n');
      const known = sets.get(key);
      if (known === undefined) sets.set(key, { rules, on: [path] });
      else known.on.push(path);
    }
    return [...sets.values()].flatMap(({ rules, on }) =>
      rules.filter(({ from }) => from === policy).map((rule) => ({ rule, on, all, beside: rules })),
    );
  });
}

function conditionsOf(beside: readonly MergeRule[]) {
  return topLevelConditions(beside).map((each) => loweredCondition(each, 'filter'));
}

function denials({ rule, on, all, beside }: InForce, unique: (id: string) => string): readonly Rule[] {
  if (rule.kind !== 'auth' || (rule.section !== 'authentication' && rule.section !== 'authorization')) return [];
  const scope = allOf(scopeOf(rule.from, on, all), ...conditionsOf(beside));
  const { name, namespace } = rule.from;
  const own = {
    id: unique(`request/${namespace === '' ? name : `${namespace}/${name}`}/${rule.section}/${rule.name}`),
    topic: `rules.${rule.section}.${rule.name}`,
    origin: { span: rule.span },
    effect: { kind: 'deny' },
  } as const;
  if (rule.section === 'authorization') {
    const named = new Map(
      beside.flatMap((each) =>
        each.kind === 'auth' && each.section === 'patterns' ? [[each.name, each.node] as const] : [],
      ),
    );
    return [{ ...own, when: and(scope, not(authorizationPredicate(rule, named))) }];
  }
  // One of several ways to authenticate is enough: the first stands for all of them.
  const isFirst = beside.find((each) => each.kind === 'auth' && each.section === 'authentication') === rule;
  return isFirst ? [{ ...own, topic: 'rules.authentication', when: and(scope, not(isAuthenticated)) }] : [];
}

function quotasOf({ rule, on, all, beside }: InForce, unique: (id: string) => string): readonly Quota[] {
  if (rule.kind !== 'limit') return [];
  const { limit, from } = rule;
  const when = allOf(
    scopeOf(from, on, all),
    ...conditionsOf(beside),
    ...limit.when.map((each) => loweredCondition(each, 'filter')),
  );
  const perRoute = from.target.kind === 'Gateway' ? [{ kind: 'attribute', name: 'route' } as const] : [];
  const counters = [...perRoute, ...limit.counters.map(loweredCounter)];
  const name = from.namespace === '' ? from.name : `${from.namespace}/${from.name}`;
  return (
    limit.rates
      // A window of no length is told of, and nothing that can be counted in.
      .filter((rate) => rate.windowMilliseconds > 0 && Number.isSafeInteger(rate.limit))
      .map((rate, index) => ({
        id: unique(
          `quota/${from.kind === 'TokenRateLimitPolicy' ? 'tokens' : 'requests'}/${name}/${limit.name}/${index}`,
        ),
        topic: `limits.${limit.name}`,
        origin: { span: rule.span, ...(from.plan === undefined ? {} : { by: `PlanPolicy ${from.plan}` }) },
        resource: from.kind === 'TokenRateLimitPolicy' ? ('tokens' as const) : ('requests' as const),
        amount: rate.limit,
        windowMilliseconds: rate.windowMilliseconds,
        when,
        counters,
      }))
  );
}

/** The cluster reads the file as it is. */
export function enforcedAsItIs(policy: Policy): readonly BackendAnswer[] {
  return enforceables(policy).map(({ id }) => ({
    backend: 'kuadrant',
    rule: id,
    status: 'full',
    enforced: 'by the cluster, which reads this file as it is',
  }));
}
