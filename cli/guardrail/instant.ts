const form = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Milliseconds since 1970 of a time with its offset (RFC 3339, seconds may be left out); undefined for any other text. */
export function readInstant(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
