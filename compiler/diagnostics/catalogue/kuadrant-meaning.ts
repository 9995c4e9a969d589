import { entries } from '../entry.ts';
import { authExample, limitWith, rateLimitExample, routeExample, tokenLimitExample } from './kuadrant-example.ts';

const good = rateLimitExample();
const window = (text: string) => `{ all: { rates: [{ limit: 10, window: ${text} }] } }`;
const get = `when: [{ predicate: request.method == 'GET' }]`;
const inBody = (more: string) =>
  rateLimitExample({ limits: '{}' }).replace('  limits: {}\n', `  defaults: { ${more} }\n`);
const limits = 'limits: { all: { rates: [{ limit: 10, window: 1m }] } }';

const merged = (name: string) =>
  inBody(`strategy: merge, limits: { ${name}: { rates: [{ limit: 10, window: 1m }] } }`).replace(
    'name: limits',
    `name: ${name}`,
  );
const overriding = (strategy: string) =>
  inBody(`strategy: ${strategy}, ${limits}`)
    .replace('defaults:', 'overrides:')
    .replace('name: limits', 'name: ceiling');
const onRoute = rateLimitExample({ target: '{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }' });
const signIn = (gateway: string) =>
  authExample(
    '{ keys: { apiKey: { selector: {} } } }',
    'response: { success: { filters: { identity: { json: { properties: { userid: { expression: auth.identity.sub } } } } } } }',
  ).replace('name: gateway', `name: ${gateway}`);
const byUser = (field: string) =>
  rateLimitExample({ limits: limitWith(`counters: [{ expression: auth.identity.${field} }]`) });

/** What Kuadrant accepts and does not do as it reads. */
export const kuadrantMeaning = entries({
  POL5130: {
    severity: 'warning',
    message: 'the limit `{name}` has no rate, and limits nothing',
    help: 'add `rates` with a `limit` and a `window`, or delete the limit',
    explanation: 'The API server accepts a limit without rates. Nothing is then counted, and nothing refused.',
    bad: rateLimitExample({ limits: '{ all: { counters: [{ expression: request.host }] } }' }),
    good,
  },
  POL5131: {
    severity: 'warning',
    message: 'a limit of `{value}` is read as 0: everything is refused',
    help: 'write how many are let through in a window; 0 says that it is none',
    explanation: 'The API server accepts a negative limit. The rate limiter takes it for 0.',
    bad: rateLimitExample({ limits: '{ all: { rates: [{ limit: -1, window: 1m }] } }' }),
    good,
  },
  POL5132: {
    severity: 'warning',
    message: '`{value}` is read as {seconds} s: the rate limiter counts whole seconds',
    help: 'write whole seconds',
    explanation:
      'A window may be written in milliseconds, but what is left of a second is dropped on the way to the rate limiter. `500ms` is a window of 0 seconds, in which nothing is ever counted.',
    bad: rateLimitExample({ limits: window('500ms') }),
    good: rateLimitExample({ limits: window('1000ms') }),
  },
  POL5134: {
    severity: 'warning',
    message: 'another {kind}, `{other}`, targets `{target}` too: only one of them will be in force',
    help: 'join the two, or give both `strategy: merge` below `defaults` or `overrides`',
    explanation:
      'The strategy of a policy is `atomic` unless it says otherwise: of two on one target one replaces the other as a whole, and only the status of the loser tells.',
    bad: `${good}---\n${rateLimitExample({ metadata: '{ name: more }' })}`,
    good: `${merged('limits')}---\n${merged('more')}`,
  },
  POL5135: {
    severity: 'warning',
    message: 'the overrides of `{other}` on the Gateway `{gateway}` take this policy out of force',
    help: 'give those overrides `strategy: merge`, or delete this policy',
    explanation:
      'Atomic overrides on a Gateway replace the policies of all routes that are attached to it. This policy stays in the cluster, and does nothing.',
    bad: `${routeExample}---\n${overriding('atomic')}---\n${onRoute}`,
    good: `${routeExample}---\n${overriding('merge')}---\n${onRoute}`,
  },
  POL5136: {
    severity: 'warning',
    message: 'this condition will stand for the limits of other policies too',
    help: 'write the condition at each limit of this policy, below its own `when`',
    explanation:
      'With `strategy: merge` the limits of several policies are enforced together, and so are the conditions of each whole policy: a condition here decides whether the limits of the others count.',
    bad: inBody(`strategy: merge, ${get}, ${limits}`),
    good: inBody(`strategy: merge, limits: { all: { rates: [{ limit: 10, window: 1m }], ${get} } }`),
  },
  POL5138: {
    severity: 'error',
    message: '`responseBodyJSON` in a condition of a token limit: the limit would never be enforced',
    help: 'decide by the request, or count by what the response says without a condition on it',
    explanation:
      'The conditions of a token limit are decided when the request comes in, when there is no response yet. The policy is still said to be enforced (kuadrant-operator #2145).',
    bad: tokenLimitExample({ limits: limitWith(`when: [{ predicate: responseBodyJSON('/model') == 'large' }]`) }),
    good: tokenLimitExample({ limits: limitWith(`when: [{ predicate: requestBodyJSON('/model') == 'large' }]`) }),
  },
  POL5139: {
    severity: 'warning',
    message: '`{name}` matches the same requests as `{other}`, and only one of two token limits counts',
    help: 'give the two limits conditions that exclude each other, or write both rates in one limit',
    explanation:
      'Where a request matches several token limits, the rate limiter reports the one that it comes to last, and the stricter one may be the other (limitador #513).',
    bad: tokenLimitExample({
      limits: '{ hour: { rates: [{ limit: 10, window: 1h }] }, day: { rates: [{ limit: 100, window: 24h }] } }',
    }),
    good: tokenLimitExample({ limits: '{ all: { rates: [{ limit: 10, window: 1h }, { limit: 100, window: 24h }] } }' }),
  },
  POL5140: {
    severity: 'warning',
    message: '{what} will take about {size}, {percent}% of what fits',
    help: 'write one limit with a counter instead of one for each user or team',
    explanation:
      'An object of Kubernetes holds 1.5 MiB at most, and what the operator makes of policies is one object for all: the configuration of the rate limiter, and that of the filter in the gateway. A limit takes about 251 bytes in the one, and in the other 460, or 2,850 if it is of tokens, each time for every match of a route. The estimate is of this policy alone.',
  },
  POL5141: {
    severity: 'error',
    message: '{what} will take about {size}, {percent}% of what fits',
    help: 'write one limit with a counter instead of one for each user or team',
    explanation:
      'An object of Kubernetes holds 1.5 MiB at most. What is larger is refused, the policy or what the operator makes of it, and then no change of any policy comes into force any more.',
  },
  POL5142: {
    severity: 'warning',
    message: 'no AuthPolicy of the workspace covers the {kind} `{name}`, so that `auth` is unknown',
    help: 'target the same object with an AuthPolicy, or decide without `auth`',
    explanation:
      'An expression over `auth` needs an AuthPolicy on the same route or its Gateway. Without one it fails at each request, and a limit whose condition fails is not enforced.',
    bad: `${signIn('other')}---\n${byUser('userid')}`,
    good: `${signIn('gateway')}---\n${byUser('userid')}`,
  },
  POL5143: {
    severity: 'warning',
    message: '`{name}` is not exported by {auth}',
    help: 'add it below `response.success.filters` of the AuthPolicy',
    explanation:
      'Of what the authoriser knows only that reaches the limits which an AuthPolicy exports under `response.success.filters`: `identity.json.properties.userid` becomes `auth.identity.userid`. Any other field is an error at each request, and the limit is then not enforced.',
    bad: `${signIn('gateway')}---\n${byUser('user')}`,
    good: `${signIn('gateway')}---\n${byUser('userid')}`,
  },
  POL5144: {
    severity: 'warning',
    message: 'this fails where {where}, and the limit then limits nothing',
    help: 'ask before, in the same condition or one above it',
    explanation:
      'The filter in the gateway lets a request pass whose limits it cannot decide: an expression that fails turns its limit off for that request. Whoever leaves a header out is then not limited. The filter makes one call for all limits of requests that do not speak of `auth` and one for those that do, so that an expression that fails turns off every limit of its call. Of CEL, `&&`, `||` and `? :` absorb an error where the other side decides, and conditions of one list are asked in turn.',
    bad: rateLimitExample({ limits: limitWith(`when: [{ predicate: "request.headers['x-team'] == 'blue'" }]`) }),
    good: rateLimitExample({
      limits: limitWith(`when: [{ predicate: "'x-team' in request.headers && request.headers['x-team'] == 'blue'" }]`),
    }),
  },
  POL5150: {
    severity: 'error',
    message: 'this reads as a division and a subtraction, not as a label',
    help: 'write the key between brackets and single quotes',
    explanation:
      "In CEL `labels.maas/team-id` is `(labels.maas / team) - id`. A key of labels or annotations that is no plain name is written as `labels['maas/team-id']`.",
    bad: rateLimitExample({
      limits: limitWith('counters: [{ expression: auth.identity.metadata.labels.maas/team-id }]'),
    }),
    good: rateLimitExample({
      limits: limitWith(`counters: [{ expression: "auth.identity.metadata.labels['maas/team-id']" }]`),
    }),
  },
  POL5151: {
    severity: 'error',
    message: 'a counter with a double quote breaks the rate limiter',
    help: 'write texts between single quotes',
    explanation:
      'The operator puts a counter between double quotes on its way to the rate limiter, and escapes nothing. One counter that the rate limiter cannot read keeps it from taking any later change, whoever makes it.',
    bad: rateLimitExample({ limits: limitWith(`counters: [{ expression: 'request.headers["x-user"]' }]`) }),
    good: rateLimitExample({ limits: limitWith(`counters: [{ expression: "request.headers['x-user']" }]`) }),
  },
  POL5152: {
    severity: 'error',
    message: 'the argument of `{name}` {why}',
    help: "write a JSON pointer (RFC 6901) as a text: `'/model'`",
    explanation:
      'The gateway looks for the texts that stand in such calls and fetches what they point to before it decides. A name without a slash is refused, and what is not written as a text is never fetched: the call gives null.',
    bad: tokenLimitExample({ limits: limitWith(`when: [{ predicate: requestBodyJSON('model') == 'large' }]`) }),
    good: tokenLimitExample({ limits: limitWith(`when: [{ predicate: requestBodyJSON('/model') == 'large' }]`) }),
  },
  POL5153: {
    severity: 'error',
    message: 'without the text `auth.` the limit does not wait for the authoriser',
    help: 'write `{fixed}`',
    explanation:
      'The operator decides by the text `auth.` whether an expression needs the answer of the authoriser. Between brackets it is not seen, and the expression is evaluated before there is an identity.',
    bad: rateLimitExample({ limits: limitWith(`when: [{ predicate: "auth['identity'].userid == 'bob'" }]`) }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: auth.identity.userid == 'bob' }]`) }),
  },
  POL5154: {
    severity: 'error',
    message: '`{name}` is not there in {where}',
    help: 'say it with functions that are there, such as `split`, `join`, `replace` and `substring`',
    explanation:
      'Predicates are checked by the operator, whose CEL has more functions than those who evaluate them. A call of one that is missing is an error at each request: rate limiting then lets the request through, and authentication refuses it.',
    bad: rateLimitExample({ limits: limitWith(`when: [{ predicate: request.path.reverse() == 'a' }]`) }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: request.path.lowerAscii() == 'a' }]`) }),
  },
  POL5155: {
    severity: 'error',
    message: '`has` takes a field, not an index',
    help: 'write `{fixed}`',
    explanation: "Whether a map has a key is asked with `in`: `'x-user' in request.headers`. `has` is for `map.field`.",
    bad: rateLimitExample({ limits: limitWith(`when: [{ predicate: "has(request.headers['x-user'])" }]`) }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: "'x-user' in request.headers" }]`) }),
  },
  POL5156: {
    severity: 'error',
    message: 'CEL has no function `float`',
    help: 'write `double`',
    explanation: 'The type of numbers with a fraction is called `double`.',
    bad: rateLimitExample({ limits: limitWith(`when: [{ predicate: float(auth.identity.spent) > 0.8 }]`) }),
    good: rateLimitExample({ limits: limitWith(`when: [{ predicate: double(auth.identity.spent) > 0.8 }]`) }),
  },
  POL5157: {
    severity: 'warning',
    message: 'a whole number of JSON is `{type}` in {where}, and this is `int`: the two have no arithmetic',
    help: 'convert the one to the type of the other: `int(auth.identity.n) * 2`, or `auth.identity.n * 2.0` in the authoriser',
    explanation:
      'CEL compares numbers of different types, but does not add or multiply them. The filter in the gateway reads whole numbers that are not negative as `uint`, the authoriser reads all numbers as `double`. The expression fails at each request.',
    bad: rateLimitExample({ limits: limitWith('when: [{ predicate: auth.identity.n * 2 > 10 }]') }),
    good: rateLimitExample({ limits: limitWith('when: [{ predicate: int(auth.identity.n) * 2 > 10 }]') }),
  },
  POL5158: {
    severity: 'warning',
    message: 'a division of whole numbers drops what is left over',
    help: 'divide doubles: `double(spent) / double(budget)`',
    explanation:
      'The filter of the gateway makes whole numbers of JSON whole numbers of CEL, and `9 / 10` is 0: `spent / budget < 0.9` holds at nine of ten.',
    bad: rateLimitExample({
      limits: limitWith('when: [{ predicate: auth.identity.spent / auth.identity.budget < 0.9 }]'),
    }),
    good: rateLimitExample({
      limits: limitWith('when: [{ predicate: double(auth.identity.spent) / double(auth.identity.budget) < 0.9 }]'),
    }),
  },
});
