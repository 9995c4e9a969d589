import type { Span } from '../source/span.ts';

/** One code that a suppression comment names. */
export interface Allowance {
  readonly code: string;
  readonly codeSpan: Span;
  readonly comment: Span;
  readonly until?: { readonly date: string; readonly span: Span };
  readonly reason?: string;
}

/** What a suppression comment says, or why it cannot be read. */
export type SuppressionReading =
  | { readonly problem: string }
  | { readonly problem?: undefined; readonly allowances: readonly Allowance[] };

/**
 * Reads `# polc: allow CODE[, CODE]... [until YYYY-MM-DD] [because REASON]`. Undefined where the comment is not a
 * suppression. `span` is where `written` stands in its file.
 */
export function readSuppression(written: string, span: Span): SuppressionReading | undefined {
  // Of the many comments of a policy most have nothing of it, and V8 takes its time over the first use of a pattern.
  if (!written.includes('polc:')) return undefined;
  const head = /^#?[ \t]*polc:[ \t]*allow(?![\w-])[ \t]*/.exec(written);
  if (head === null) return undefined;
  let at = head[0].length;
  const spanOf = (start: number, end: number): Span => ({
    file: span.file,
    start: span.start + start,
    end: span.start + end,
  });
  const word = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(written);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match[0];
  };
  const space = () => word(/[ \t]*/y);

  const codes: { readonly code: string; readonly codeSpan: Span }[] = [];
  for (;;) {
    const start = at;
    const code = word(/[^\s,]+/y);
    if (code === undefined || code === 'until' || code === 'because') return { problem: 'a code is missing' };
    codes.push({ code, codeSpan: spanOf(start, at) });
    space();
    if (word(/,/y) === undefined) break;
    space();
  }
  let until: Allowance['until'];
  if (word(/until(?!\S)[ \t]*/y) !== undefined) {
    const start = at;
    const date = word(/\S+/y) ?? '';
    if (!isDate(date)) return { problem: `\`${date}\` is not a date` };
    until = { date, span: spanOf(start, at) };
    space();
  }
  let reason: string | undefined;
  if (word(/because(?!\S)/y) !== undefined) {
    reason = written.slice(at).trim();
    at = written.length;
  }
  const rest = written.slice(at).trim();
  if (rest !== '') return { problem: `\`${rest}\` was not expected` };
  const common = {
    comment: span,
    ...(until === undefined ? {} : { until }),
    ...(reason === undefined || reason === '' ? {} : { reason }),
  };
  return { allowances: codes.map((code) => ({ ...code, ...common })) };
}

/** A day of the Gregorian calendar as `YYYY-MM-DD`. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
