import { report } from '../../../compiler/diagnostics/report.ts';
import { shorten } from '../../../compiler/schema/scalars.ts';
import type { Span } from '../../../compiler/source/span.ts';
import type { EventDate } from '../cost-event.ts';
import { readDollars } from './amount.ts';
import { type PlacedText, placeIn } from './json.ts';
import { addEvent, isAccount, type Reading } from './reading.ts';

/** What every notification of AWS Budgets begins with. */
const heading = 'AWS Budget Notification';

export function isBudgetNotice(text: string): boolean {
  return text.trimStart().startsWith(heading);
}

/** What stands behind a label. */
interface Found {
  readonly text: string;
  readonly span: Span;
}

interface Line {
  readonly text: string;
  /** Its offset in the message. */
  readonly start: number;
}

/**
 * Reads the prose that AWS Budgets sends to a topic: a heading with the date, the account, sentences for people, and
 * lines `Budget Name: …`, of which each may stand there once. A budget's name has no colon (the API's pattern for
 * BudgetName), so that no name can pretend to be such a line.
 *
 * @param id the id of the message that carried it
 */
export function readBudgetNotice(message: PlacedText, id: string, reading: Reading): undefined {
  const notice = new Notice(message, reading);
  const account = notice.account();
  const type = notice.field('Budget Type');
  if (type !== undefined && type.text !== 'Cost') {
    const what = `\`${shorten(type.text)}\``;
    reading.diagnostics.push(report('POL2048', type.span, { what, amount: shorten(notice.amountText()) }));
    return;
  }
  const name = notice.field('Budget Name');
  const alert = notice.alertType();
  const written = alert === undefined ? undefined : notice.field(`${alert.text} Amount`);
  const amount = written === undefined ? undefined : readDollars(written.text, written.span, reading);
  const period = name === undefined ? undefined : notice.period(name.text);
  if (
    account === undefined ||
    type === undefined ||
    name === undefined ||
    alert === undefined ||
    written === undefined ||
    amount === undefined ||
    period === undefined
  ) {
    return;
  }
  addEvent(
    {
      id,
      source: 'budgets',
      account: account.text,
      amount,
      forecast: alert.text === 'FORECASTED',
      subject: name.text,
      period: period.text,
      dated: period.dated,
      causes: [{}],
      tags: new Map(),
      places: new Map([
        ['source', notice.heading],
        ['account', account.span],
        ['amount', written.span],
        ['forecast', alert.span],
        ['subject', name.span],
        ['date', notice.dateLine],
      ]),
    },
    reading,
  );
}

class Notice {
  readonly heading: Span;
  /** The heading with the date behind it. */
  readonly dateLine: Span;
  readonly #message: PlacedText;
  readonly #reading: Reading;
  readonly #lines: readonly Line[];

  constructor(message: PlacedText, reading: Reading) {
    this.#message = message;
    this.#reading = reading;
    const { text } = message;
    const start = text.length - text.trimStart().length;
    this.heading = placeIn(message, start, start + heading.length);
    const newline = text.indexOf('\n', start);
    this.dateLine = placeIn(message, start, newline === -1 ? text.length : newline);
    this.#lines = linesOf(text);
  }

  account(): Found | undefined {
    const label = 'AWS Account ';
    const found = this.#lines.find(({ text }) => text.startsWith(label));
    if (found === undefined) return this.#missing('account', `${label}NUMBER`);
    const account = this.#after(found, label.length);
    if (isAccount(account.text)) return account;
    const values = { noun: 'the account', found: `\`${shorten(account.text)}\``, expected: '12 digits' };
    this.#reading.diagnostics.push(report('POL2044', account.span, values));
    return undefined;
  }

  /** The text behind `Label:`; reported where there is none, or more than one. */
  field(label: string): Found | undefined {
    const [first, second] = this.#fields(label);
    if (first === undefined || first.text === '') return this.#missing(label, `${label}:`);
    if (second === undefined) return first;
    const values = { noun: `\`${label}\``, found: 'it a second time', expected: 'one line' };
    this.#reading.diagnostics.push(report('POL2044', second.span, values));
    return undefined;
  }

  /** What the notification says was spent or is forecast, for a message about it. */
  amountText(): string {
    for (const label of ['ACTUAL Amount', 'FORECASTED Amount']) {
      const [found] = this.#fields(label);
      if (found !== undefined) return found.text;
    }
    return '';
  }

  alertType(): Found | undefined {
    const type = this.field('Alert Type');
    if (type === undefined || type.text === 'ACTUAL' || type.text === 'FORECASTED') return type;
    const values = { noun: 'the alert type', found: `\`${shorten(type.text)}\``, expected: '`ACTUAL` or `FORECASTED`' };
    this.#reading.diagnostics.push(report('POL2044', type.span, values));
    return undefined;
  }

  /** The period of the budget that the notification's date lies in; of a daily budget the day before, as it says itself. */
  period(name: string): { readonly text: string; readonly dated: EventDate } | undefined {
    const { text } = this.#message;
    const date = readHeadingDate(text.trimStart().slice(heading.length).split('\n', 1)[0]!.trim());
    if (date === undefined) {
      const values = { noun: 'date', name: `${heading} March 04, 2023` };
      this.#reading.diagnostics.push(report('POL2043', this.heading, values));
      return undefined;
    }
    const from = Date.UTC(date.year, date.month - 1, date.day);
    return { text: this.#periodOf(name, date), dated: { from, until: from + 86_400_000 } };
  }

  #periodOf(name: string, date: HeadingDate): string {
    const { text } = this.#message;
    // The name may hold any of the words that are looked for.
    const sentences = text.replace(`your ${name} budget`, 'your budget').split('Budget Name:', 1)[0]!;
    const { year, month } = date;
    if (/\bper day\b|\bfor (?:the current|yesterday's|today's) day\b/.test(sentences)) {
      const day = new Date(Date.UTC(year, month - 1, date.day - (/\bYesterday\b/.test(sentences) ? 1 : 0)));
      return day.toISOString().slice(0, 10);
    }
    if (/\bcurrent month\b/.test(sentences)) return `${year}-${String(month).padStart(2, '0')}`;
    if (/\bcurrent quarter\b/.test(sentences)) return `${year}-Q${Math.ceil(month / 3)}`;
    if (/\bcurrent year\b/.test(sentences)) return String(year);
    // A custom period has dates of its own, which the notification need not tell: all of it is one period.
    const custom = /\bfor the (?:current |custom )?period\b:?\s*([^.\n]*)/.exec(sentences)?.[1]?.trim();
    return custom === undefined || custom === '' ? 'custom' : custom;
  }

  #fields(label: string): readonly Found[] {
    const start = `${label}:`;
    return this.#lines.filter(({ text }) => text.startsWith(start)).map((line) => this.#after(line, start.length));
  }

  /** What stands in a line from an offset on, without blanks around it. */
  #after({ text, start }: Line, offset: number): Found {
    const trimmed = text.slice(offset).trim();
    const from = start + text.indexOf(trimmed, offset);
    return { text: trimmed, span: placeIn(this.#message, from, from + trimmed.length) };
  }

  #missing(noun: string, name: string): undefined {
    this.#reading.diagnostics.push(report('POL2043', this.heading, { noun, name }));
    return undefined;
  }
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    lines.push({ text: text.slice(start, end), start });
    start = end + 1;
  }
  return lines;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

interface HeadingDate {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

/** `March 04, 2023`. */
function readHeadingDate(text: string): HeadingDate | undefined {
  const [, name = '', day = '', year = ''] = /^([A-Z][a-z]+) ([0-9]{1,2}), ([0-9]{4})$/.exec(text) ?? [];
  const month = months.indexOf(name) + 1;
  const date = new Date(Date.UTC(Number(year), month - 1, Number(day)));
  // Of 30 February a Date makes the first of March.
  return month === 0 || date.getUTCDate() !== Number(day) ? undefined : { year: Number(year), month, day: Number(day) };
}
