import { type Misread, quantity } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';

/** A time of day at which something begins, in minutes after midnight: `09:00` is 540. */
export const startTime = timeOfDay('', (minutes) =>
  minutes < 1440 ? undefined : { wrong: 'a day begins at 00:00 and ends at 24:00', fix: '"00:00"' },
);

/** The same for an end, which may be that of the day: `24:00`. */
export const endTime = timeOfDay('|24:00', () => undefined);

function timeOfDay(further: string, problemOf: (minutes: number) => Misread | undefined): Shape<number> {
  const pattern = `([01][0-9]|2[0-3]):[0-5][0-9]${further}`;
  return quantity<number>({ kind: 'quantity', noun: 'a time of day', example: '09:00', pattern }, (text) => {
    const match = /^([0-9]{1,2}):([0-9]{2})$/.exec(text);
    if (match === null) return { wrong: 'it is not HH:MM in 24 hours' };
    const [, hours = '', minutes = ''] = match;
    const total = Number(hours) * 60 + Number(minutes);
    if (Number(minutes) > 59 || total > 1440) return { wrong: 'a day ends at 24:00' };
    if (hours.length === 1) return { wrong: 'it has one digit for the hour', fix: `"0${text}"` };
    return problemOf(total) ?? total;
  });
}

/** The least and the greatest age that a policy may name, in minutes: an hour, a year. */
const leastAge = 60;
const greatestAge = 366 * 1440;

/** In minutes. */
export const ageUnits: Readonly<Record<string, number>> = { h: 60, d: 1440 };

/** The age of an event, in minutes: `72h`, `7d`. */
export const eventAge: Shape<number> = quantity<number>(
  { kind: 'quantity', noun: 'an age', example: '72h', pattern: '[0-9]{1,4}[hd]', means: 'age' },
  (text) => {
    if (/^[0-9]{1,4}$/.test(text)) return { wrong: 'it has no unit', fix: `${text}h` };
    const [, amount = '', unit = ''] = /^([0-9]{1,4})([a-z]+)$/.exec(text) ?? [];
    if (amount === '') return { wrong: 'it is not a whole number of hours (`72h`) or days (`7d`)' };
    const factor = Object.hasOwn(ageUnits, unit) ? ageUnits[unit] : undefined;
    if (factor === undefined) return { wrong: `\`${unit}\` is neither hours (h) nor days (d)` };
    const minutes = Number(amount) * factor;
    if (minutes < leastAge) return { wrong: 'it is less than an hour', fix: '72h' };
    return minutes <= greatestAge ? minutes : { wrong: 'it is more than a year', fix: '366d' };
  },
);

/** By how many percent an amount exceeds what was spent before. */
export interface RateChange {
  /** True for `>=`, false for `>`. */
  readonly inclusive: boolean;
  readonly percent: number;
}

export const rateChange: Shape<RateChange> = quantity<RateChange>(
  { kind: 'quantity', noun: 'a change of cost', example: '>200%', pattern: '>=? ?[0-9]+(\\.[0-9]+)?%' },
  (text) => {
    const match = /^(>=?) ?([0-9]+(?:\.[0-9]+)?)(%?)$/.exec(text);
    if (match === null) {
      const amount = /^[0-9]+(?:\.[0-9]+)?%?$/.exec(text)?.[0].replace('%', '');
      const fix = amount === undefined ? {} : { fix: `">${amount}%"` };
      return { wrong: 'it needs `>` or `>=`, a number and `%`', ...fix };
    }
    const [, operator = '', amount = '', percent = ''] = match;
    if (percent === '') return { wrong: 'it has no `%`', fix: `"${operator}${amount}%"` };
    return { inclusive: operator === '>=', percent: Number(amount) };
  },
);
