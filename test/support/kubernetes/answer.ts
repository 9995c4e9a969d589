import { type Access, forbidden, isAllowed, review, type User } from './access.ts';
import { listObjects, selectedNames } from './collection.ts';
import { coreVersions, groupList, groupOf, resourceList, serverVersion } from './discovery.ts';
import { checkEscalation } from './escalation.ts';
import { fromHeld, toHeld } from './events.ts';
import { ApiFailure, badRequest, notFound } from './failure.ts';
import { at, isObject, type JsonObject } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { openApi2, openApi3, openApi3Index } from './openapi.ts';
import { apply, create, type Place, update, type WriteOptions, type Written } from './operations.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patches.ts';
import { remove } from './removal.ts';
import { type ApiPath, type ApiRequest, bodyOf, objectBody, parsePath, verbOf } from './request.ts';
import { resourceKey, type Store } from './store.ts';

/** What the server is, without the network. */
export interface Cluster {
  readonly store: Store;
  /** What it serves; CustomResourceDefinitions add to it. */
  readonly kinds: ResourceKind[];
}

export type Answer =
  | { readonly code: number; readonly body: JsonObject | Buffer | string; readonly warnings?: readonly string[] }
  | { readonly watch: { readonly kind: ResourceKind; readonly namespace: string } };

/** A request to a resource, understood. */
export interface Target {
  readonly place: Place;
  readonly verb: string;
}

const unknownPath = new ApiFailure(404, 'NotFound', 'the server could not find the requested resource');

/** What a request is about; undefined where it is about no object, and where nothing is served there. */
export function targetOf({ kinds }: Cluster, request: ApiRequest): Target | undefined {
  const path = parsePath(request.path);
  const kind = path === undefined ? undefined : kindOf(kinds, path);
  if (path === undefined || kind === undefined) return undefined;
  const verb = verbOf(request, path.name !== '');
  if (verb === undefined)
    throw new ApiFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  const { namespace, name, subresource } = path;
  if (subresource !== '' && !(subresource === 'status' && kind.status)) throw unknownPath;
  if (kind.namespaced && namespace === '' && verb !== 'list' && verb !== 'watch') throw unknownPath;
  return { place: { kind, namespace, name, subresource }, verb };
}

function kindOf(kinds: readonly ResourceKind[], { group, version, plural }: ApiPath): ResourceKind | undefined {
  return kinds.find((kind) => kind.group === group && kind.version === version && kind.plural === plural);
}

/** Answers a request of a user; what is refused is thrown as an ApiFailure. */
export function answer(cluster: Cluster, user: User, request: ApiRequest): Answer {
  const target = targetOf(cluster, request);
  if (target === undefined) return { code: 200, ...aboutTheServer(cluster, user, request) };
  const { place, verb } = target;
  const { store } = cluster;
  allow(store, user, verb, place);
  const check = (object: JsonObject) => checkEscalation(store, user, place.kind, object);
  const options: WriteOptions = { ...optionsOf(request), check };
  switch (verb) {
    case 'watch':
      return { watch: place };
    case 'list':
      return { code: 200, body: listObjects(store, place.kind, place.namespace, request.query) };
    case 'get': {
      const live = store.get(resourceKey(place.kind), place.namespace, place.name);
      if (live === undefined) throw notFound(place.kind, place.name);
      return { code: 200, body: fromHeld(live, place.kind) };
    }
    case 'create':
      return written(create(store, place, heldBody(place, request), options), place);
    case 'update':
      return written(update(store, place, heldBody(place, request), options), place);
    case 'patch':
      return written(patch(cluster, user, place, request, options), place);
    case 'delete':
      return { code: 200, body: remove(store, cluster.kinds, place, deleteOptions(request), options.dryRun) };
    default: {
      const { kind } = place;
      for (const each of selectedNames(store, kind, place.namespace, request.query)) {
        remove(store, cluster.kinds, { ...place, ...each }, {}, options.dryRun);
      }
      return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
    }
  }
}

function heldBody({ kind }: Place, request: ApiRequest): JsonObject {
  return toHeld(objectBody(request), kind);
}

function written({ object, created, warnings }: Written, { kind }: Place): Answer {
  return { code: created ? 201 : 200, body: fromHeld(object, kind), warnings };
}

function patch(cluster: Cluster, user: User, place: Place, request: ApiRequest, options: WriteOptions): Written {
  const { store } = cluster;
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim();
  const live = store.get(resourceKey(place.kind), place.namespace, place.name);
  if (type === 'application/apply-patch+yaml') {
    if (live === undefined) allow(store, user, 'create', place);
    const manager = request.query.get('fieldManager') ?? '';
    return apply(store, place, heldBody(place, request), { ...options, manager });
  }
  if (live === undefined) throw notFound(place.kind, place.name);
  const body = bodyOf(request) ?? {};
  const sent = isObject(body) ? toHeld(body, place.kind) : body;
  const base = { ...live, apiVersion: apiVersionOf(place.kind) };
  const patched = (() => {
    switch (type) {
      case 'application/merge-patch+json':
        return mergePatch(base, sent);
      case 'application/json-patch+json':
        return jsonPatch(base, sent);
      case 'application/strategic-merge-patch+json':
        if (!place.kind.custom) return strategicPatch(base, sent, place.kind.schema);
        break;
      default:
    }
    throw new ApiFailure(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');
  })();
  if (!isObject(patched)) throw badRequest('the patch leaves no object');
  return update(store, place, patched, options);
}

function deleteOptions(request: ApiRequest): JsonObject {
  const body = bodyOf(request);
  const propagationPolicy = request.query.get('propagationPolicy');
  return { ...(propagationPolicy === null ? {} : { propagationPolicy }), ...(isObject(body) ? body : {}) };
}

function optionsOf(request: ApiRequest): WriteOptions {
  const { query, headers } = request;
  const body = request.method === 'DELETE' ? bodyOf(request) : undefined;
  const dryRuns = [...query.getAll('dryRun'), ...(Array.isArray(at(body, 'dryRun')) ? ['All'] : [])];
  const asked = query.get('fieldValidation') ?? 'Warn';
  const validation = asked === 'Strict' || asked === 'Ignore' ? asked : 'Warn';
  const agent = (headers['user-agent'] ?? '').split('/')[0] || 'unknown';
  const manager = query.get('fieldManager') ?? agent;
  return { manager, dryRun: dryRuns.includes('All'), validation, force: query.get('force') === 'true' };
}

function allow(store: Store, user: User, verb: string, { kind, namespace, name, subresource }: Place): void {
  const resource = subresource === '' ? kind.plural : `${kind.plural}/${subresource}`;
  const access: Access = {
    verb,
    group: kind.group,
    resource,
    namespace: kind.plural === 'namespaces' ? name : namespace,
    name,
  };
  if (!isAllowed(store, user, access)) throw forbidden(user, access);
}

/** Discovery, health, and what a user may ask about itself. */
function aboutTheServer(
  { store, kinds }: Cluster,
  user: User,
  request: ApiRequest,
): { readonly body: JsonObject | Buffer | string } {
  const { path } = request;
  const [root, group = '', version] = path.split('/').filter((part) => part !== '');
  if (/^\/(healthz|livez|readyz)/.test(path)) return { body: 'ok' };
  if (path === '/version') return { body: serverVersion };
  if (path === '/openapi/v2') return { body: openApi2(kinds) };
  if (path === '/openapi/v3') return { body: openApi3Index(kinds) };
  if (path.startsWith('/openapi/v3/')) {
    const wanted = path.replace(/^\/openapi\/v3\/apis?\//, '');
    return { body: openApi3(kinds.filter((kind) => apiVersionOf(kind) === wanted)) };
  }
  if (
    /^\/apis\/authorization\.k8s\.io\/v1\/selfsubject(access|rules)reviews$/.test(path) &&
    request.method === 'POST'
  ) {
    return { body: review(store, user, objectBody(request)) };
  }
  const found = (() => {
    if (root === 'api') return group === '' ? coreVersions : resourceList(kinds, group);
    if (root !== 'apis') return undefined;
    if (group === '') return groupList(kinds);
    return version === undefined ? groupOf(kinds, group) : resourceList(kinds, `${group}/${version}`);
  })();
  if (found === undefined || path.split('/').filter(Boolean).length > 3) throw unknownPath;
  return { body: found };
}
