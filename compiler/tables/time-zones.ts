import { nearest } from '../diagnostics/suggest.ts';

/** By the name as written: making a formatter takes tens of microseconds, and policies repeat their zones. */
const known = new Map<string, boolean>();

/**
 * Whether `name` is a time zone of the IANA database, or a link to one (`UTC`, `US/Pacific`), as ECMA-402's
 * `Intl.DateTimeFormat` decides; `Intl.supportedValuesOf('timeZone')` leaves links out. Fixed offsets (`+09:00`) that
 * newer engines also accept are no zones.
 */
export function isTimeZone(name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    answer = /^[A-Za-z]/.test(name) && isAccepted(name);
    known.set(name, answer);
  }
  return answer;
}

function isAccepted(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone that a misspelt name probably stands for. */
export function nearestTimeZone(name: string): string | undefined {
  return nearest(name, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
}
