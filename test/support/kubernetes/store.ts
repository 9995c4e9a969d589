import { type JsonObject, objectAt, textAt } from './json.ts';
import type { ResourceKind } from './kinds.ts';

/** One change of one object. */
export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Group and plural: `kuadrant.io/authpolicies`, `/secrets`. */
  readonly resource: string;
  readonly object: JsonObject;
  /** What was there before; absent of what was added. */
  readonly before?: JsonObject;
}

/** Events of both groups are the same objects. */
export function resourceKey({ group, plural }: Pick<ResourceKind, 'group' | 'plural'>): string {
  return `${group === 'events.k8s.io' ? '' : group}/${plural}`;
}

/** Where an object is; the namespace is '' for one of the whole cluster. */
export function identityOf(object: JsonObject): { readonly namespace: string; readonly name: string } {
  return { namespace: textAt(object, 'metadata', 'namespace'), name: textAt(object, 'metadata', 'name') };
}

/** Sorts as lists do: by namespace, then name. */
function placeOf(namespace: string, name: string): string {
  return `${namespace}\n${name}`;
}

/** What etcd is to an API server: every object with its version, and the changes since the last compaction. */
export class Store {
  readonly #objects = new Map<string, Map<string, JsonObject>>();
  readonly #changes: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  #version = 1000;
  #compacted = 1000;

  /** Of the last change. */
  get version(): number {
    return this.#version;
  }

  /** The oldest version from which changes can still be told. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Every change that is remembered, oldest first. */
  get history(): readonly Change[] {
    return this.#changes;
  }

  get(resource: string, namespace: string, name: string): JsonObject | undefined {
    return this.#objects.get(resource)?.get(placeOf(namespace, name));
  }

  /** All of a resource, or those of one namespace; in the order of lists. At `version` where one is given. */
  list(resource: string, namespace = '', version = this.#version): readonly JsonObject[] {
    const found = new Map(this.#objects.get(resource));
    for (let index = this.#changes.length - 1; index >= 0 && this.#changes[index]!.version > version; index -= 1) {
      const { object, before, resource: changed } = this.#changes[index]!;
      if (changed !== resource) continue;
      const place = placeOf(textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name'));
      if (before === undefined) found.delete(place);
      else found.set(place, before);
    }
    return [...found.entries()]
      .filter(([place]) => namespace === '' || place.startsWith(`${namespace}\n`))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Writes an object; gives it with its new version. */
  put(resource: string, object: JsonObject): JsonObject {
    const { namespace, name } = identityOf(object);
    const objects = this.#objects.get(resource) ?? new Map<string, JsonObject>();
    this.#objects.set(resource, objects);
    const before = objects.get(placeOf(namespace, name));
    this.#version += 1;
    const written = withVersion(object, this.#version);
    objects.set(placeOf(namespace, name), written);
    const type = before === undefined ? 'ADDED' : 'MODIFIED';
    this.#tell({
      version: this.#version,
      type,
      resource,
      object: written,
      ...(before === undefined ? {} : { before }),
    });
    return written;
  }

  /** Takes an object away; gives it as its watchers see it last. */
  remove(resource: string, namespace: string, name: string): JsonObject | undefined {
    const objects = this.#objects.get(resource);
    const before = objects?.get(placeOf(namespace, name));
    if (before === undefined) return undefined;
    objects?.delete(placeOf(namespace, name));
    this.#version += 1;
    const object = withVersion(before, this.#version);
    this.#tell({ version: this.#version, type: 'DELETED', resource, object, before });
    return object;
  }

  /** Forgets the changes up to now: who watches or lists from before is told 410. */
  compact(): void {
    this.#changes.length = 0;
    this.#compacted = this.#version;
  }

  /** Calls back at every change, until the function that is returned is called. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function withVersion(object: JsonObject, version: number): JsonObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), resourceVersion: String(version) } };
}
