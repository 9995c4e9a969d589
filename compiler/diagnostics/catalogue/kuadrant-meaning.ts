import { entries } from '../entry.ts';
import { limitWith, rateLimitExample, tokenLimitExample } from './kuadrant-example.ts';

const good = rateLimitExample();
const window = (text: string) => `{ all: { rates: [{ limit: 10, window: ${text} }] } }`;
const get = `when: [{ predicate: request.method == 'GET' }]`;
const inBody = (more: string) =>
  rateLimitExample({ limits: '{}' }).replace('  limits: {}\n', `  defaults: { ${more} }\n`);
const limits = 'limits: { all: { rates: [{ limit: 10, window: 1m }] } }';

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
});
