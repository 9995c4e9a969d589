import type { EventDate } from '../cost-event.ts';

const day = 86_400_000;

/** A day, with or without its midnight, or an instant of RFC 3339; undefined for any other text. */
export function readDate(text: string): EventDate | undefined {
  const whole = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00(?::00(?:\.0+)?)?Z)?$/.exec(text)?.[1];
  if (whole !== undefined) return span(Date.parse(whole), day);
  if (
    !/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/.test(text)
  ) {
    return undefined;
  }
  return span(Date.parse(text), 0);
}

/** A period as polc writes it and as people do: `2026`, `2026-Q4`, `2026-11`, `2026-11-23`; undefined for any other text. */
export function readPeriod(text: string): EventDate | undefined {
  const [, year = '', quarter, month] = /^([0-9]{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?$/.exec(text) ?? [];
  if (year === '') return readDate(text);
  const first = quarter !== undefined ? 3 * (Number(quarter) - 1) : month !== undefined ? Number(month) - 1 : 0;
  const months = quarter !== undefined ? 3 : month !== undefined ? 1 : 12;
  return { from: Date.UTC(Number(year), first), until: Date.UTC(Number(year), first + months) };
}

/** What two dates of one event come to: it is as old as the older says, and as early as the later. */
export function bothDates(left: EventDate | undefined, right: EventDate | undefined): EventDate | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return { from: Math.max(left.from, right.from), until: Math.min(left.until, right.until) };
}

function span(from: number, length: number): EventDate | undefined {
  return Number.isNaN(from) ? undefined : { from, until: from + length };
}
