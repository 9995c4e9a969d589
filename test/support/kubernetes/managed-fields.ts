import { FieldSet, fromFieldsV1, printPath, type Step } from './field-set.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt, without } from './json.ts';
import type { Schema } from './schema.ts';
import { type Comparison, compare, merge, pathsOf, removePaths } from './typed-value.ts';

/** Who writes, and how. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  /** `status`, or '' for the resource itself. */
  readonly subresource: string;
  /** RFC 3339, to the second. */
  readonly time: string;
}

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly set: FieldSet;
}

/** A field that another manager owns with another value. */
export interface FieldConflict {
  /** As the API server words it: `"manager" using v1 at 2026-…` of an update, `"manager"` of an apply. */
  readonly owner: string;
  readonly field: string;
}

/** What every object has and no one owns (apiserver, managedfields/stripmeta.go). */
const unowned: readonly (readonly Step[])[] = [
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
];

const unownedSet = new FieldSet();
for (const path of unowned) unownedSet.insert(path);

function entriesOf(object: JsonObject): readonly Entry[] {
  return listAt(object, 'metadata', 'managedFields').map((each) => ({
    manager: textAt(each, 'manager'),
    operation: textAt(each, 'operation'),
    apiVersion: textAt(each, 'apiVersion'),
    subresource: textAt(each, 'subresource'),
    time: textAt(each, 'time'),
    set: fromFieldsV1(at(each, 'fieldsV1')),
  }));
}

function withEntries(object: JsonObject, entries: readonly Entry[]): JsonObject {
  const written = entries
    .map((entry) => ({ ...entry, set: entry.set.difference(unownedSet) }))
    .filter(({ set }) => !set.empty)
    .sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1))
    .map(
      ({ manager, operation, apiVersion, subresource, time, set }): JsonObject => ({
        manager,
        operation,
        apiVersion,
        time,
        fieldsType: 'FieldsV1',
        fieldsV1: set.toFieldsV1(),
        ...(subresource === '' ? {} : { subresource }),
      }),
    );
  const metadata = without(objectAt(object, 'metadata'), 'managedFields');
  return { ...object, metadata: written.length === 0 ? metadata : { ...metadata, managedFields: written } };
}

function orderOf({ operation, time, manager, subresource }: Entry): string {
  return [operation, time, manager, subresource].join('\n');
}

/** The object without its managed fields. */
function bare(object: JsonObject): JsonObject {
  return { ...object, metadata: without(objectAt(object, 'metadata'), 'managedFields') };
}

/** The entry of a writer without its time, which does not tell writers apart. */
function isBy(entry: Entry, { manager, apiVersion, subresource }: Writer, operation: string): boolean {
  return (
    entry.manager === manager &&
    entry.operation === operation &&
    entry.apiVersion === apiVersion &&
    entry.subresource === subresource
  );
}

/**
 * Who owns what after an update or a creation (`live` undefined): the writer owns what changed, and nobody else does.
 * Gives `after` with its managed fields.
 */
export function ownUpdate(live: JsonObject | undefined, after: JsonObject, schema: Schema, writer: Writer): JsonObject {
  const sent = at(after, 'metadata', 'managedFields');
  // An empty list, or one with an empty entry, asks to forget the owners.
  const forget =
    Array.isArray(sent) && sent.every((each) => isObject(each) && Object.keys(each).length === 0) && live !== undefined;
  if (forget) return bare(after);
  const before = entriesOf(Array.isArray(sent) ? after : (live ?? {}));
  const changes = compare(live === undefined ? {} : bare(live), bare(after), schema);
  const touched = changes.added.union(changes.modified);
  const own = before.find((entry) => isBy(entry, writer, 'Update'));
  const others = before
    .filter((entry) => entry !== own)
    .map((entry) => ({ ...entry, set: entry.set.difference(touched).difference(changes.removed) }));
  const set = (own?.set ?? new FieldSet()).difference(changes.removed).union(touched).difference(unownedSet);
  const unchanged = own !== undefined && isSame(changes);
  const entry = { ...writer, operation: 'Update', time: unchanged ? own.time : writer.time, set };
  return withEntries(after, [...others, entry]);
}

function isSame({ added, removed, modified }: Comparison): boolean {
  return [added, removed, modified].every((set) => set.difference(unownedSet).empty);
}

export type Applied =
  | { readonly object: JsonObject; readonly conflicts?: undefined }
  | { readonly object?: undefined; readonly conflicts: readonly FieldConflict[] };

/**
 * Server-side apply: `configuration` laid over `live`, without what the manager applied before and no longer does and
 * nobody else owns. Conflicts are given instead, unless `force` takes the fields over.
 */
export function applyConfiguration(
  live: JsonObject | undefined,
  configuration: JsonObject,
  schema: Schema,
  writer: Writer,
  force: boolean,
): Applied {
  const base = live === undefined ? undefined : bare(live);
  const before = live === undefined ? [] : ownersOf(live, schema);
  const own = before.find((entry) => isBy(entry, writer, 'Apply'));
  const others = before.filter((entry) => entry !== own);
  const set = pathsOf(configuration, schema);
  const merged = merge(base, configuration, schema);
  const after = own === undefined ? merged : prune(merged, own.set, [set, ...others.map((each) => each.set)], schema);
  const object = isObject(after) ? after : {};
  const changes = compare(base ?? {}, object, schema);
  const touched = changes.added.union(changes.modified);

  const conflicts: FieldConflict[] = force
    ? []
    : others.flatMap((entry) => {
        const fields = entry.set.intersection(touched).paths();
        return fields.map((path) => ({ owner: ownerText(entry), field: printPath(path) }));
      });
  if (conflicts.length > 0) return { conflicts };

  const kept = others.map((entry) => ({ ...entry, set: entry.set.difference(touched).difference(changes.removed) }));
  const unchanged = own !== undefined && isSame(changes);
  const entry = { ...writer, operation: 'Apply', time: unchanged ? own.time : writer.time, set };
  return { object: withEntries(object, [...kept, entry]) };
}

/** The owners of an object; where it has none, all that it holds belongs to `before-first-apply`. */
function ownersOf(live: JsonObject, schema: Schema): readonly Entry[] {
  const entries = entriesOf(live);
  if (entries.length > 0) return entries;
  const set = compare({}, bare(live), schema).added.difference(unownedSet);
  const apiVersion = textAt(live, 'apiVersion');
  return [{ manager: 'before-first-apply', operation: 'Update', apiVersion, subresource: '', time: '', set }];
}

function prune(merged: Json, last: FieldSet, owned: readonly FieldSet[], schema: Schema): Json {
  const identity = new FieldSet();
  for (const path of unowned) identity.insert(path);
  const kept = owned.reduce((left, right) => left.union(right), identity).withNamedFields(schema);
  return removePaths(merged, last.withNamedFields(schema).difference(kept), schema);
}

function ownerText({ manager, operation, subresource, apiVersion, time }: Entry): string {
  const below = subresource === '' ? '' : ` with subresource "${subresource}"`;
  if (operation === 'Apply') return `"${manager}"${below}`;
  return `"${manager}"${below} using ${apiVersion}${time === '' ? '' : ` at ${time}`}`;
}
