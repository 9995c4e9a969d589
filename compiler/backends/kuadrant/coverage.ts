import { decisionAt, type Policy, type Quota } from '../../ir/policy.ts';
import type { KubernetesTarget } from '../../target.ts';
import type { Coverage } from '../backend.ts';
import { attributesIn } from './attributes.ts';
import { overlappingQuotas } from './overlap.ts';
import type { KuadrantPlan } from './plan.ts';

/** What Kuadrant holds of each rule, quota and obligation, and what it loses. */
export function kuadrantCoverage(policy: Policy, plan: KuadrantPlan, target: KubernetesTarget): readonly Coverage[] {
  return [
    ...decisionCoverage(policy, plan, target),
    ...(policy.quotas ?? []).map(quotaCoverage(plan, target)),
    ...policy.limits.map(({ id }) => none(id, 'Kuadrant limits requests and tokens within a window, and nothing else')),
    ...policy.obligations.map(({ id, kind }): Coverage => {
      if (kind !== 'enforce-at') return none(id, 'Kuadrant only decides and counts');
      return plan.unsayable
        ? none(id, 'the decision has no form in CEL')
        : {
            rule: id,
            status: 'full',
            enforced: 'the policies target it, and accept keys of that namespace and those labels',
          };
    }),
  ];
}

function decisionCoverage(
  policy: Policy,
  { refused, unsayable, places }: KuadrantPlan,
  { rateLimitFailure }: KubernetesTarget,
): readonly Coverage[] {
  const decision = decisionAt(policy, 'request');
  if (decision === undefined) return [];
  const header = places[0]?.modelHeader;
  const byAuthoriser: Omit<Coverage, 'rule'> = { status: 'full', enforced: 'authorization of the AuthPolicy (403)' };
  let readsBody = false;
  const rules = decision.rules.map(({ id, when, effect }): Coverage => {
    const own = attributesIn(when).has('model');
    readsBody ||= own;
    if (unsayable) return none(id, 'the decision has no form in CEL');
    if (own && header !== undefined) {
      return {
        rule: id,
        ...byAuthoriser,
        enforced: `${byAuthoriser.enforced}, by the header ${header.name} that ${header.setBy} sets`,
      };
    }
    // A refusal behind a rule that the authoriser cannot decide is no more sure than that rule.
    if (refused === undefined || !(own || (readsBody && effect.kind === 'deny'))) return { rule: id, ...byAuthoriser };
    const enforced = 'a limit of nothing in the RateLimitPolicy (429): the authoriser sees no bodies, and so no models';
    if (rateLimitFailure === 'deny') return { rule: id, status: 'full', enforced };
    const lost =
      'a request without a body is not asked for its model, and while the rate limiter cannot be reached nobody is, unless the operator has RATELIMIT_SERVICE_FAILURE_MODE=deny (`--target rate-limit-failure=deny`)';
    return { rule: id, status: 'partial', enforced, lost };
  });
  const { id } = decision.otherwise;
  return [...rules, unsayable ? none(id, 'the decision has no form in CEL') : { rule: id, ...byAuthoriser }];
}

function quotaCoverage(plan: KuadrantPlan, { routes }: KubernetesTarget): (quota: Quota) => Coverage {
  const kinds = new Map(
    plan.limits.flatMap((limit) => [...limit.quotas, ...limit.implied].map(({ id }) => [id, limit] as const)),
  );
  const overlapping = overlappingQuotas(plan.limits.filter(({ resource }) => resource === 'tokens'));
  const apart = plan.places.length > 1 || (routes > 1 && plan.places.some(({ at }) => at === 'gateway'));
  return ({ id }) => {
    const limit = kinds.get(id);
    if (plan.unsayable || limit === undefined) return none(id, plan.lost.get(id) ?? 'nothing is written');
    const kind = limit.resource === 'tokens' ? 'TokenRateLimitPolicy' : 'RateLimitPolicy';
    const other = overlapping.get(id);
    const lost = [
      ...(apart ? ['each gateway and each route counts apart'] : []),
      ...(other === undefined
        ? []
        : [
            `\`${other}\` matches the same requests, and of two token limits the stricter may not bind (limitador #513)`,
          ]),
    ];
    const enforced = `limit ${limit.name} of the ${kind}`;
    if (lost.length === 0) return { rule: id, status: 'full', enforced };
    return { rule: id, status: 'partial', enforced, lost: lost.join('; ') };
  };
}

function none(rule: string, lost: string): Coverage {
  return { rule, status: 'none', lost };
}
