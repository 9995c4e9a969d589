import { fromHeld } from './events.ts';
import { expired } from './failure.ts';
import { type JsonObject, textAt } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { selectorOf } from './selectors.ts';
import { type Change, resourceKey, type Store } from './store.ts';

/** A watch that runs: what it tells goes to `send`, and `end` says that it tells no more. */
export interface WatchSink {
  send(event: JsonObject): void;
  end(): void;
}

export interface WatchTimes {
  /** Between bookmarks. */
  readonly bookmarkMilliseconds: number;
}

/**
 * Starts a watch: first what has changed since the version in the query, or all that is there where none is given, then
 * every change.
 *
 * @returns what stops it
 */
export function watch(
  store: Store,
  kind: ResourceKind,
  namespace: string,
  query: URLSearchParams,
  times: WatchTimes,
  sink: WatchSink,
): () => void {
  const selected = selectorOf(query, kind);
  const resource = resourceKey(kind);
  const since = query.get('resourceVersion') ?? '';
  const initial = query.get('sendInitialEvents') === 'true';
  const told = (type: string, object: JsonObject) => sink.send({ type, object: fromHeld(object, kind) });
  const tell = ({ type, object, before, resource: changed }: Change) => {
    if (changed !== resource || (namespace !== '' && textAt(object, 'metadata', 'namespace') !== namespace)) return;
    // What a change moves into or out of the selection comes or goes for the watcher.
    const was = before !== undefined && selected(before);
    const is = type !== 'DELETED' && selected(object);
    if (was && is) told('MODIFIED', object);
    else if (is) told('ADDED', object);
    else if (was) told('DELETED', object);
  };
  const bookmark = (annotations?: JsonObject) => {
    const metadata: JsonObject = {
      resourceVersion: String(store.version),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    sink.send({ type: 'BOOKMARK', object: { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata } });
  };

  if (initial || since === '' || since === '0') {
    for (const object of store.list(resource, namespace)) if (selected(object)) told('ADDED', object);
    if (initial) bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else if (Number(since) < store.compacted) {
    sink.send({ type: 'ERROR', object: expired(`too old resource version: ${since} (${store.compacted})`).status });
    sink.end();
    return () => {};
  } else for (const change of store.history) if (change.version > Number(since)) tell(change);

  const stopListening = store.listen(tell);
  const bookmarks =
    query.get('allowWatchBookmarks') === 'true' ? setInterval(bookmark, times.bookmarkMilliseconds) : undefined;
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const stop = () => {
    stopListening();
    clearInterval(bookmarks);
    clearTimeout(timeout);
  };
  const timeout =
    seconds > 0
      ? setTimeout(() => {
          stop();
          sink.end();
        }, seconds * 1000)
      : undefined;
  return stop;
}
