import type { KubernetesObject, ObjectKind, ObjectPlace } from './port.ts';

/** The kinds that a tenancy is written as, those that limit before the one that lets in: the order of changes. */
export const tenancyKinds: readonly ObjectKind[] = [
  { apiVersion: 'kuadrant.io/v1', kind: 'RateLimitPolicy', plural: 'ratelimitpolicies' },
  { apiVersion: 'kuadrant.io/v1alpha1', kind: 'TokenRateLimitPolicy', plural: 'tokenratelimitpolicies' },
  { apiVersion: 'kuadrant.io/v1', kind: 'AuthPolicy', plural: 'authpolicies' },
];

export const configMaps: ObjectKind = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };

/** Undefined where the object is of no kind that a tenancy has. */
export function kindOf({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): ObjectKind | undefined {
  return tenancyKinds.find((each) => each.kind === kind && each.apiVersion === apiVersion);
}

export function placeOf(object: KubernetesObject, kind: ObjectKind): ObjectPlace {
  return { kind, namespace: object.metadata.namespace, name: object.metadata.name };
}

/** `AuthPolicy llm/platform-tiers`, as messages name an object. */
export function placeText({ kind, namespace, name }: ObjectPlace): string {
  return `${kind.kind} ${namespace}/${name}`;
}
