/** A call that AWS refused or that did not reach it. */
export class AwsFailure extends Error {
  /** `iam:AttachRolePolicy` */
  readonly action: string;
  /** AWS's own code: `LimitExceeded`, `AccessDenied`, `Throttling`, or `Unreachable`. */
  readonly code: string;
  /** It may work when tried again later. */
  readonly transient: boolean;

  /** AWS said so; else the request did not reach it, or what it said cannot be read. */
  readonly answered: boolean;

  constructor(action: string, code: string, message: string, transient: boolean, answered = true) {
    super(message);
    this.name = 'AwsFailure';
    this.action = action;
    this.code = code;
    this.transient = transient;
    this.answered = answered;
  }
}

/** What a call of the SDK rejected with, by AWS's own code. */
export function failureOf(action: string, error: unknown): AwsFailure {
  if (error instanceof AwsFailure) return error;
  if (!(error instanceof Error)) return new AwsFailure(action, 'Unknown', String(error), false);
  const status = statusOf(error);
  if (status === undefined && isNetwork(error))
    return new AwsFailure(action, 'Unreachable', messageOf(error), true, false);
  // The SDK names errors as their classes, most of which end in `Exception`; AWS's codes do not.
  const code = error.name.replace(/(.)Exception$/, '$1');
  const isTransient =
    /Throttl|TooManyRequests|RequestLimitExceeded|RequestTimeout|SlowDown|PriorRequestNotComplete/.test(code) ||
    /^(ConcurrentModification|EntityTemporarilyUnmodifiable|TooManyUpdates)$/.test(code) ||
    (status !== undefined && (status >= 500 || status === 429));
  return new AwsFailure(action, code, messageOf(error), isTransient, '$fault' in error);
}

/** Errors of Node's sockets and names, and the SDK's own of a time that has run out. */
const network =
  /^(ECONN\w+|ETIMEDOUT|ENOTFOUND|EAI_\w+|EPIPE|EHOSTUNREACH|ENETUNREACH|EPROTO|TimeoutError|AbortError|RequestTimeout)$/;

function isNetwork(error: Error): boolean {
  return network.test(error.name) || ('code' in error && network.test(String(error.code)));
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return undefined;
  const { $metadata: metadata } = error;
  return 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}

/** Node's error of all addresses tried has no message of its own, only those of its parts. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const parts = error instanceof AggregateError ? error.errors : [];
  return parts.map((part) => (part instanceof Error ? part.message : String(part))).join(', ');
}
