import type { ClusterFailure, Json } from '../port.ts';

/** An answer to a request. */
export interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is answered as it is, by the `content-type` of the headers. */
  readonly body: Json;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** A refusal as a problem document (RFC 9457). */
export function problem(
  status: number,
  detail: string,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly fields?: Readonly<Record<string, Json>> } = {},
): Answered {
  const { headers = {}, fields = {} } = more;
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: { type: 'about:blank', title: titles[status] ?? 'Error', status, detail, ...fields },
  };
}

/** A cluster that does not answer is not the caller's mistake. */
export function clusterProblem({ call, message, kind }: ClusterFailure): Answered {
  const wait = kind === 'throttled' || kind === 'unreachable' || kind === 'timed-out' || kind === 'server-error';
  const detail = `the cluster: \`${call}\` failed: ${message}`;
  return wait ? problem(503, detail, { headers: { 'retry-after': '5' } }) : problem(502, detail);
}
