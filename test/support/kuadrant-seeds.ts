/** Sound resources of every kind that between them use most of what the schemas have. */
export const kuadrantSeeds: Readonly<Record<string, string>> = {
  'rate limits': `apiVersion: kuadrant.io/v1
kind: RateLimitPolicy
metadata: { name: limits, namespace: web }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: web, sectionName: get }
  when:
    - predicate: request.path != '/health'
  limits:
    all:
      rates:
        - { limit: 10, window: 1m }
        - { limit: 100, window: 1h30m }
      when:
        - predicate: request.method == 'GET'
      counters:
        - expression: auth.identity.userid
`,
  'token limits below defaults': `apiVersion: kuadrant.io/v1alpha1
kind: TokenRateLimitPolicy
metadata: { name: tokens }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: models }
  defaults:
    strategy: merge
    limits:
      gold:
        rates: [{ limit: 100000, window: 1h }]
        when: [{ predicate: auth.identity.tier == 'gold' }]
        counters: [{ expression: auth.identity.userid }]
`,
  'overridden limits': `apiVersion: kuadrant.io/v1
kind: RateLimitPolicy
metadata: { name: ceiling }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: web }
  overrides:
    limits: { all: { rates: [{ limit: 1000, window: 1s }] } }
`,
  authentication: `apiVersion: kuadrant.io/v1
kind: AuthPolicy
metadata: { name: auth }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }
  patterns:
    admins: { allOf: [{ selector: auth.identity.group, operator: eq, value: admin }] }
  when: [{ predicate: request.path != '/health' }]
  rules:
    authentication:
      keys:
        apiKey: { selector: { matchLabels: { app: web } }, allNamespaces: true }
        credentials: { authorizationHeader: { prefix: APIKEY } }
        priority: 0
        cache: { key: { expression: request.path }, ttl: 60 }
      tokens:
        jwt: { issuerUrl: 'https://example.com/realm' }
        when: [{ predicate: "request.path.startsWith('/api')" }]
      certificates:
        x509: { selector: { matchLabels: { app: web } }, source: { xfccHeader: x-forwarded-client-cert } }
    metadata:
      profile:
        userInfo: { identitySource: tokens }
    authorization:
      admin:
        patternMatching: { patterns: [{ patternRef: admins }, { predicate: "auth.identity.group == 'admin'" }] }
    response:
      unauthorized: { code: 403, message: { value: no } }
      success:
        filters:
          identity: { json: { properties: { userid: { expression: auth.identity.sub } } } }
        headers:
          x-user: { plain: { expression: auth.identity.sub }, when: [{ selector: request.path, operator: neq, value: /x }] }
`,
  plans: `apiVersion: extensions.kuadrant.io/v1alpha1
kind: PlanPolicy
metadata: { name: plans }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }
  plans:
    - tier: gold
      predicate: auth.identity.tier == 'gold'
      limits: { daily: 100, custom: [{ limit: 5, window: 1m }] }
`,
};
