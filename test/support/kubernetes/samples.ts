import type { ApiResponse } from './client.ts';
import { type JsonObject, textAt } from './json.ts';

// What the tests of the server write to it.

export const configMaps = '/api/v1/namespaces/default/configmaps';
export const secrets = '/api/v1/namespaces/default/secrets';
export const limitPolicies = '/apis/kuadrant.io/v1/namespaces/default/ratelimitpolicies';

export function configMap(name: string, data: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** The policy `limits`, which admits so many requests in ten seconds. */
export function limitPolicy(limit: number, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'kuadrant.io/v1',
    kind: 'RateLimitPolicy',
    metadata: { name: 'limits' },
    spec: {
      targetRef: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'chat' },
      limits: { gold: { rates: [{ limit, window: '10s' }] } },
      ...spec,
    },
  };
}

/** `409 Conflict`. */
export function short({ code, body }: ApiResponse): string {
  return `${code} ${textAt(body, 'reason')}`;
}
