import { entries } from '../entry.ts';

/** Approvals, telling people, and what stands in the way of a guardrail's response. */
export const guardrailResponse = entries({
  POL8050: {
    severity: 'error',
    message: 'this is no approval that was issued here',
    help: 'use the link or the command of the message as it was sent, whole',
    explanation:
      'An approval is signed with a key that only this installation has, in the parameter `/polc/guardrail/approval-key`. This one was made up, cut short, changed, or signed before the key was replaced. Nothing was done.',
  },
  POL8051: {
    severity: 'error',
    message: 'the approval ran out at {time}',
    help: 'send the event again with `polc guardrail respond`: the approval is then asked for anew',
    explanation:
      'An approval is good for an hour: after that the spending may have stopped, or gone on in a way that calls for something else. Nothing was done.',
  },
  POL8052: {
    severity: 'error',
    message: 'the approval is for another plan: `{policy}` has changed since it was asked for',
    help: 'send the event again with `polc guardrail respond`, and approve what the policy says now',
    explanation:
      'Whoever approves agrees to one plan: these documents, these principals, for so long. A policy that was edited, or built with another version, may do something else, so that its hash and the digest of the plan have to be the same. Nothing was done.',
  },
  POL8053: {
    severity: 'error',
    message: 'the approval was used before: {how}',
    help: 'look at it with `polc guardrail status`; a breach that was rejected is asked about again after an hour, one that was acted on is not',
    explanation:
      'An approval decides once. It is marked as used before anything is done, so that of two people who press at once only one decides, and so that it cannot be sent again after the response was taken back. Only an approval whose response was not carried out to its end, since a call failed or the process ended, may be sent again.',
  },
  POL8054: {
    severity: 'error',
    message: 'there is no request for this approval any more',
    help: 'send the event again with `polc guardrail respond`: the approval is then asked for anew',
    explanation:
      'The request that the approval answers lies in a parameter below `/polc/guardrail/approval/`. It was removed or damaged, so that there is nothing to approve. Nothing was done.',
  },
  POL8055: {
    severity: 'warning',
    message: 'the message about `{policy}` was not delivered to Slack: {reason}',
    help: 'look at the webhook in `{parameter}`; what was decided stands all the same, and is in the audit log',
    explanation:
      'The webhook was tried several times. Its URL is a secret and is never shown. A message that only tells does not decide anything, so that a response is not held up by it.',
  },
  POL8056: {
    severity: 'error',
    message: 'nobody could be asked to approve the response of `{policy}`: {reason}',
    help: 'look at the webhook in `{parameter}` and send the event again: the request is kept, and is then sent again',
    explanation:
      'With `mode: manual` a person decides, and the message to Slack is how that person is asked. Without it nothing happens, so this is an error and not only a warning.',
  },
  POL8058: {
    severity: 'error',
    message: '`{action}` failed: {reason}',
    help: 'give the role the permissions that docs/guardrails.md lists, or try again where the service was not reached; nothing that needed the call was done',
    explanation:
      'A call to AWS failed. Whatever a response needs and cannot have stops it: guardrails fail closed, and say which call it was.',
  },
  POL8059: {
    severity: 'error',
    message: 'the audit log `{path}` cannot be used: {reason}',
    help: 'make it writable, or keep it aside and start a new one; nothing was done that is not in it',
    explanation:
      'Every decision is written to the audit log before it is carried out, and the log is a chain in which every record names the one before. Where it cannot be written, or was changed, nothing is done.',
  },
  POL8060: {
    severity: 'warning',
    message: '`{policy}` cannot decide about the event: {missing} is not known',
    help: 'say what the budget counts with `--budget-map FILE`, or take the condition out of the policy',
    explanation:
      'A filter on something that an event does not say is neither met nor missed. What is unknown never triggers a response; it is told to people and written to the audit log.',
  },
  POL8061: {
    severity: 'error',
    message: 'the request to approve the response of `{policy}` does not fit into a parameter: {size} of {limit} bytes',
    help: 'shorten the name of the budget that the event is about',
    explanation:
      'A request lies in a standard parameter of SSM, which holds 4,096 bytes: the event, compressed, without what the plan does not need. The plan is made again from the policy when it is approved.',
  },
  POL8062: {
    severity: 'error',
    message: 'the topic `{topic}` was not told: {reason}',
    help: 'allow `sns:Publish` on the topic, and send the event again: it is told then',
    explanation: 'The action `send_sns` of the policy was refused by SNS. What else the response did stands.',
  },
  POL8063: {
    severity: 'error',
    message: 'there is no guardrail that is switched on to put into the handler',
    help: 'build at least one guardrail that is `enabled` together with `--emit lambda`',
    explanation:
      'The handler for AWS Lambda carries the compiled guardrails inside. One that carries none would accept every event and do nothing.',
  },
  POL8064: {
    severity: 'error',
    message: 'the approval is for `{policy}`, which is not among the policies',
    help: 'name the policy, or the folder that it lies in',
    explanation:
      'What is approved is made again from the policy, so it has to be at hand, as it was when the approval was asked for. Nothing was done.',
  },
  POL8065: {
    severity: 'error',
    message: 'another run changes the guardrails of this account, at least until {time}',
    help: 'try again after that',
    explanation:
      'Responses and rollbacks that overlap would undo the steps of each other, so each holds the parameter below `/polc/guardrail/lock/` while it is at work. It was waited for half a minute. What a run that crashed has left runs out by itself, within two and a half minutes; where the time is further off, it was left by a machine whose clock is wrong, and the parameter with the highest number may be deleted once no run is at work. Nothing was done.',
  },
  POL8066: {
    severity: 'warning',
    message: '`{policy}` does not act by itself: the event is {why}',
    help: 'see whether the spending goes on; to respond all the same, have the policy ask with `mode: manual`, or raise `max_event_age`, and send the event again',
    explanation:
      'A notification that was sent again after months would restrict people today for what was spent then. So `mode: auto` acts only on events that are no older than `max_event_age`, 72 hours unless the policy says otherwise, counted from the date of a notification of AWS Budgets, the last day of an anomaly, or the end of the period of a normalised event. What bears no date has no known age. The event is told to people and written to the audit log.',
  },
});
