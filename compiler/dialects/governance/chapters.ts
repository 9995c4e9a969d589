/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [parts, steps, names, spending, invitations, classification];
}

const parts = `## Who decides

A launch is allowed where every part that speaks of it lets it pass: the institution, the profile, the invitation through
which somebody has the profile, the template, and the image. A narrower part never widens what a wider one says. So of two
allow-lists what both hold is allowed, a deny wins over every allow, and of two limits the lower holds.

A file holds one part or several. \`institution\` and \`profile\` may name another file instead of saying it, and that file's
own parts hold too. \`polc explain --profile FILE --template FILE\` prints the limits that are left, each with its sources.

Without an institution templates may be from anywhere and need no signature; what the profile, the template and the image
say holds all the same.
`;

const steps = `## Five steps

Every launch is decided in the same order, and each step is told of, also after one has refused:

| step | what it asks |
| --- | --- |
| source | where the template is from, its name, its approval and lifecycle, the image's owner, the invitation |
| signature | whether the signature is valid and whose it is |
| resources | instance type, region, cost, budgets, tags |
| classification | the clearance and the rules of handling data |
| compliance | the frameworks, the age of the image, its base and its scan |

What is not known is refused where something depends on it: a price under a limit of cost, a tag that is required, the
classification of a template under an institution.
`;

const names = `## Lists

Templates are on a list by the name that is launched or by that of the source template: \`python-ml\` allows an image that was
built from \`python-ml\`, whatever the image is called. With a list of images, what one of the two lists names is allowed. In names
and instance types \`*\` stands for any characters and \`?\` for one.

An empty list of what is allowed is an error, since it would refuse everything. So is a limit of 0.
`;

const spending = `## What is spent

\`max_hourly_cost\` is about one instance. The budgets are about all that the profile runs: \`max_hourly_budget\` about what it costs
at once, the others about what is spent in a day or a month, with the new instance until their end. Days and months are
those of UTC.
`;

const invitations = `## Invitations

An invitation becomes a signed token. Whoever accepts it has the profile with the limits of the
invitation besides, until the token expires.
`;

const classification = `## Classification

\`public\` < \`internal\` < \`confidential\` < \`restricted\`. Under an institution nobody launches a template that is classified above
their clearance, which is the lowest that the profile and the invitation say, and \`public\` where neither says one. Without
an institution nobody clears people: only a clearance that is written bounds what they launch.
\`security_classification\` of an institution is the highest that anybody may launch.
`;
