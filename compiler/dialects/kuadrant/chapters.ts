/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [files, expressions, across, migrating];
}

const files = `## What is read

A file may hold several documents, and lists of objects. Of them AuthPolicy, RateLimitPolicy, TokenRateLimitPolicy and
PlanPolicy are checked against the schemas and validation rules of the operator's CustomResourceDefinitions, as strictly as
\`kubectl apply\` does. Gateway, HTTPRoute and GRPCRoute are read for what the policies target. Anything else is left alone.

Texts with \`\${NAME}\` or \`{{ … }}\` in them are filled in by another tool, and are not checked.

\`polc build\` makes no artifact of such a file, only its manifest: the cluster reads the file as it is. \`polc fmt\` lays it
out. \`polc explain FILES… --request FILE\` says which policies are in force for a request, and which rules and limits fire:
see [kuadrant.md](../kuadrant.md).
`;

const expressions = `## Expressions

Every \`predicate\`, \`expression\` and \`urlExpression\` is parsed and type-checked as CEL, for whoever evaluates it:

| where | who evaluates it | what it knows |
| --- | --- | --- |
| \`when\`, \`predicate\` and \`counters\` of limits; \`when\` of a whole policy | the filter in the gateway, after the operator's check | \`request\`, \`source\`, \`destination\`, \`connection\`, \`ratelimit\`, \`metadata\`, \`filter_state\`, \`requestBodyJSON\`; \`auth\` where an AuthPolicy exports it |
| below \`rules\` of an AuthPolicy; plans | the authoriser | \`request\`, \`source\`, \`destination\`, \`connection\`, \`metadata\`, \`auth\` |

A mistake in a condition of a limit is an error at each request, and the limit is then not enforced. One in an AuthPolicy
refuses the request. One counter that the rate limiter cannot read keeps it from taking any later change.

- Keys of labels and annotations that are no plain names stand between brackets: \`labels['maas/team-id']\`.
- Counters have their texts between single quotes.
- \`requestBodyJSON\` takes a JSON pointer that stands there as a text: \`requestBodyJSON('/model')\`.
- Whether a map has a key is asked with \`in\`: \`'x-user' in request.headers\`.
- What may be absent is asked for before: \`'x-team' in request.headers && request.headers['x-team'] == 'blue'\`. A limit whose
  expression fails limits nothing, nor do the limits that are sent in the same call.
- \`auth.identity\` is written with dots: the text \`auth.\` is what makes a limit wait for the authoriser.
`;

const across = `## Across files

Names are looked up in every YAML file of the workspace: targets that do not exist, sections that a target does not have,
expressions over \`auth\` that no AuthPolicy covers or exports. Where the workspace has no object of a kind, nothing is said
about objects of that kind: they may be elsewhere.

Policies that take each other out of force (two atomic ones on one target, overrides of a Gateway over a route) are looked
for in one folder, since that is what is applied together; \`polc check A B\` of several paths compares all files that it
is given. It says which it did.

A workspace of more than 500 YAML files, or 4 MiB of them, is not read; each file is then checked by itself.
`;

const migrating = `## Older versions

\`polc migrate PATH…\` rewrites resources of \`kuadrant.io/v1beta2\` and \`v1beta3\` to today's version: conditions of \`selector\`,
\`operator\` and \`value\` become predicates, \`duration\` and \`unit\` a \`window\`, plain counters expressions, \`dynamicMetadata\` becomes
\`filters\`. Comments and layout stay. What needs a decision, such as \`routeSelectors\`, is left and reported. \`--check\` writes
nothing and ends with 4 where a file would change.
`;
