import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Exchange {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly options: RequestOptions;
  readonly contentType?: string;
  readonly body?: string;
  /** Milliseconds until the whole answer has to be there. */
  readonly timeout: number;
}

/** What came back, or why nothing did. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | undefined; readonly body: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** An answer of more bytes than this is no answer: 1,000 objects of the largest size are less. */
const mostBytes = 2 ** 31 - 1;

/** One request and its answer. Never rejects. */
export function exchange({ method, url, options, contentType, body, timeout }: Exchange): Promise<Reply> {
  return new Promise((resolve) => {
    const make = url.protocol === 'https:' ? requestHttps : requestHttp;
    const headers = {
      ...options.headers,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
    };
    const request = make(url, { ...options, method, headers });
    const timer = setTimeout(() => finish({ kind: 'timed-out' }), timeout);
    function finish(reply: Reply): void {
      clearTimeout(timer);
      resolve(reply);
      if (reply.kind !== 'answer') request.destroy();
    }
    request.on('error', (error) => finish({ kind: 'unreachable', reason: reasonOf(error) }));
    request.on('response', (response) => collect(response, finish));
    request.end(body);
  });
}

function collect(response: IncomingMessage, finish: (reply: Reply) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > mostBytes) finish({ kind: 'unreachable', reason: 'the answer is too long' });
    else chunks.push(chunk);
  });
  response.on('error', (error) => finish({ kind: 'unreachable', reason: reasonOf(error) }));
  response.on('end', () =>
    finish({
      kind: 'answer',
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      body: Buffer.concat(chunks).toString('utf8'),
    }),
  );
}

function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' && !error.message.includes(error.code)
    ? `${error.message} (${error.code})`
    : error.message;
}
