import type { Policy, Quota } from '../../ir/policy.ts';
import type { KubernetesTarget } from '../../target.ts';
import { celConjuncts, celLines } from './condition.ts';
import { exported } from './identity.ts';
import { keyed, type PlannedLimit } from './limits.ts';
import { allowedAt, type KuadrantPlan, type Place } from './plan.ts';
import type { YamlValue } from './print-yaml.ts';

export type Kind = 'AuthPolicy' | 'RateLimitPolicy' | 'TokenRateLimitPolicy';

/** A policy of Kuadrant. */
export interface KuadrantObject {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string;
  readonly value: YamlValue;
  readonly limits: readonly PlannedLimit[];
}

/** Limits of nothing refuse every request for which their conditions hold; the name of the one that is written. */
const refusedLimit = 'refused';

/** The policies for one place, in the order in which the gateway applies them. */
export function policiesAt(
  policy: Policy,
  plan: KuadrantPlan,
  place: Place,
  name: string,
  target: KubernetesTarget,
): readonly KuadrantObject[] {
  const ofResource = (resource: Quota['resource']) => plan.limits.filter((limit) => limit.resource === resource);
  const requests = ofResource('requests');
  const tokens = ofResource('tokens');
  const { refused } = plan;
  const refusing: Record<string, YamlValue> =
    refused === undefined ? {} : { [refusedLimit]: limitValue([{ limit: 0, window: '1m' }], refused, []) };
  const limitPolicy = (kind: Kind, apiVersion: string, limits: readonly PlannedLimit[], first: typeof refusing = {}) =>
    objectOf(kind, apiVersion, place, name, limits, {
      limits: {
        ...first,
        ...Object.fromEntries(limits.map((each) => [each.name, limitValue(each.rates, each.when, each.counters)])),
      },
    });
  return [
    objectOf('AuthPolicy', 'kuadrant.io/v1', place, name, [], { rules: authRules(policy, plan, place, target) }),
    ...(requests.length > 0 || refused !== undefined
      ? [limitPolicy('RateLimitPolicy', 'kuadrant.io/v1', requests, refusing)]
      : []),
    ...(tokens.length > 0 ? [limitPolicy('TokenRateLimitPolicy', 'kuadrant.io/v1alpha1', tokens)] : []),
  ];
}

function objectOf(
  kind: Kind,
  apiVersion: string,
  { at, namespace, name: target, sectionName }: Place,
  name: string,
  limits: readonly PlannedLimit[],
  spec: Readonly<Record<string, YamlValue>>,
): KuadrantObject {
  const targetRef = {
    group: 'gateway.networking.k8s.io',
    kind: at === 'gateway' ? 'Gateway' : 'HTTPRoute',
    name: target,
    ...(sectionName === undefined ? {} : { sectionName }),
  };
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'polc' } };
  return { kind, name, namespace, limits, value: { apiVersion, kind, metadata, spec: { targetRef, ...spec } } };
}

function authRules(policy: Policy, plan: KuadrantPlan, place: Place, { keyPrefix }: KubernetesTarget): YamlValue {
  const { keys } = place;
  const allowed = allowedAt(policy, place);
  const properties: Record<string, YamlValue> = {};
  if (plan.exportsKey) properties.key = { value: keyed.slice(keyed.indexOf("'") + 1, -1) };
  for (const attribute of plan.exports) properties[attribute] = { expression: exported(place, attribute) };
  return {
    authentication: {
      'api-keys': {
        // Kuadrant keeps the authoriser's configuration in a namespace of its own, so that Secrets of others must be asked for.
        apiKey: { allNamespaces: true, selector: { matchLabels: Object.fromEntries(keys.labels) } },
        credentials: { authorizationHeader: { prefix: keyPrefix } },
      },
    },
    authorization: {
      'keys-namespace': patternMatching([`auth.identity.metadata.namespace == '${keys.namespace}'`]),
      ...(allowed === undefined || allowed === true
        ? {}
        : { requests: patternMatching(celConjuncts(allowed, celLines)) }),
    },
    ...(Object.keys(properties).length === 0
      ? {}
      : { response: { success: { filters: { identity: { json: { properties } } } } } }),
  };
}

/** All of the predicates must hold. */
function patternMatching(predicates: readonly string[]): YamlValue {
  return { patternMatching: { patterns: predicates.map((predicate) => ({ predicate })) } };
}

function limitValue(
  rates: PlannedLimit['rates'],
  when: readonly string[],
  counters: readonly string[],
): Readonly<Record<string, YamlValue>> {
  return {
    rates: rates.map(({ limit, window }) => ({ limit, window })),
    ...(when.length === 0 ? {} : { when: when.map((predicate) => ({ predicate })) }),
    ...(counters.length === 0 ? {} : { counters: counters.map((expression) => ({ expression })) }),
  };
}
