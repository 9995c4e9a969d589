import { NotStrictJson, parseStrictJson } from './strict-json.ts';

/** Thrown and caught within the validator: the artifact is malformed, or means something else than the policy. */
export class OciDifference extends Error {}

/**
 * Reads JSON in which 64-bit numbers are not to be rounded: `value` and `valueTwo`, `hard` and `soft` become strings. A
 * key that is there twice is refused: crun takes the first, runc merges the two.
 */
export function parseExact(text: string): unknown {
  // A number of fewer digits is exact in a double.
  const exact = /\d{16}/.test(text) ? text.replace(/("(?:value|valueTwo|hard|soft)": )(\d+)/g, '$1"$2"') : text;
  try {
    return parseStrictJson(exact);
  } catch (problem) {
    if (!(problem instanceof NotStrictJson)) throw problem;
    throw new OciDifference(problem.message);
  }
}

/** A field of an object, undefined where it is absent; refuses what is no object. */
export function field(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) {
    throw new OciDifference(`what should hold \`${name}\` is no object`);
  }
  return (holder as Readonly<Record<string, unknown>>)[name];
}

export function items(list: unknown): readonly unknown[] {
  if (!Array.isArray(list)) throw new OciDifference(`${String(list)} is no list`);
  return list;
}

/** Refuses keys that are not listed: whoever reads the file would act on them. */
export function onlyKeys(holder: unknown, keys: readonly string[], what: string): void {
  if (typeof holder !== 'object' || holder === null) throw new OciDifference(`${what} is no object`);
  for (const key of Object.keys(holder)) {
    if (!keys.includes(key)) throw new OciDifference(`${what} has \`${key}\`, which the policy does not ask for`);
  }
}
