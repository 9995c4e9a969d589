import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { AuditFailure } from '../../audit/log.ts';
import { JournalFailure } from '../journal.ts';
import { isMap } from '../json.ts';
import type { JsonMap } from '../port.ts';
import { type Body, readBody } from './body.ts';
import { isTooDeep, whyWrong } from './body-schema.ts';
import { keyRoutes } from './key-routes.ts';
import { type Answered, problem } from './problem.ts';
import { pathMatch, type Route } from './routes.ts';
import type { Service } from './service.ts';
import { serviceRoutes } from './service-routes.ts';
import { teamRoutes } from './team-routes.ts';
import { tierRoutes } from './tier-routes.ts';
import type { Caller, Tokens } from './tokens.ts';

export interface ServerSettings {
  readonly service: Service;
  readonly tokens: Tokens;
  /** False where ENABLE_POLICY_MANAGEMENT switches changes off. */
  readonly enabled: boolean;
  /** PEM texts; absent, requests come in plain HTTP. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Requests that are answered at once at most. */
  readonly concurrency?: number;
}

/** All that is answered. */
const routes: readonly Route[] = [...teamRoutes, ...keyRoutes, ...tierRoutes, ...serviceRoutes(() => routes)];

/** The HTTP server of a service; it does not listen yet. */
export function serviceServer(settings: ServerSettings): Server {
  const { certificate, concurrency = 64, service } = settings;
  let underWay = 0;
  const load: Load = { isFull: () => underWay > concurrency, most: Math.ceil(concurrency / 2), callers: new Map() };
  const listener: RequestListener = (request, response) => {
    underWay += 1;
    response.on('close', () => {
      underWay -= 1;
    });
    answerTo(request, settings, load)
      .catch((error: unknown) => failed(error, service))
      .then((answer) => {
        service.parts.metrics.answered(answer.status);
        send(response, answer);
      })
      .catch(() => response.destroy());
  };
  const checks = { connectionsCheckingInterval: 5000 };
  const server =
    certificate === undefined
      ? createServer(checks, listener)
      : createSecureServer({ ...checks, ...certificate, handshakeTimeout: 10_000 }, listener);
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 4 * concurrency;
  return server;
}

/** What is being answered now. */
interface Load {
  isFull(): boolean;
  /** Requests of one caller at once at most, so that a token cannot keep others out. */
  readonly most: number;
  /** Requests by caller. */
  readonly callers: Map<string, number>;
}

async function answerTo(request: IncomingMessage, settings: ServerSettings, load: Load): Promise<Answered> {
  const { tokens } = settings;
  const { method = '', url = '/' } = request;
  const [path = '/'] = url.split('?');
  const caller = callerOf(request, tokens);
  const there = routes.flatMap((route) => {
    const names = pathMatch(route.path, path);
    return names === undefined ? [] : [{ route, names }];
  });
  const open = there.some(({ route }) => route.who.includes('anybody'));
  if (caller === undefined && !open) {
    return problem(401, 'a token is needed that is known', { headers: { 'www-authenticate': 'Bearer' } });
  }
  if (there.length === 0) return problem(404, `there is no \`${path.slice(0, 200)}\``);
  const found = there.find(({ route }) => route.method === method);
  if (found === undefined) {
    const allow = there.map(({ route }) => route.method).join(', ');
    return problem(405, `\`${method}\` is none of ${allow}`, { headers: { allow } });
  }
  const { route, names } = found;
  if (!isAllowed(route, caller, names)) return problem(403, 'the token is not for this');
  if (route.who.includes('anybody')) return answerFor(request, { route, names, caller, path }, settings);
  // Whether the process lives is said however busy it is.
  const name = JSON.stringify([caller?.name, caller?.role]);
  const count = load.callers.get(name) ?? 0;
  if (load.isFull() || count >= load.most) {
    return problem(429, 'too many requests at once', { headers: { 'retry-after': '1', connection: 'close' } });
  }
  load.callers.set(name, count + 1);
  try {
    return await answerFor(request, { route, names, caller, path }, settings);
  } finally {
    const left = (load.callers.get(name) ?? 1) - 1;
    if (left === 0) load.callers.delete(name);
    else load.callers.set(name, left);
  }
}

interface Found {
  readonly route: Route;
  readonly names: Readonly<Record<string, string>>;
  readonly caller: Caller | undefined;
  readonly path: string;
}

async function answerFor(
  request: IncomingMessage,
  { route, names, caller, path }: Found,
  { service, enabled }: ServerSettings,
): Promise<Answered> {
  const { method } = request;
  if (route.changes && !enabled) return problem(503, 'ENABLE_POLICY_MANAGEMENT switches changes off');
  if (route.changes && service.broken !== undefined) {
    return problem(503, `nothing can be changed: ${service.broken}`);
  }
  const body: Body = route.body === undefined ? noBody : await readBody(request);
  if (!body.ok) return body.answer;
  const { value, text } = body;
  if (route.body !== undefined) {
    const why = whyWrong(value, route.body) ?? (isTooDeep(value) ? 'the body is too deep' : undefined);
    if (why !== undefined) return problem(400, why);
  }
  const key = request.headers['idempotency-key'];
  if (Array.isArray(key) || (key !== undefined && !/^[!-~]{1,256}$/.test(key))) {
    return problem(400, 'an Idempotency-Key has from 1 to 256 visible characters');
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([method, path, text]))
    .digest('hex');
  return route.answer({
    service,
    caller,
    path: names,
    body: isMap(value) ? value : {},
    repeat: key === undefined ? undefined : { key, request: digest },
  });
}

const empty: JsonMap = {};
const noBody: Body = { ok: true, value: empty, text: '' };

function callerOf({ headers }: IncomingMessage, tokens: Tokens): Caller | undefined {
  const token = /^Bearer +([!-~]+)$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : tokens.caller(token);
}

function isAllowed({ who }: Route, caller: Caller | undefined, names: Readonly<Record<string, string>>): boolean {
  if (who.includes('anybody')) return true;
  if (caller === undefined || !who.includes(caller.role.kind)) return false;
  // A path without a team is answered by what the route itself lets a team see.
  return caller.role.kind !== 'team' || names.team === undefined || names.team === caller.role.team;
}

/** What must not happen: nothing of it is told to the caller. */
function failed(error: unknown, service: Service): Answered {
  if (error instanceof JournalFailure || error instanceof AuditFailure) {
    service.breakOff(`\`${error.path}\`: ${error.message}`);
    return problem(503, 'nothing can be changed: what is done cannot be written down');
  }
  return problem(500, 'the service made a mistake');
}

function send(response: ServerResponse, { status, headers = {}, body }: Answered): void {
  const isText = typeof body === 'string' && headers['content-type']?.startsWith('text/') === true;
  const text = status === 204 ? '' : isText ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    ...(status === 204 ? {} : { 'content-type': 'application/json' }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
