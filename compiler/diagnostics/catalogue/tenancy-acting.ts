import { entries } from '../entry.ts';

/** What a tenancy changes in a cluster, and takes back. */
export const tenancyActing = entries({
  POL8120: {
    severity: 'error',
    message: '`{call}` failed: {reason}',
    help: 'see what the cluster says of it, and try again',
    explanation: `The API server refused a call or could not be reached, also when it was tried again. If anything had been changed by
then, it was put back; where that failed too, another error says so.`,
  },
  POL8121: {
    severity: 'error',
    message: '`{object}` is there and not of the policy `{policy}`',
    help: 'rename the policy, or delete the object if nobody needs it',
    explanation: `An object of this kind and name exists that does not have the labels \`app.kubernetes.io/managed-by: polc\` and
\`polc/policy\` of this policy. polc changes and deletes only what it wrote. Nothing was changed.`,
  },
  POL8122: {
    severity: 'error',
    message: 'others have changed `{object}`: {fields}',
    help: 'write the value into the policy, or take the fields back with `--force`',
    explanation: `Whoever changes a field of an object owns it from then on, and server-side apply does not take it away from them unless
it is told to. \`polc tenancy plan\` shows the values. Nothing was changed.`,
  },
  POL8123: {
    severity: 'error',
    message: '`{object}` is not ready after {seconds} s: {reason}',
    help: 'correct what the operator says, or give it more time with `--timeout`',
    explanation: `A policy of Kuadrant is in force when its conditions Accepted and Enforced are both true for the generation that was
applied. One that is enforced only for some routes is not in force.`,
  },
  POL8124: {
    severity: 'error',
    message: '`{object}` could not be put back: {reason}',
    help: 'run `polc tenancy apply --restore`, which goes on with it, or apply a policy that is right',
    explanation: `An apply failed, and so did a call that puts back what was there before. The journal still holds it: the next apply, or
\`--restore\`, goes on.`,
  },
  POL8125: {
    severity: 'error',
    message: 'another polc changes the policy `{policy}` now',
    help: 'wait until it is done',
    explanation: `Two runs that change the same objects would undo each other's steps. What a run that was killed held is free at once on
the same machine, and elsewhere, such as in another pod with the same volume, two minutes after its last sign.`,
  },
  POL8126: {
    severity: 'error',
    message: 'the journal `{path}` cannot be used: {reason}',
    help: 'make its folder writable, or name another with `--journal`',
    explanation: `Before anything is changed, what is there is written down, so that a run that was killed can be finished or taken back.
Without that nothing is changed.`,
  },
  POL8127: {
    severity: 'warning',
    message: 'no event could be recorded: {reason}',
    help: 'let the role create events of `events.k8s.io`, as `rbac.yaml` does',
    explanation: `What was done is done, and in the audit log; only the event in the cluster is missing.`,
  },
  POL8128: {
    severity: 'warning',
    message: 'an apply of `{policy}` was cut off at {time}',
    help: 'apply the policy again, or put back what was there with `polc tenancy apply --restore`',
    explanation: `The journal of a run that ended early is still there. What the cluster holds may be partly of one version of the policy
and partly of another.`,
  },
  POL8129: {
    severity: 'error',
    message: 'the ConfigMap `{name}` holds no tiers: {reason}',
    help: 'name the ConfigMap with `--template-configmap`, or the policy on the command line',
    explanation: `Without a policy on the command line, the tiers are those of the ConfigMap that POLICY_TEMPLATE_CONFIGMAP names, in the
namespace of the gateway.`,
  },
  POL8130: {
    severity: 'warning',
    message: '`{object}` is of this policy no more and somebody else has it: {reason}',
    help: 'look at who made it; polc leaves it',
    explanation: `An object was deleted and made again by others while polc was at work. It is not the one that polc knows, so it was left
as it is.`,
  },
  POL8131: {
    severity: 'warning',
    message: '`{object}` is of a policy `{policy}` too, in a namespace that this one does not name',
    help: 'delete it with `{deletion}` if this policy was there before, or rename one of two policies',
    explanation: `Objects are looked for in the namespaces of the policy's targets. Where a target has moved to another namespace, what was
applied before is still in force in the first: without the AuthPolicy there the gateway would let everybody in, so polc does
not delete it unasked. Credentials that may not list policies of all namespaces are shown no such objects.`,
  },
});
