import { conflict, notFound } from './failure.ts';
import { at, type Json, type JsonObject, listAt, objectAt, textAt } from './json.ts';
import type { ResourceKind } from './kinds.ts';
import type { Place } from './operations.ts';
import { identityOf, resourceKey, type Store } from './store.ts';

/**
 * Deletes an object, and what it owns unless that is to be orphaned. One with finalizers is only marked.
 *
 * @param options the DeleteOptions that were sent
 * @returns the object that is marked, or the Status of one that is gone
 */
export function remove(
  store: Store,
  kinds: readonly ResourceKind[],
  { kind, namespace, name }: Place,
  options: Json,
  dryRun: boolean,
): JsonObject {
  const live = store.get(resourceKey(kind), namespace, name);
  if (live === undefined) throw notFound(kind, name);
  const metadata = objectAt(live, 'metadata');
  for (const [field, noun] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    const wanted = textAt(options, 'preconditions', field);
    if (wanted === '' || wanted === metadata[field]) continue;
    const why = `the ${noun} in the precondition (${wanted}) does not match the ${noun} in record (${metadata[field]})`;
    throw conflict(kind, name, `${why}. The object might have been deleted and then recreated`);
  }
  const gone = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.plural,
      uid: textAt(metadata, 'uid'),
    },
  };
  if (dryRun) return gone;
  if (listAt(metadata, 'finalizers').length > 0) {
    if (metadata.deletionTimestamp !== undefined) return live;
    const { generation } = metadata;
    return store.put(resourceKey(kind), {
      ...live,
      metadata: {
        ...metadata,
        deletionTimestamp: `${new Date().toISOString().slice(0, 19)}Z`,
        deletionGracePeriodSeconds: 0,
        ...(typeof generation === 'number' ? { generation: generation + 1 } : {}),
      },
    });
  }
  if (kind.group === '' && kind.kind === 'Namespace') {
    for (const each of kinds.filter(({ namespaced }) => namespaced)) {
      for (const object of store.list(resourceKey(each), name)) {
        store.remove(resourceKey(each), name, textAt(object, 'metadata', 'name'));
      }
    }
  }
  store.remove(resourceKey(kind), namespace, name);
  const orphan = textAt(options, 'propagationPolicy') === 'Orphan';
  collectDependents(store, kinds, textAt(metadata, 'uid'), orphan);
  return gone;
}

/** The garbage collector: what only the owner that is gone owned goes too. */
function collectDependents(store: Store, kinds: readonly ResourceKind[], uid: string, orphan: boolean): void {
  for (const kind of kinds) {
    for (const object of store.list(resourceKey(kind))) {
      const owners = listAt(object, 'metadata', 'ownerReferences');
      if (!owners.some((owner) => at(owner, 'uid') === uid)) continue;
      const left = owners.filter((owner) => at(owner, 'uid') !== uid);
      const { namespace, name } = identityOf(object);
      if (orphan || left.length > 0) {
        store.put(resourceKey(kind), {
          ...object,
          metadata: { ...objectAt(object, 'metadata'), ownerReferences: left },
        });
      } else remove(store, kinds, { kind, namespace, name, subresource: '' }, {}, false);
    }
  }
}
