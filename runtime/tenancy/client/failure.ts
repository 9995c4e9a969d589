import { isList, isMap, under } from '../json.ts';
import type { ClusterFailure, FailureKind, FieldConflict, Json } from '../port.ts';
import type { Reply } from './exchange.ts';

/** What a reply that is no success says, from the Status object in its body (Kubernetes API Concepts, "Status"). */
export function failureOf(call: string, reply: Reply): ClusterFailure {
  if (reply.kind === 'timed-out') return { kind: 'timed-out', call, message: 'the server gave no answer in time' };
  if (reply.kind === 'unreachable') return { kind: 'unreachable', call, message: reply.reason };
  const { status, retryAfter, body } = reply;
  const answer = readJson(body);
  const said = under(answer, 'message');
  const message = typeof said === 'string' && said !== '' ? said : `the server answered ${status}`;
  const kind = kindOf(status, message);
  const wait = kind === 'throttled' || kind === 'server-error' ? milliseconds(retryAfter) : undefined;
  const conflicts = kind === 'conflict' ? conflictsIn(answer) : [];
  return {
    kind,
    call,
    message,
    status,
    ...(wait === undefined ? {} : { retryAfterMilliseconds: wait }),
    ...(conflicts.length === 0 ? {} : { conflicts }),
  };
}

export function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function kindOf(status: number, message: string): FailureKind {
  // What etcd refuses for its size comes as a 500 (etcd, `--max-request-bytes`).
  if (status === 413 || message.includes('request is too large')) return 'too-large';
  const known: Readonly<Record<number, FailureKind>> = {
    401: 'unauthorised',
    403: 'forbidden',
    404: 'not-found',
    409: 'conflict',
    410: 'gone',
    429: 'throttled',
  };
  return known[status] ?? (status >= 500 ? 'server-error' : status >= 400 ? 'invalid' : 'unreadable');
}

/** `Retry-After` in seconds; API servers write no dates there. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}

function conflictsIn(answer: Json | undefined): readonly FieldConflict[] {
  const causes = under(answer, 'details', 'causes');
  return (isList(causes) ? causes : []).flatMap((cause) => {
    if (!isMap(cause) || cause.reason !== 'FieldManagerConflict') return [];
    const { field, message } = cause;
    return typeof field === 'string' && typeof message === 'string' ? [{ field, message }] : [];
  });
}
