import { entries } from '../entry.ts';

/** What a guardrail changes in AWS, and takes back. */
export const guardrailActing = entries({
  POL8020: {
    severity: 'error',
    message: '`{action}` failed: {reason}',
    help: 'see what AWS says of it, and try again',
    explanation: `AWS refused a call, or could not be reached, also when it was tried again. What the response had done by then was
undone; where that failed too, another error says so. A rollback goes on with what is left, and so does the same command
once more.`,
  },
  POL8021: {
    severity: 'error',
    message: '`{action}` failed, and what the response had done is not wholly undone: {reason}',
    help: 'run `polc guardrail rollback --policy {policy}`, or wait for the next `rollback --expired`, which goes on with it',
    explanation: `A response failed halfway, and a call that takes it back failed too. The record of the response says so, and the next
rollback takes the rest back.`,
  },
  POL8022: {
    severity: 'error',
    message: 'there is no principal `{principal}` in the account',
    help: 'correct the ARN in `scope.principals`, or run polc with credentials of the account that the principal is in',
    explanation: `IAM was asked for a role or user of this ARN and knows none, or one of the same name with another path. Nothing was
changed: a response restricts all of its principals or none.`,
  },
  POL8023: {
    severity: 'error',
    message: 'there is a managed policy `{name}` that this guardrail did not make',
    help: 'look at who made it, and rename or delete it',
    explanation: `The name is derived from the guardrail and from what is denied, so nobody takes it by chance. What polc makes is tagged
with the guardrail; this one is not, or is another's, and was left as it is. Nothing else was changed either.`,
  },
  POL8024: {
    severity: 'warning',
    message: 'the document of `{name}` was changed by hand; it denies again what the guardrail says',
    help: 'change the guardrail instead, or end its response with `polc guardrail rollback --policy {policy}`',
    explanation: `The managed policy of a response had another document than the response gave it. It was put back. To let the
principals go, roll the response back.`,
  },
  POL8025: {
    severity: 'warning',
    message: '`{name}` was detached by hand from `{principal}`; it is attached again',
    help: 'exempt the principal in the guardrail, or end the response with `polc guardrail rollback --policy {policy}`',
    explanation: `The response was in force, and a principal had got rid of its deny policy. The same breach came up again, and the policy
was attached once more. To let the principal go, roll the response back; the breach is not acted on a second time.`,
  },
  POL8026: {
    severity: 'warning',
    message: 'the permissions boundary of `{principal}` was changed by hand to {now}; it is left so',
    help: 'set the boundary that it shall have; before the guardrail it was {before}',
    explanation: `A rollback puts the boundary back that was there before, and only where the boundary is still the one that the guardrail
set. Here somebody has set another since, and knows better.`,
  },
  POL8027: {
    severity: 'error',
    message: '{number} principals are more than the tags of a policy can name',
    help: 'split the guardrail into several with fewer principals',
    explanation: `The deny policy is tagged with the principals that it is meant for, so that \`polc guardrail status\` can tell from whom it
was detached: 45 tags of 256 characters, some 300 names. Nothing was changed.`,
  },
  POL8028: {
    severity: 'error',
    message: 'the parameter `{name}` is not what polc wrote',
    help: 'look at what it says and at who changed it, put it right by hand, then delete it',
    explanation: `The record of a response, or of the boundary that a principal had before, was changed, or was written by a later
version of polc. What it stands for cannot be put back from it. A response is not begun over a record that cannot be read.`,
  },
  POL8029: {
    severity: 'error',
    message: '`{principal}` has as many managed policies as it may have',
    help: 'detach one, or raise the quota “Managed policies attached to an IAM role” (or user) in Service Quotas',
    explanation: `A principal has a quota of managed policies, 10 unless raised, and a response needs one, or a few for long deny lists.
What the response had done to other principals was undone.`,
  },
  POL8030: {
    severity: 'warning',
    message: '`{action}` failed for what an earlier version of the guardrail denied: {reason}',
    help: 'the response is in force; a later rollback takes the rest away with it',
    explanation: `The policy was changed while a response of it was in force. The new response is there as a whole; something of the old
one could not be taken away yet, and goes with the rollback.`,
  },
  POL8031: {
    severity: 'warning',
    message: "the permissions boundary of `{principal}` was changed by hand; it is again the guardrail's",
    help: 'change the guardrail instead, or end its response with `polc guardrail rollback --policy {policy}`',
    explanation: `The response was in force, and the boundary of a principal was another than the guardrail's. A rollback puts back the one
that was set by hand.`,
  },
});
