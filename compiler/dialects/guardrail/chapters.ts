/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [matching, windows, denying, inheritance, files];
}

const matching = `## Which events call for a response

An event passes, and nothing is done, where an exception holds (\`exceptions.accounts\`, a time window) or a condition of
\`match\` does not. Else the policy responds. All conditions must hold; both bounds of an amount belong to the range.

What an event does not say is unknown. A condition on it is neither met nor failed: unless something else lets the event
pass, the match is unknown, which people are told. Nothing is done then, in any mode.

| | \`budgets\` | \`anomaly\` |
| --- | --- | --- |
| account, amount | said | said |
| service, region | unknown, or from \`--budget-map\` | from its root causes |
| tags | unknown, or from \`--budget-map\` | unknown |
| forecast | said | never one |
| change of cost | from earlier periods | from earlier periods |

An anomaly with several root causes matches where any of them does.

A service stands for its family: \`Amazon EC2\` is \`Amazon Elastic Compute Cloud - Compute\` and \`EC2 - Other\`.
`;

const windows = `## Time windows

A window holds the minutes from \`start\` up to \`end\`, on the wall clock of its zone. One that ends before it begins goes on
until the next day, and belongs to the day on which it began: \`22:00\` to \`06:00\` on \`fri\` ends on Saturday morning. Where
clocks go back, both passes of the repeated hour are inside.
`;

const denying = `## What is denied

The deny lists of all actions are denied together to every principal of the scope, in \`scope.regions\` or everywhere.
Case does not count, and \`*\` and \`?\` stand for characters after the colon. A principal that \`exceptions.principals\` names is
left alone: its patterns are compared part by part, between the colons of the ARN.

An action that deletes data is refused in a deny list, also where a wildcard stands for it.
`;

const inheritance = `## Building on another policy

\`extends\` names a policy, or a part of one, which may extend another. Maps are joined key by key. Any other value replaces
that of the base, lists as a whole, and \`null\` removes it. It makes no difference whether a key stands at the top level or
under \`overrides\`. Keep a base that is no whole policy in a folder that is not built.
`;

const files = `## Files

One policy is one file, named after its \`policy_id\`. Two policies of one id are an error, and so is one that is wrong:
nothing is written then. A policy in a folder \`disabled/\` is checked and does nothing.
`;
