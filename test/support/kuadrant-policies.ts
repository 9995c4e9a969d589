import fc from 'fast-check';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
} from '../../compiler/expressions/predicate.ts';
import type { EnforceAt } from '../../compiler/ir/obligation.ts';
import type { Decision, Obligation, Policy, Quota, Rule } from '../../compiler/ir/policy.ts';

const origin = { span: { file: 'tiers.yaml', start: 0, end: 1 } };

const gatewayPlace: EnforceAt = {
  kind: 'enforce-at',
  at: 'gateway',
  namespace: 'llm',
  name: 'inference-gateway',
  keys: { namespace: 'llm', labels: [['app', 'llm-gateway']] },
  labels: { team: 'maas/team-id', user: 'maas/user-id', tier: 'maas/tier' },
  annotations: { budget: 'maas/budget-usd', spent: 'maas/spend-current' },
  budgets: [],
};

export function place(change: Partial<EnforceAt> = {}, id = 'target/0'): Obligation {
  return { id, topic: 'targets', origin, ...gatewayPlace, ...change };
}

export function quota(
  id: string,
  resource: Quota['resource'],
  amount: number,
  windowMilliseconds: number,
  when: Predicate = always,
  counters: readonly string[] = ['team'],
): Quota {
  return { id, topic: id, origin, resource, amount, windowMilliseconds, when, counters: counters.map(attribute) };
}

export function rule(id: string, when: Predicate, effect: 'allow' | 'deny' = 'allow'): Rule {
  return { id: `request/${id}`, topic: id, origin, when, effect: { kind: effect } };
}

export function requestDecision(
  rules: readonly Rule[],
  combine: Decision['combine'] = 'first-match',
  otherwise: 'allow' | 'deny' = 'deny',
): Decision {
  return {
    point: 'request',
    combine,
    rules,
    otherwise: { id: 'request/otherwise', topic: 'tiers', origin, effect: { kind: otherwise } },
  };
}

export function tenancyPolicy(
  decision: Decision | undefined,
  quotas: readonly Quota[],
  obligations: readonly Obligation[] = [place()],
): Policy {
  return {
    name: 'platform-tiers',
    decisions: decision === undefined ? [] : [decision],
    limits: [],
    obligations,
    quotas,
  };
}

export function is(name: string, value: string): Predicate {
  return compare(attribute(name), '==', literal(value));
}

export function isIn(name: string, values: readonly string[]): Predicate {
  return inSet(attribute(name), values);
}

const HOUR = 3_600_000;

/** Two tiers and a team with limits of its own, as the passes leave them. */
export const twoTiers: Policy = tenancyPolicy(
  requestDecision([
    rule('nobody', is('team', ''), 'deny'),
    rule('budget', and(is('tier', 'standard'), compare(attribute('spent'), '>=', attribute('budget'))), 'deny'),
    rule('standard', and(is('tier', 'standard'), isIn('model', ['qwen3-0-6b-instruct', 'simulator-model']))),
    rule('premium', is('tier', 'premium')),
  ]),
  [
    quota('standard/hour', 'tokens', 50_000, HOUR, and(is('tier', 'standard'), not(is('team', 'data-science')))),
    quota('standard/day', 'tokens', 400_000, 24 * HOUR, and(is('tier', 'standard'), not(is('team', 'data-science')))),
    quota('data-science/hour', 'tokens', 90_000, HOUR, and(is('tier', 'standard'), is('team', 'data-science')), []),
    quota('premium/hour', 'tokens', 1_000_000, HOUR, is('tier', 'premium')),
    quota('standard/burst', 'requests', 20, 60_000, is('tier', 'standard'), ['team', 'user']),
  ],
);

const text = fc.constantFrom('gold', 'free', "it's", 'a-b');
const names = { team: text, user: text, tier: text, model: text, host: text, path: text, method: text };

/** Conditions over what a request has, with every form that lowering makes. */
export const requestCondition: fc.Arbitrary<Predicate> = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(...Object.keys(names)).chain((name) =>
      fc.oneof(
        text.map((value) => is(name, value)),
        fc.uniqueArray(text, { maxLength: 3 }).map((values) => isIn(name, values)),
        text.map((value): Predicate => compare(attribute(name), '!=', literal(value))),
        fc
          .constantFrom('g*', '*e*', '?-b', "it's")
          .map((pattern): Predicate => ({ kind: 'glob', term: attribute(name), pattern })),
      ),
    ),
    fc
      .tuple(
        fc.constantFrom('spent', 'budget'),
        fc.constantFrom('<', '>=', '>', '==', '!=' as const),
        fc.constantFrom(0, 99.5, 100),
      )
      .map(([name, operator, value]) => compare(attribute(name), operator as '<', literal(value))),
    fc.constant(compare(attribute('spent'), '>=', attribute('budget'))),
    fc.constant(compare(attribute('team'), '==', attribute('user'))),
    tie('predicate').map(not),
    fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }).map((of) => and(...of)),
    fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }).map((of) => or(...of)),
  ),
})).predicate;
