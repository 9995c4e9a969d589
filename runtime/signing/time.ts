const day = 86_400_000;

/**
 * Milliseconds since 1970 of a date or an instant in UTC; of a date its first one, or the first of the next day. Undefined
 * where the calendar has no such day.
 */
export function timeAt(text: string, ofDay: 'start' | 'end'): number | undefined {
  const isDate = text.length === 10;
  const at = Date.parse(isDate ? `${text}T00:00:00Z` : text);
  // `Date` takes the 31st of February for a day of March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  return isDate && ofDay === 'end' ? at + day : at;
}

/** RFC 3339 in UTC, to the second where it is a whole one. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
