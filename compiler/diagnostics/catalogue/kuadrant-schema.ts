import { entries } from '../entry.ts';
import { authExample, limitWith, rateLimitExample } from './kuadrant-example.ts';

const good = rateLimitExample();
const target = (more: string) => `{ group: gateway.networking.k8s.io, kind: Gateway, name: gateway${more} }`;

/** The shape of Kuadrant's resources. */
export const kuadrantSchema = entries({
  POL2070: {
    severity: 'error',
    message: '`{key}` is missing in `{place}`',
    help: 'add `{example}`',
    explanation: 'The API server refuses a resource without this field.',
    bad: rateLimitExample({ limits: '{ all: { rates: [{ limit: 10 }] } }' }),
    good,
  },
  POL2071: {
    severity: 'error',
    message: 'the text is empty',
    help: 'write an expression, or take the item out',
    explanation: 'The API server refuses an empty text here.',
    bad: rateLimitExample({ limits: limitWith('when: [{ predicate: "" }]') }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: request.method == 'GET' }]`) }),
  },
  POL2072: {
    severity: 'error',
    message: '`{key}` cannot stand beside `{other}`',
    help: 'keep one of the two, or move the one into the other',
    explanation:
      'The API server refuses both in one resource. Rules of a policy stand bare, or under `defaults`, or under `overrides`: bare rules are defaults. So what belongs together moves below one of the keys, `when` and `patterns` included.',
    bad: rateLimitExample({ more: 'defaults: { limits: { all: { rates: [{ limit: 10, window: 1m }] } } }' }),
    good,
  },
  POL2073: {
    severity: 'error',
    message: '`{place}` says nothing: it has no rule',
    help: 'write at least one entry, such as below `{wanted}`, or delete the resource',
    explanation: 'The API server refuses a policy without any rule, and one whose `defaults` or `overrides` are empty.',
    bad: rateLimitExample({ limits: '{}' }),
    good,
  },
  POL2074: {
    severity: 'error',
    message: '`{value}` is no window: {why}',
    help: 'write numbers with `h`, `m`, `s` or `ms`, such as `24h` or `1m30s`',
    explanation:
      'A window is made of one to four numbers of at most five digits, each with its unit: `h`, `m`, `s` or `ms`. Days are written in hours; months have no length of their own.',
    bad: rateLimitExample({ limits: '{ all: { rates: [{ limit: 10, window: 1d }] } }' }),
    good: rateLimitExample({ limits: '{ all: { rates: [{ limit: 10, window: 24h }] } }' }),
  },
  POL2075: {
    severity: 'error',
    message: 'a condition of `selector`, `operator` and `value` is not read here any more',
    help: 'write it in CEL, as `predicate`',
    explanation:
      'Conditions of limits, and those of a whole policy, are predicates in CEL since version 1 of Kuadrant. Only the rules of an AuthPolicy still take the three keys. `polc migrate` rewrites a file and keeps its comments.',
    bad: rateLimitExample({ limits: limitWith('when: [{ selector: request.method, operator: eq, value: GET }]') }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: request.method == 'GET' }]`) }),
  },
  POL2076: {
    severity: 'error',
    message: '`{key}` stands at the wrong place',
    help: 'move it below `{place}`',
    explanation:
      'The field exists, but not here. The API server would drop it without a word, or refuse the resource where it validates strictly.',
    bad: authExample('{ keys: { apiKey: { selector: {} }, authorizationHeader: { prefix: APIKEY } } }'),
    good: authExample(
      '{ keys: { apiKey: { selector: {} }, credentials: { authorizationHeader: { prefix: APIKEY } } } }',
    ),
  },
  POL2077: {
    severity: 'error',
    message: '`{key}` is called `{now}` today',
    help: 'write `{now}`; `polc migrate` rewrites whole files',
    explanation: 'The field had another name or form in an older version of the API.',
    bad: rateLimitExample({ limits: '{ all: { rates: [{ limit: 10, duration: 1, unit: day }] } }' }),
    good: rateLimitExample({ limits: '{ all: { rates: [{ limit: 10, window: 24h }] } }' }),
  },
  POL2078: {
    severity: 'error',
    message: '`targetRef` takes no namespace',
    help: 'remove it, and put the policy into the namespace of what it targets: `metadata.namespace`',
    explanation: 'A policy targets an object of its own namespace, and of no other.',
    bad: rateLimitExample({ target: target(', namespace: web') }),
    good: rateLimitExample({ metadata: '{ name: limits, namespace: web }' }),
  },
  POL2079: {
    severity: 'error',
    message: '`routeSelectors` are no more',
    help: 'name a rule of the route in `targetRef.sectionName`, or write a predicate under `when`',
    explanation:
      'Policies selected rules of a route by patterns until version 1 of the API. A policy now targets one rule of the route by its name, in a policy of its own, or decides by a predicate over the request.',
    bad: rateLimitExample({ limits: limitWith('routeSelectors: [{ matches: [] }]') }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: request.path == '/toys' }]`) }),
  },
  POL2080: {
    severity: 'error',
    message: 'an item here is a map with the key `{key}`',
    help: 'put the text under `{key}`',
    explanation: 'Older versions of the API had plain texts here.',
    bad: rateLimitExample({ limits: limitWith('counters: [auth.identity.userid]') }),
    good: rateLimitExample({ limits: limitWith('counters: [{ expression: auth.identity.userid }]') }),
  },
  POL2081: {
    severity: 'error',
    message: '`{name}` {found}',
    help: 'write exactly one of {methods}',
    explanation:
      'Each rule has one method. The API server of the policy accepts none and several, but what the operator makes of it for the authoriser is refused, and the policy is then not enforced.',
    bad: authExample('{ keys: { credentials: { authorizationHeader: { prefix: APIKEY } } } }'),
    good: authExample('{ keys: { apiKey: { selector: {} } } }'),
  },
  POL2082: {
    severity: 'error',
    message: '`{name}` is no name for an object',
    help: 'write small letters, digits, `-` and `.`, with a letter or digit at both ends',
    explanation: 'The name of a policy is a DNS subdomain of at most 253 characters (RFC 1123).',
    bad: rateLimitExample({ metadata: '{ name: My_Limits }' }),
    good,
  },
  POL2083: {
    severity: 'error',
    message: '`{kind}` has no version `{version}`',
    help: 'the operator serves `{now}`',
    explanation:
      'The operator serves one version of each kind: AuthPolicy and RateLimitPolicy `kuadrant.io/v1`, TokenRateLimitPolicy `kuadrant.io/v1alpha1`. Fields of older versions have other names and forms, so the rest of the resource is not checked.',
    bad: rateLimitExample({ apiVersion: 'kuadrant.io/v1beta2' }),
    good,
  },
  POL2084: {
    severity: 'error',
    message: '`{group}` has no kind `{kind}`',
    help: 'correct the kind, or the group in `apiVersion`',
    explanation: 'No CustomResourceDefinition of Kuadrant has this kind, so that the API server refuses the resource.',
    bad: rateLimitExample({ kind: 'RateLimitPolcy' }),
    good,
  },
});
