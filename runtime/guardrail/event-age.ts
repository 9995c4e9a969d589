import type { CostEvent, EventDate } from './cost-event.ts';

/**
 * Whether a response may follow an event without anybody looking at it.
 * - `current`: no older than the policy says.
 * - `old`, `undated`: a response without a person could restrict today for what was spent long ago.
 * - `future`: no notification is sent before its time, so this is none, or a clock is wrong.
 */
export type Timeliness = 'current' | 'old' | 'undated' | 'future';

/** Milliseconds that the clocks of a sender and of this machine may differ. */
const clockSkew = 15 * 60_000;

/** @param at milliseconds since 1970: when the event is looked at */
export function timelinessOf({ dated }: Pick<CostEvent, 'dated'>, at: number, maxEventAgeMinutes: number): Timeliness {
  if (dated === undefined) return 'undated';
  if (isOfFuture(dated, at)) return 'future';
  return at - dated.until > maxEventAgeMinutes * 60_000 ? 'old' : 'current';
}

export function isOfFuture({ from }: EventDate, at: number): boolean {
  return from > at + clockSkew;
}

/** Why an event is not acted on by itself, for people; it follows on `the event is`. */
export function whyHeld(
  { dated }: Pick<CostEvent, 'dated'>,
  timeliness: Exclude<Timeliness, 'current'>,
  at: number,
  maxEventAgeMinutes: number,
): string {
  switch (timeliness) {
    case 'undated':
      return 'without a date, so that nobody knows how old it is';
    case 'future':
      return `of ${dayText(dated)}, which is still to come`;
    case 'old':
      return `of ${dayText(dated)}, ${lengthText((at - (dated?.until ?? at)) / 60_000)} ago, and \`max_event_age\` is ${lengthText(maxEventAgeMinutes)}`;
    default: {
      const unreachable: never = timeliness;
      return unreachable;
    }
  }
}

/** The first day of a date, in UTC. */
function dayText(dated: EventDate | undefined): string {
  return dated === undefined ? '' : new Date(dated.from).toISOString().slice(0, 10);
}

/** From four days on in days. */
function lengthText(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours <= 96 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
