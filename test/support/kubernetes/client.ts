import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Json } from './json.ts';
import type { KubernetesServer } from './server.ts';

/** An answer of the server, its body read. */
export interface ApiResponse {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Json;
}

export interface CallOptions {
  readonly body?: Json;
  /** Of the body; JSON where it is not given. */
  readonly type?: string;
  /** '' for none; `administrator` where it is not given. */
  readonly token?: string;
  readonly agent?: string;
}

/** Asks the server. Rejects where the connection breaks. */
export function call(
  { url, certificate }: KubernetesServer,
  method: string,
  path: string,
  { body, type = 'application/json', token = 'administrator', agent = 'test/1' }: CallOptions = {},
): Promise<ApiResponse> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    'user-agent': agent,
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
  };
  const request = url.startsWith('https:') ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method, headers, ca: certificate, agent: false }, (incoming) => {
      let answered = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        answered += part;
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { statusCode: code = 0, headers: received } = incoming;
        const lines = answered.split('\n').filter((line) => line !== '');
        // A watch answers with an event on each line.
        const watched = /[?&]watch=true/.test(path) && code === 200;
        const parsed: Json = watched
          ? lines.map((line): Json => JSON.parse(line))
          : answered.startsWith('{')
            ? JSON.parse(answered)
            : answered;
        resolve({ code, headers: received, body: parsed });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** Applies an object on the server's side as a manager. */
export function applyAs(
  server: KubernetesServer,
  manager: string,
  path: string,
  body: Json,
  query = '',
): Promise<ApiResponse> {
  const type = 'application/apply-patch+yaml';
  return call(server, 'PATCH', `${path}?fieldManager=${manager}${query}`, { body, type });
}
