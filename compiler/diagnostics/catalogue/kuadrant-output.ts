import { entries } from '../entry.ts';

export const kuadrantCoverageEntries = entries({
  POL6080: {
    severity: 'hint',
    message: 'a policy on a route of the gateway `{gateway}` takes the place of this one there',
    help: 'let nobody else write policies of these kinds for its routes, or name the routes as targets',
    explanation:
      'An AuthPolicy, RateLimitPolicy or TokenRateLimitPolicy for a Gateway is a default: a policy of the same kind for an HTTPRoute replaces it for the requests of that route, limits and authentication included. Overrides would hold, and would take every policy of a route out of force, those of the platform too; so polc writes defaults.',
    bad: 'tiers:\n  standard: { token_limit_per_hour: 50000 }\ntargets:\n  - gateway: { namespace: llm, name: inference }\n',
    good: 'tiers:\n  standard: { token_limit_per_hour: 50000 }\ntargets:\n  - route: { namespace: llm, name: inference }\n',
  },
});

export const kuadrantSizes = entries({
  POL7220: {
    severity: 'warning',
    message: 'the {object} would have about {bytes} bytes of the {most} that fit',
    help: "give teams the tier's limits, so that they become one limit; see `polc explain`",
    explanation:
      "etcd takes requests of at most 1.5 MiB, and so no object of Kubernetes can be larger: neither the policies, nor the Limitador object that holds the limits of all policies for every route, nor the object that holds the configuration of the gateway's filter. The last two are estimated from what the operator writes for a limit. `--target routes=N` says how many routes there are, `--target object-bytes=N` what fits.",
  },
  POL7221: {
    severity: 'error',
    message: 'the {object} would have about {bytes} bytes, and {most} fit',
    help: "give teams the tier's limits, so that they become one limit, or divide the teams between gateways",
    explanation:
      "etcd takes requests of at most 1.5 MiB, and so no object of Kubernetes can be larger: neither the policies, nor the Limitador object that holds the limits of all policies for every route, nor the object that holds the configuration of the gateway's filter. Beyond that the operator's write fails, and the limits that were in force before stay. Teams that have their tier's limits share one limit that counts for each team apart; a limit of its own costs a team about 3 kB there.",
  },
});
