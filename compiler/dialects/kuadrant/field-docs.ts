/** What the fields are for, by name, or by name and the key around it; and an example of each. */
const docs: Readonly<Record<string, readonly [doc: string, example: string]>> = {
  targetRef: [
    "The Gateway or route that the policy applies to, in the policy's own namespace.",
    '{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }',
  ],
  group: ['The group of what is named.', 'gateway.networking.k8s.io'],
  kind: ['The kind of what is named.', 'HTTPRoute'],
  name: ['The name of what is meant.', 'web'],
  sectionName: ['A listener of the Gateway, or a named rule of the route. Absent: all of it.', 'api'],
  limits: ['The limits, each under a name of its own.', '{ all: { rates: [{ limit: 100, window: 1m }] } }'],
  rates: ['How many are let through, and in what time.', '[{ limit: 100, window: 1m }]'],
  limit: ['How many requests or tokens are let through in the window.', '100'],
  window: ['The time in which is counted: `h`, `m`, `s`, `ms`; what is left of a second is dropped.', '1m'],
  when: [
    'Conditions, all of which must hold. In a limit: for it to count. For the whole policy: for it to be enforced.',
    "[{ predicate: request.method == 'GET' }]",
  ],
  predicate: ['A condition in CEL.', "request.method == 'GET'"],
  counters: [
    'What is counted apart: one count for each value of the expressions.',
    '[{ expression: auth.identity.userid }]',
  ],
  expression: ['A value in CEL.', 'auth.identity.userid'],
  defaults: [
    'The rules, where a more specific policy may replace them. Instead of bare rules.',
    '{ strategy: merge, limits: {} }',
  ],
  overrides: ['The rules, where no more specific policy may replace them. Instead of bare rules.', '{ limits: {} }'],
  strategy: [
    'How the rules stand to those of other policies: `atomic` replaces the whole policy, `merge` rule by rule by name.',
    'merge',
  ],
  rules: ['What is asked of a request, in phases.', '{ authentication: { anyone: { anonymous: {} } } }'],
  authentication: ['Ways to prove an identity, of which one must succeed.', '{ anyone: { anonymous: {} } }'],
  metadata: ['What is fetched from elsewhere before access is decided.', '{}'],
  authorization: ['Conditions of access, all of which must hold.', '{}'],
  response: ['What is answered, and what is handed on when access is granted.', '{}'],
  success: ['What is handed on when access is granted.', '{}'],
  headers: ['Headers, by name.', '{}'],
  filters: [
    'Values exported to the gateway, where limits read them below `auth`.',
    '{ identity: { json: { properties: {} } } }',
  ],
  callbacks: ['Requests made when the decision is taken, whatever it is.', '{}'],
  patterns: ['Named conditions for `patternRef`; in `patternMatching`, the conditions.', '{}'],
  patternRef: ['The name of a set of conditions in `patterns`.', 'admins'],
  patternMatching: ['Conditions over the request and what is known of the caller.', '{ patterns: [] }'],
  selector: [
    'A dotted path to a value, `\\.` for a dot of a name; with `apiKey` and `x509`, which Secrets hold the keys.',
    'request.path',
  ],
  operator: ['How the value that is selected stands to `value`.', 'eq'],
  value: ['A fixed value.', 'GET'],
  apiKey: ['Keys in Secrets that carry the labels of the selector.', '{ selector: { matchLabels: { app: web } } }'],
  jwt: ['Tokens of an OpenID Connect issuer.', '{ issuerUrl: "https://example.com/realm" }'],
  anonymous: ['Anybody.', '{}'],
  plain: ['A value as it is.', '{ expression: request.headers.authorization }'],
  json: ['An object of values.', '{ properties: {} }'],
  properties: ['Values by name.', '{ userid: { expression: auth.identity.sub } }'],
  credentials: [
    'Where in the request the credential stands; default: `Authorization: Bearer`.',
    '{ authorizationHeader: { prefix: APIKEY } }',
  ],
  authorizationHeader: ['The header `Authorization`, after this prefix.', '{ prefix: APIKEY }'],
  prefix: ['The word before the credential.', 'APIKEY'],
  opa: ['A policy in Rego.', '{ rego: "allow = true" }'],
  rego: ["The policy's text; `allow` decides.", '"allow = true"'],
  priority: ['Rules of a smaller number run before those of a greater one; of one number together.', '0'],
  cache: ['How long what was worked out is kept, and for what.', '{ key: { selector: request.path }, ttl: 60 }'],
  metrics: ['Whether the rule has metrics of its own.', 'true'],
  ttl: ['Seconds.', '60'],
  plans: [
    "The plans, the first of which whose predicate holds is the caller's.",
    '[{ tier: gold, predicate: "true" }]',
  ],
  tier: ['The name of the plan.', 'gold'],
  custom: ['Rates besides those by calendar.', '[{ limit: 100, window: 1m }]'],
  daily: ['Requests in a day.', '1000'],
  weekly: ['Requests in a week.', '5000'],
  monthly: ['Requests in a month.', '20000'],
  yearly: ['Requests in a year.', '200000'],
};

export function sentenceOf(name: string, parent: string): string {
  return docs[name]?.[0] ?? `As Kuadrant's own reference of \`${parent}\` has it.`;
}

export function exampleOf(name: string): string {
  return docs[name]?.[1] ?? '…';
}
