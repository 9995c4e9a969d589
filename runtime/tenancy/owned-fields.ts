import { covers, isList, isMap, under } from './json.ts';
import { fieldManager, type Json, type JsonMap, type KubernetesObject } from './port.ts';

/** What the server writes itself, or what names the object: never a field that somebody applies. */
const identity = new Set(['apiVersion', 'kind', 'status']);

/** The part of an object that polc applied last and still owns, without what names the object. */
export function ownedPart(object: KubernetesObject): JsonMap {
  let owned: JsonMap = {};
  for (const { manager, operation, subresource, fieldsV1 } of object.metadata.managedFields ?? []) {
    if (manager !== fieldManager || operation !== 'Apply' || subresource || fieldsV1 === undefined) continue;
    const part = extract(object, fieldsV1);
    if (!isMap(part)) continue;
    const applied = Object.entries(part).filter(([key]) => !identity.has(key));
    owned = merged(owned, Object.fromEntries(applied));
  }
  return owned;
}

/** The managers that own a field, or the value that it is a part of; polc itself left out, each once. */
export function otherOwners(object: KubernetesObject, path: readonly string[]): readonly string[] {
  const owners = new Set<string>();
  for (const { manager, operation, subresource, fieldsV1 } of object.metadata.managedFields ?? []) {
    if (manager === undefined || subresource || (manager === fieldManager && operation === 'Apply')) continue;
    if (owns(fieldsV1, path)) owners.add(manager);
  }
  return [...owners];
}

export function ownsField(object: KubernetesObject, path: readonly string[]): boolean {
  return (object.metadata.managedFields ?? []).some(
    ({ manager, operation, subresource, fieldsV1 }) =>
      manager === fieldManager && operation === 'Apply' && !subresource && owns(fieldsV1, path),
  );
}

/** What of `live` stands at the fields of `wanted`: scalars and lists whole, maps by their keys. */
export function sharedPart(live: JsonMap, wanted: JsonMap): JsonMap {
  const shared: Record<string, Json> = {};
  for (const [key, each] of Object.entries(wanted)) {
    const value = under(live, key);
    if (value === undefined) continue;
    shared[key] = isMap(value) && isMap(each) ? sharedPart(value, each) : value;
  }
  return shared;
}

/** What of `whole` does not stand in `part`; a value that is no map is one with all that is in it. */
export function without(whole: JsonMap, part: JsonMap): JsonMap {
  const rest: Record<string, Json> = {};
  for (const [key, value] of Object.entries(whole)) {
    const own = under(part, key);
    if (value === undefined) continue;
    if (own === undefined) rest[key] = value;
    else if (isMap(value) && isMap(own)) {
      const below = without(value, own);
      if (Object.keys(below).length > 0) rest[key] = below;
    }
  }
  return rest;
}

/** Both maps in one; where both have a value that is no map, that of `over`. */
export function merged(base: JsonMap, over: JsonMap): JsonMap {
  const result: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = under(base, key);
    result[key] = isMap(below) && isMap(value) ? merged(below, value) : value;
  }
  return result;
}

/** A set that ends in a field owns all that is below it: an atomic value, or a scalar. */
function owns(fields: JsonMap | undefined, path: readonly string[]): boolean {
  let set: Json | undefined = fields;
  for (const key of path) {
    if (!isMap(set)) return false;
    if (set !== fields && Object.keys(set).length === 0) return true;
    set = under(set, `f:${key}`);
    if (set === undefined) return false;
  }
  return true;
}

/** The part of a value that a set of FieldsV1 names; the forms of its keys are `f:`, `k:`, `v:`, `i:` and `.`. */
function extract(value: Json | undefined, fields: JsonMap): Json | undefined {
  const names = Object.keys(fields).filter((name) => name !== '.');
  if (names.length === 0) return value;
  if (isList(value)) return value.flatMap((item, index) => itemOf(item, index, fields));
  if (!isMap(value)) return value;
  const part: Record<string, Json> = {};
  for (const name of names) {
    const key = name.slice(2);
    if (!name.startsWith('f:')) continue;
    const below = under(fields, name);
    const owned = extract(under(value, key), isMap(below) ? below : {});
    if (owned !== undefined) part[key] = owned;
  }
  return part;
}

function itemOf(item: Json, index: number, fields: JsonMap): readonly Json[] {
  for (const [name, below] of Object.entries(fields)) {
    const set = isMap(below) ? below : {};
    if (name === `i:${index}`) return present(extract(item, set));
    if (name.startsWith('v:') && JSON.stringify(item) === name.slice(2)) return [item];
    if (!name.startsWith('k:')) continue;
    const key = parsed(name.slice(2));
    if (!isMap(key) || !covers(item, key)) continue;
    const part = extract(item, set);
    return [isMap(part) ? merged(part, key) : item];
  }
  return [];
}

function present(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : [value];
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
