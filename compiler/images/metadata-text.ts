import { canonicalJson, type Json } from './canonical-json.ts';
import type { ImageLimits, ImageMetadata } from './metadata.ts';

/** Beyond so many instance types they are written by families. */
const longList = 32;

/**
 * The canonical JSON (RFC 8785) of the metadata. Predicates are written as the IR has them, integers in them as
 * `{"integer": "540"}`, since JSON has no 64-bit integers.
 *
 * @returns undefined where a text of it is none, since it has half of a surrogate pair
 */
export function metadataText(metadata: ImageMetadata): string | undefined {
  const { resource_limits: limits, instance_defaults: defaults, rules, ...others } = metadata;
  return canonicalJson({
    ...others,
    ...(defaults === undefined ? {} : { instance_defaults: { ...defaults } }),
    ...(limits === undefined ? {} : { resource_limits: limitsJson(limits) }),
    ...(rules === undefined ? {} : { rules: rules.map(({ step, denied }) => ({ step, denied: plain(denied) })) }),
  });
}

function limitsJson({ max_instance_types: types, ...others }: ImageLimits): Json {
  return { ...others, ...(types === undefined ? {} : { max_instance_types: byFamily(types) ?? types }) };
}

/** The types of a long list by the part of their names before the dot; undefined where one of them has none. */
function byFamily(types: readonly string[]): Record<string, readonly string[]> | undefined {
  if (types.length <= longList) return undefined;
  const families = new Map<string, string[]>();
  for (const type of types) {
    const dot = type.indexOf('.');
    if (dot < 1) return undefined;
    const family = type.slice(0, dot);
    const sizes = families.get(family) ?? [];
    families.set(family, sizes);
    sizes.push(type.slice(dot + 1));
  }
  return Object.fromEntries(families);
}

/** Any tree of the IR as JSON. */
function plain(value: unknown): Json {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
