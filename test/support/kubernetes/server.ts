import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { administrators, type User, unauthorized } from './access.ts';
import { answer, type Cluster, targetOf } from './answer.ts';
import { type Identity, loopbackIdentity } from './certificate.ts';
import { type Controller, enforced, runController } from './controller.ts';
import { serveDefinitions } from './custom-resources.ts';
import { ApiFailure } from './failure.ts';
import { type ApiCall, type Fault, failureOf } from './faults.ts';
import type { JsonObject } from './json.ts';
import { apiVersionOf, builtInKinds, type ResourceKind } from './kinds.ts';
import { create } from './operations.ts';
import type { ApiRequest } from './request.ts';
import { identityOf, resourceKey, Store } from './store.ts';
import { watch } from './watch.ts';

export interface KubernetesOptions {
  /** Who a bearer token is. Without this, the token `administrator` may do everything. */
  readonly tokens?: Readonly<Record<string, User>>;
  /** The token in the kubeconfig; the first of `tokens` where it is not given. */
  readonly token?: string;
  /** What Kuadrant's operator makes of policies; without it all are enforced at once. */
  readonly controller?: Controller;
  readonly fault?: Fault;
  /** Objects that are there from the start, whole; namespaces before what is in them. */
  readonly objects?: readonly JsonObject[];
  /** Between the bookmarks of a watch. */
  readonly bookmarkMilliseconds?: number;
  /** False for plain HTTP, where kubectl sends no token. */
  readonly secure?: boolean;
}

export interface KubernetesServer {
  readonly url: string;
  /** Of a file that is gone after `close`. */
  readonly kubeconfigPath: string;
  /** The certificate of the server, its own authority, in PEM. */
  readonly certificate: string;
  readonly store: Store;
  readonly kinds: readonly ResourceKind[];
  /** Every request that came, in order. */
  readonly calls: readonly ApiCall[];
  /** May be set at any time. */
  fault: Fault;
  /** May be set at any time; what was written before keeps its outcome. */
  controller: Controller;
  /** An object; undefined where there is none. */
  object(kind: string, namespace: string, name: string): JsonObject | undefined;
  /** All objects of a kind, of every namespace or one. */
  objects(kind: string, namespace?: string): readonly JsonObject[];
  /** Puts an object there as the manager `seed`, past authorisation and faults; validated as any. */
  add(object: JsonObject): JsonObject;
  /** Writes the kubeconfig of another token beside the first; gives its path. */
  kubeconfigFor(token: string): string;
  /** Forgets the history, so that old watches and lists are told 410. */
  compact(): void;
  /** Ends every watch, as a server does that restarts. */
  dropWatches(): void;
  close(): Promise<void>;
}

/** Above this the server does not read a body (apiserver, `MaxRequestBodyBytes`). */
const mostRequestBytes = 3_145_728;

/** Starts an API server of Kubernetes with Kuadrant's kinds on loopback. */
async function startKubernetesServer(options: KubernetesOptions = {}): Promise<KubernetesServer> {
  const tokens = new Map(
    Object.entries(options.tokens ?? { administrator: { name: 'administrator', groups: [administrators] } }),
  );
  const cluster: Cluster = { store: new Store(), kinds: [...builtInKinds()] };
  const { store, kinds } = cluster;
  const calls: ApiCall[] = [];
  const watches = new Set<() => void>();
  const hanging = new Set<IncomingMessage>();
  const settings = { fault: options.fault ?? (() => undefined), controller: options.controller ?? (() => enforced()) };

  const add = (object: JsonObject): JsonObject => {
    const kind = kinds.find((each) => each.kind === object.kind && apiVersionOf(each) === object.apiVersion);
    if (kind === undefined) throw new Error(`no kind ${object.apiVersion} ${object.kind}`);
    const namespace = kind.namespaced ? identityOf(object).namespace || 'default' : '';
    const place = { kind, namespace, name: '', subresource: '' };
    return create(store, place, object, { manager: 'seed', dryRun: false, validation: 'Strict', force: false }).object;
  };
  const stopDefinitions = serveDefinitions(cluster);
  const stopController = runController(store, kinds, () => settings.controller);
  for (const name of ['default', 'kube-system']) add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const object of options.objects ?? []) add(object);

  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (outgoing.destroyed) return;
      const failure = error instanceof ApiFailure ? error : new ApiFailure(500, 'InternalError', String(error));
      sendFailure(outgoing, failure);
    });
  };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const user = userOf(request, tokens);
    const call = callOf(cluster, request, user, calls.length);
    calls.push(call);
    const fault = settings.fault(call);
    const strike = (): boolean => {
      if (fault === undefined) return false;
      if (fault.answer === 'close') incoming.socket.destroy();
      else if (fault.answer === 'hang') hanging.add(incoming);
      else sendFailure(outgoing, failureOf(fault));
      return true;
    };
    if (fault?.when === 'before' && strike()) return;
    if (user === undefined) throw unauthorized;
    const found = answer(cluster, user, request);
    if (fault?.when === 'after' && strike()) return;
    if ('watch' in found) {
      stream(found.watch.kind, found.watch.namespace, request, outgoing);
      return;
    }
    for (const warning of found.warnings ?? []) outgoing.appendHeader('warning', `299 - ${JSON.stringify(warning)}`);
    send(outgoing, found.code, found.body);
  }

  function stream(kind: ResourceKind, namespace: string, request: ApiRequest, outgoing: ServerResponse): void {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.flushHeaders();
    const end = () => {
      stop();
      watches.delete(end);
      outgoing.end();
    };
    const sink = {
      send: (event: JsonObject) => outgoing.write(`${JSON.stringify(event)}\n`),
      end: () => outgoing.end(),
    };
    const times = { bookmarkMilliseconds: options.bookmarkMilliseconds ?? 60_000 };
    const stop = watch(store, kind, namespace, request.query, times, sink);
    watches.add(end);
    outgoing.on('close', end);
  }

  const identity: Identity | undefined = options.secure === false ? undefined : loopbackIdentity();
  const server =
    identity === undefined
      ? createPlainServer(listener)
      : createSecureServer({ key: identity.key, cert: identity.certificate }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`;
  const folder = mkdtempSync(join(tmpdir(), 'polc-kubernetes-'));
  const kubeconfigFor = (token: string): string => {
    const path = join(folder, `${token}.kubeconfig`);
    writeFileSync(path, kubeconfigText(url, identity, token), { mode: 0o600 });
    return path;
  };
  const [first = ''] = tokens.keys();
  const kindNamed = (name: string): ResourceKind => {
    const kind = kinds.find((each) => each.kind === name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    return kind;
  };

  return {
    url,
    kubeconfigPath: kubeconfigFor(options.token ?? first),
    certificate: identity?.certificate ?? '',
    store,
    kinds,
    calls,
    get fault() {
      return settings.fault;
    },
    set fault(fault) {
      settings.fault = fault;
    },
    get controller() {
      return settings.controller;
    },
    set controller(controller) {
      settings.controller = controller;
    },
    object: (kind, namespace, name) => store.get(resourceKey(kindNamed(kind)), namespace, name),
    objects: (kind, namespace) => store.list(resourceKey(kindNamed(kind)), namespace),
    add,
    kubeconfigFor,
    compact: () => store.compact(),
    dropWatches() {
      for (const end of [...watches]) end();
    },
    async close() {
      stopController();
      stopDefinitions();
      for (const end of [...watches]) end();
      for (const { socket } of hanging) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs with a server, which is gone afterwards. */
export async function withKubernetes(
  options: KubernetesOptions,
  run: (server: KubernetesServer) => Promise<void>,
): Promise<void> {
  const server = await startKubernetesServer(options);
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

function userOf({ headers }: ApiRequest, tokens: ReadonlyMap<string, User>): User | undefined {
  return tokens.get(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
}

function callOf(cluster: Cluster, request: ApiRequest, user: User | undefined, index: number): ApiCall {
  const { method, path, query, body } = request;
  const call = { index, method, path, query, user: user?.name ?? '', body: body.toString('utf8') };
  try {
    const target = targetOf(cluster, request);
    if (target === undefined) return { ...call, verb: '', kind: '', namespace: '', name: '', subresource: '' };
    const { kind, namespace, name, subresource } = target.place;
    return { ...call, verb: target.verb, kind: kind.kind, namespace, name, subresource };
  } catch {
    return { ...call, verb: '', kind: '', namespace: '', name: '', subresource: '' };
  }
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size <= mostRequestBytes) parts.push(bytes);
  }
  if (size > mostRequestBytes) {
    const message = `Request entity too large: limit is ${mostRequestBytes}`;
    throw new ApiFailure(413, 'RequestEntityTooLarge', message);
  }
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const { method = 'GET' } = incoming;
  return { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(parts) };
}

function sendFailure(outgoing: ServerResponse, failure: ApiFailure): void {
  const { retryAfterSeconds } = failure.details;
  if (retryAfterSeconds !== undefined) outgoing.setHeader('retry-after', String(retryAfterSeconds));
  send(outgoing, failure.code, failure.status);
}

function send(outgoing: ServerResponse, code: number, body: JsonObject | Buffer | string): void {
  if (Buffer.isBuffer(body)) {
    const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    outgoing.writeHead(code, { 'content-type': type }).end(body);
  } else if (typeof body === 'string') outgoing.writeHead(code, { 'content-type': 'text/plain' }).end(body);
  else outgoing.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function kubeconfigText(server: string, identity: Identity | undefined, token: string): string {
  const authority =
    identity === undefined
      ? // Without it the official client speaks no plain HTTP.
        { 'insecure-skip-tls-verify': true }
      : { 'certificate-authority-data': Buffer.from(identity.certificate).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...authority } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'default' } }],
    'current-context': 'test',
  });
}
