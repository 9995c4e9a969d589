import { fromHeld } from './events.ts';
import { badRequest, expired } from './failure.ts';
import { at, type JsonObject, without } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { selectorOf } from './selectors.ts';
import { identityOf, resourceKey, type Store } from './store.ts';

/** A list of objects, whole or page by page: a page goes on at the version of the first. */
export function listObjects(store: Store, kind: ResourceKind, namespace: string, query: URLSearchParams): JsonObject {
  const from = tokenOf(query.get('continue') ?? '');
  if (from.version !== undefined && from.version < store.compacted) {
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }
  const version = from.version ?? store.version;
  const selected = selectorOf(query, kind);
  const all = store.list(resourceKey(kind), namespace, version).filter(selected);
  const limit = Number(query.get('limit') ?? 0);
  const end = limit > 0 ? from.start + limit : all.length;
  const left = all.length - end;
  const more = { continue: tokenText({ version, start: end }), remainingItemCount: left };
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: { resourceVersion: String(version), ...(left > 0 ? more : {}) },
    items: all.slice(from.start, end).map((object) => itemOf(fromHeld(object, kind), kind)),
  };
}

/** Items of the API server's own kinds come without their kind, as those of a typed list. */
function itemOf(object: JsonObject, { custom }: ResourceKind): JsonObject {
  return custom ? object : without(object, 'kind', 'apiVersion');
}

interface Token {
  readonly version?: number;
  readonly start: number;
}

function tokenText(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function tokenOf(text: string): Token {
  if (text === '') return { start: 0 };
  try {
    const token: JsonObject = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const [version, start] = [at(token, 'version'), at(token, 'start')];
    if (typeof version === 'number' && typeof start === 'number') return { version, start };
  } catch {
    // A token that is none is refused below.
  }
  throw badRequest('continue key is not valid');
}

/** The names of the objects of a collection that a query selects. */
export function selectedNames(
  store: Store,
  kind: ResourceKind,
  namespace: string,
  query: URLSearchParams,
): readonly { readonly namespace: string; readonly name: string }[] {
  const objects = store.list(resourceKey(kind), namespace).filter(selectorOf(query, kind));
  return objects.map(identityOf);
}
