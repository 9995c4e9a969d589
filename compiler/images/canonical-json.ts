/** What RFC 8785 can write: JSON whose objects are plain, and whose numbers are finite. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The one text of a value by RFC 8785 (JSON Canonicalization Scheme): no white space, keys in the order of their UTF-16
 * code units, numbers and strings as ECMAScript writes them. What is signed or digested is this text in UTF-8. A key
 * whose value is undefined is left out.
 *
 * @returns undefined for what the scheme has no text for: a number that is not finite, half of a surrogate pair
 */
export function canonicalJson(value: Json): string | undefined {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      // ECMAScript's text of a number is what section 3.2.2.3 asks for; of -0 it is `0`.
      return Number.isFinite(value) ? String(value) : undefined;
    case 'boolean':
      return String(value);
    default:
      if (value === null) return 'null';
      return isList(value) ? canonicalList(value) : canonicalObject(value);
  }
}

/** `Array.isArray` alone does not narrow a read-only array. */
function isList(value: Json & object): value is readonly Json[] {
  return Array.isArray(value);
}

function canonicalList(list: readonly Json[]): string | undefined {
  let text = '[';
  for (const item of list) {
    const written = canonicalJson(item);
    if (written === undefined) return undefined;
    text += text.length === 1 ? written : `,${written}`;
  }
  return `${text}]`;
}

function canonicalObject(object: { readonly [key: string]: Json | undefined }): string | undefined {
  let text = '{';
  // The default order of `sort` is that of UTF-16 code units, section 3.2.3.
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value === undefined) continue;
    const name = canonicalString(key);
    const written = canonicalJson(value);
    if (name === undefined || written === undefined) return undefined;
    text += `${text.length === 1 ? '' : ','}${name}:${written}`;
  }
  return `${text}}`;
}

/** `JSON.stringify` writes what section 3.2.2.2 asks for, but escapes halves of surrogate pairs, which no I-JSON has. */
function canonicalString(text: string): string | undefined {
  return /\p{Surrogate}/u.test(text) ? undefined : JSON.stringify(text);
}
