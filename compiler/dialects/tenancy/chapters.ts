/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [meaning, precedence, unnamed, budgets, configMap, unsupported];
}

const meaning = `## What a policy decides

A request carries an API key, and the labels of the key's Secret say which tier, team and user it is of. It is admitted
where a tier, or what stands in its place, allows the model that it names, and no limit that speaks of it is used up. All
else is refused: a key without a tier, a tier that the policy does not name, a model that is not allowed.

A limit is counted for the whole team, in windows of fixed length that begin with the first request counted in them.
\`burst_limit\` counts requests when they are made; tokens are counted when the answer is there, so the request that uses a
limit up is still answered.
`;

const precedence = `## Which value holds

For each field the first of these that says it: the overrides of the user, those of the team, the tier, the tiers that it
extends in turn, \`platform_default\`. A list replaces a list as a whole.

A user who has a limit of its own is counted apart and no longer counts towards the team's. Other users of the team share
what the team has.
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

const configMap = `## Tiers in a ConfigMap

A file that \`include\` names may be a ConfigMap. Each of its keys is a tier, \`tier-NAME-policy.yaml\`, with the fields of a tier
as its text; \`platform-default-policy.yaml\` holds what \`platform_default\` does. Mistakes are shown where they stand inside the
text. A ConfigMap with such a key is a part of a tenancy policy wherever it is met: by itself it lacks the \`targets\`.
`;

const unsupported = `## What the rate limiter does not know

There are no windows of days or months: a day is 24 hours, and a month is as many as \`months_as_hours\` says. Nothing counts
requests that are open, so \`max_concurrent_requests\` is an error unless \`accept\` names it.
`;
