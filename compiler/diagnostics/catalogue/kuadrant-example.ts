/** What an example changes in a RateLimitPolicy that is sound: parts as YAML on one line. */
interface Changes {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: string;
  readonly target?: string;
  readonly limits?: string;
  /** Further keys of `spec`. */
  readonly more?: string;
}

const toGateway = '{ group: gateway.networking.k8s.io, kind: Gateway, name: gateway }';
const oneLimit = '{ all: { rates: [{ limit: 10, window: 1m }] } }';

/** A whole RateLimitPolicy for the examples of the catalogue. Simple, since every start of the compiler makes them all. */
export function rateLimitExample(changes: Changes = {}): string {
  const { apiVersion = 'kuadrant.io/v1', kind = 'RateLimitPolicy', metadata = '{ name: limits }' } = changes;
  const { target = toGateway, limits = oneLimit, more } = changes;
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata: ${metadata}
spec:
  targetRef: ${target}
  limits: ${limits}
${more === undefined ? '' : `  ${more}\n`}`;
}

export function tokenLimitExample(changes: Changes = {}): string {
  return rateLimitExample({ apiVersion: 'kuadrant.io/v1alpha1', kind: 'TokenRateLimitPolicy', ...changes });
}

/** An AuthPolicy with these authentication rules, and further keys of `rules`. */
export function authExample(authentication: string, more?: string): string {
  return `apiVersion: kuadrant.io/v1
kind: AuthPolicy
metadata: { name: auth }
spec:
  targetRef: ${toGateway}
  rules:
    authentication: ${authentication}
${more === undefined ? '' : `    ${more}\n`}`;
}

/** A limit of ten a minute with these further keys. */
export function limitWith(more: string): string {
  return `{ all: { rates: [{ limit: 10, window: 1m }], ${more} } }`;
}

/** A RateLimitPolicy whose limit has this condition in CEL, written as it is. */
export function conditionExample(expression: string): string {
  return rateLimitExample({
    limits: `
    all:
      rates: [{ limit: 10, window: 1m }]
      when:
        - predicate: |-
            ${expression}`,
  }).replace('limits: \n', 'limits:\n');
}

/** The Gateway that the policies of the examples target. */
export const gatewayExample = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway, namespace: gateways }
spec: { gatewayClassName: envoy, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;

/** A route of that Gateway. */
export const routeExample = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { parentRefs: [{ name: gateway }], rules: [{ name: all, backendRefs: [{ name: web, port: 80 }] }] }
`;
