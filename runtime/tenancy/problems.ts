import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { Span } from '../../compiler/source/span.ts';
import { placeText } from './kinds.ts';
import type { ClusterFailure, FailureKind, ObjectPlace } from './port.ts';

/** What goes wrong in a cluster has no place in a file: it is said of the policy by its name. */
export function tenancySpan(policy: string): Span {
  return { file: policy, start: 0, end: 0 };
}

/** A call that failed, with what to do about it. */
export function callProblem(policy: string, failure: ClusterFailure): Diagnostic {
  const { call, message } = failure;
  return report('POL8120', tenancySpan(policy), { call, reason: message }, { help: helps[failure.kind] });
}

/** An apply that failed: where others own fields, that is what is said. */
export function applyProblem(policy: string, place: ObjectPlace, failure: ClusterFailure): Diagnostic {
  const { conflicts = [] } = failure;
  if (conflicts.length === 0) return callProblem(policy, failure);
  const fields = conflicts.map(({ field, message }) => `${field} (${message})`).join(', ');
  return report('POL8122', tenancySpan(policy), { object: placeText(place), fields });
}

const helps: Readonly<Record<FailureKind, string>> = {
  unauthorised: 'renew the credentials of the kubeconfig, or name another context with `--context`',
  forbidden: 'let an administrator apply the `rbac.yaml` that `polc build` writes',
  'not-found': 'see whether the namespace is there, and Kuadrant with its resource definitions',
  conflict: 'the object changed meanwhile: look at it with `polc tenancy plan`, and apply again',
  gone: 'try again',
  'too-large': 'make the policy smaller: teams with equal limits become one where no override names them',
  invalid: 'see that the operator is of the version that `--target kuadrant=` says',
  throttled: 'try again later: the server is busy',
  'server-error': 'look at the server, and try again',
  unreachable: 'see whether the server runs, and whether the kubeconfig names it',
  'timed-out': 'see whether the server runs, or give a call more time with `--call-timeout`',
  unreadable: 'see whether the kubeconfig names a Kubernetes API server',
};
