import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { ScalarNode } from '../../../source/tree.ts';

/** The pattern of a window in the CustomResourceDefinitions. Source: Gateway API's `Duration` (GEP-2257). */
export const windowPattern = '^([0-9]{1,5}(h|m|s|ms)){1,4}$';

const part = /([0-9]{1,5})(h|m|s|ms)(?![a-z])/g;
const milliseconds: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** The length of a window in milliseconds; undefined where the text is none. */
export function windowMilliseconds(text: string): number | undefined {
  if (!new RegExp(windowPattern).test(text)) return undefined;
  let sum = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(part)) sum += Number(amount) * (milliseconds[unit] ?? 0);
  return sum;
}

/** Reports a window that the API server refuses, with what was probably meant. */
export function checkWindow(scalar: ScalarNode, diagnostics: Diagnostic[]): void {
  const { text } = scalar;
  const length = windowMilliseconds(text);
  if (length === undefined) {
    const { why, better } = misread(text);
    diagnostics.push(report('POL2074', scalar.span, { value: shorten(text), why }, replaceWith(scalar, better)));
  } else if (length % 1_000 !== 0) {
    const seconds = Math.floor(length / 1_000);
    diagnostics.push(report('POL5132', scalar.span, { value: text, seconds }));
  }
}

interface Misread {
  readonly why: string;
  readonly better?: string;
}

const units: Readonly<Record<string, readonly [hours: number, name: string]>> = {
  d: [24, 'days'],
  day: [24, 'days'],
  days: [24, 'days'],
  w: [168, 'weeks'],
  week: [168, 'weeks'],
  weeks: [168, 'weeks'],
};
const spelt: Readonly<Record<string, string>> = {
  hour: 'h',
  hours: 'h',
  hr: 'h',
  hrs: 'h',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
};

function misread(text: string): Misread {
  const match = /^([0-9]+(?:\.[0-9]+)?) *([A-Za-z]*)$/.exec(text.trim());
  if (match === null) {
    if (/^-/.test(text)) return { why: 'a window is not negative' };
    if (/ /.test(text) && windowMilliseconds(text.replaceAll(' ', '')) !== undefined) {
      return { why: 'the parts stand without spaces', better: text.replaceAll(' ', '') };
    }
    return { why: 'it is made of numbers with `h`, `m`, `s` or `ms`' };
  }
  const [, digits = '', written = ''] = match;
  const amount = Number(digits);
  const unit = written.toLowerCase();
  if (unit === '') return { why: 'it has no unit: `h`, `m`, `s` or `ms`' };
  const long = units[unit];
  if (long !== undefined) {
    const hours = amount * long[0];
    const why = `there is no unit for ${long[1]}`;
    return Number.isInteger(hours) && hours <= 99_999 ? { why, better: `${hours}h` } : { why };
  }
  if (/^(mo|month|months|y|year|years)$/.test(unit)) {
    return { why: 'months and years differ in length: write the hours that you mean, such as `720h` for 30 days' };
  }
  const short = spelt[unit] ?? unit;
  if (!Object.hasOwn(milliseconds, short)) return { why: `there is no unit \`${shorten(written)}\`` };
  if (Number.isInteger(amount) && amount <= 99_999)
    return { why: `the unit is written \`${short}\``, better: `${amount}${short}` };
  if (!Number.isInteger(amount)) {
    const smaller = { h: ['m', 60], m: ['s', 60], s: ['ms', 1_000] }[short];
    const scaled = smaller === undefined ? Number.NaN : amount * Number(smaller[1]);
    const why = 'it is made of whole numbers';
    return Number.isInteger(scaled) && scaled <= 99_999 ? { why, better: `${scaled}${smaller?.[0]}` } : { why };
  }
  return { why: 'a number has at most five digits' };
}
