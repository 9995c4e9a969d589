/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [
    meaning,
    precedence,
    users,
    models,
    unnamed,
    budgets,
    nearBudget,
    tokenLimits,
    access,
    configMap,
    unsupported,
  ];
}

const meaning = `## What a policy decides

A request carries an API key, and the labels of the key's Secret say which tier, team and user it is of. It is admitted
where a tier, or what stands in its place, allows the model that it names, and no limit that speaks of it is used up. All
else is refused: a key without a tier, a tier that the policy does not name, a model that is not allowed.

A limit is counted for the whole team, in windows of fixed length that begin with the first request counted in them.
\`burst_limit\` counts requests when they are made; tokens are counted when the answer is there, so the request that uses a
limit up is still answered. The rate limiter counts for each route apart: of a gateway with several routes a team has the limit
at each of them, which \`--target routes=N\` lets polc say.
`;

const precedence = `## Which value holds

For each field the first of these that says it: the overrides of the user, those of the team, the tier, the tiers that it
extends in turn, \`platform_default\`. A list replaces a list as a whole.

A user who has a limit of its own is counted apart and no longer counts towards the team's. Other users of the team share
what the team has. Whoever says only something of a model, of the end of a budget or of its enforcement shares all else.
`;

const users = `## What each user of a team may use

\`per_user\` limits every user of a team by itself, within what the team has: both hold. A limit is a number, or a share of the
team's limit of that name; of a team that has more, \`25%\` is more.

\`\`\`yaml
tiers:
  standard:
    token_limit_per_hour: 50000
    per_user: { token_limit_per_hour: 25% }
\`\`\`

A user whose overrides say \`per_user\` has another share. One whose overrides say the limit itself is counted apart, and has
no share of the team's. A key that names no user is refused where users are limited.
`;

const models = `## Limits of single models

\`per_model\` limits the tokens of a model, by its name or by a pattern. A pattern counts each model that it matches by itself;
where two patterns match, both hold. What a model with a limit of its own uses is counted apart, and no longer counts towards
the team's limit of that name. A window that it does not say is still the team's.

\`\`\`yaml
tiers:
  premium:
    token_limit_per_hour: 200000
    per_model:
      "*premium*": { token_limit_per_hour: 5000 }
\`\`\`

A request that names no model is refused there, since it would be counted nowhere.
`;

const unnamed = `## Teams that the policy does not name

A team is named only where it has something of its own, or for the record: what a key needs is the label of its tier.
Every team of a tier, named or not, is counted by itself and held to what the tier says. So a team that says nothing of its
own can be added without any change to what the cluster holds.

\`polc build\` joins the limits that differ only in the team to one for each tier, with the team as its counter.
\`--no-merge\` leaves them apart, one for each team.
`;

const budgets = `## Budgets

A key of a team that has spent its budget is refused. What was spent stands in an annotation of the key's Secret, and so
does the budget. Somebody has to write the one: \`spend_writer\` says who. Where the annotation is absent, nothing is known
and the key is refused, so a new key is written with \`0\`.
`;

const nearBudget = `## Near the end of a budget

\`near_budget\` says what holds from a part of the budget on, of the dollars that are spent: 80% where \`at\` does not say
otherwise. Each of its limits takes the place of the team's limit of that name and of those of its models; those under its
\`per_user\` take the place of what \`per_user\` says. They are counted from nothing at that moment. Limits that it does not
name hold on. Whoever is not held to a budget has no end of it.

\`\`\`yaml
tiers:
  standard:
    token_limit_per_hour: 50000
    budget_usd_monthly: 500
    near_budget: { at: 80%, per_user: { token_limit_per_hour: 1000 } }
\`\`\`
`;

const tokenLimits = `## Two limits of tokens for one request

Of two token limits that match one request, the stricter may not bind (limitador #513, open): polc warns of both, as partly
enforced. Windows of one limit are no such case, since they are rates of it. So a model or a user that is counted apart in one
window is best given every window that the team has. A limit of requests is not concerned. Where the team's limit of tokens and
a share of it must both hold, that stays a warning until it is accepted.
`;

const access = `## Where requests are refused

The authoriser decides by what it sees: the key's labels and annotations, method, host and path. It sees no bodies, and so not
the model: Authorino could read one, but the gateway's filter calls it when the headers are there and sends no body along
(kuadrant-operator #1571, open), and no field of an AuthPolicy asks for one. So models are checked by the filter, which does read
the body, as the first limit of the RateLimitPolicy: one of nothing, which refuses with 429 instead of 403. What is lost by that
is said of each such rule, and accepted by name or by a target whose rate limiter fails closed.

Where a filter before Kuadrant's reads the body and sets a header, as body-based routers of the Gateway API Inference Extension do,
\`model_header\` names that header, and who sets it. The authoriser then decides about models too, with 403, and limits of models
read what it saw. Whoever sets the header must take the place of what a client sent: else a client names any model it likes.
`;

const configMap = `## Tiers in a ConfigMap

A file that \`include\` names may be a ConfigMap. Each of its keys is a tier, \`tier-NAME-policy.yaml\`, with the fields of a tier
as its text; \`platform-default-policy.yaml\` holds what \`platform_default\` does. Mistakes are shown where they stand inside the
text. A ConfigMap with such a key is a part of a tenancy policy wherever it is met: by itself it lacks the \`targets\`.
`;

const unsupported = `## What the rate limiter does not know

There are no windows of days or months: a day is 24 hours, and a month is as many as \`months_as_hours\` says. Nothing counts
requests that are open, so \`max_concurrent_requests\` is an error unless \`accept\` names it.
`;
