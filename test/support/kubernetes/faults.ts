import { ApiFailure } from './failure.ts';

/** A request that came. What is not about an object has '' for its verb and kind. */
export interface ApiCall {
  /** Of the request since the server started. */
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** '' where no token says who it is. */
  readonly user: string;
  readonly body: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** What goes wrong with a request. */
export interface FaultyAnswer {
  /** After: the effect is there, and the client does not learn it. */
  readonly when: 'before' | 'after';
  /** An HTTP status, no answer at all, or a connection that breaks. */
  readonly answer: 401 | 403 | 409 | 410 | 413 | 429 | 500 | 503 | 504 | 'hang' | 'close';
  /** What a 429 or 503 asks for. */
  readonly retryAfterSeconds?: number;
}

/** Says what goes wrong with a request; undefined lets it pass. */
export type Fault = (call: ApiCall) => FaultyAnswer | undefined;

const texts: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden: not this time'],
  409: ['Conflict', 'the object has been modified; please apply your changes to the latest version and try again'],
  410: ['Expired', 'The resourceVersion for the provided watch is too old.'],
  413: ['RequestEntityTooLarge', 'Request entity too large: limit is 3145728'],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred: not this time'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

/** The refusal that a faulty answer with a status is. */
export function failureOf({ answer, retryAfterSeconds }: FaultyAnswer): ApiFailure {
  const code = typeof answer === 'number' ? answer : 500;
  const [reason, message] = texts[code]!;
  const seconds = retryAfterSeconds ?? (code === 429 ? 1 : undefined);
  return new ApiFailure(code, reason, message, seconds === undefined ? {} : { retryAfterSeconds: seconds });
}
