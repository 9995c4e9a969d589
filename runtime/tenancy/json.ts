import type { Json, JsonMap } from './port.ts';

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value below a path of keys; undefined where there is none. */
export function under(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found = value;
  for (const key of keys) found = isMap(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

/**
 * True where `live` says all that `wanted` says: the server may have added fields to a map, also to one in a list, but a
 * list has the same items.
 */
export function covers(live: Json | undefined, wanted: Json | undefined): boolean {
  if (isMap(wanted))
    return isMap(live) && Object.entries(wanted).every(([key, each]) => covers(under(live, key), each));
  if (isList(wanted)) {
    return isList(live) && live.length === wanted.length && wanted.every((each, index) => covers(live[index], each));
  }
  return live === wanted;
}

/** `.spec.limits.free.rates`, and `.metadata.labels['polc/policy']` where a key is no word. */
export function pathText(path: readonly string[]): string {
  return path.map((key) => (/^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `['${key}']`)).join('');
}
