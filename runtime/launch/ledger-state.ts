import { type LedgerRecord, type ReserveRecord, readLedgerLine, tornDigest } from './ledger-records.ts';

/** One launch of a ledger. Times are milliseconds since 1970. */
export interface LedgerEntry {
  readonly reserved: ReserveRecord;
  /** When it was reserved. */
  readonly at: number;
  readonly until?: number;
  /** `i-…`; absent while RunInstances has not been seen to answer. */
  readonly instance?: string;
  /** When it ran, the first from the reservation on; one without an end runs. Empty where no instance was started. */
  readonly ran: readonly Interval[];
}

export interface Interval {
  readonly from: number;
  readonly to?: number;
}

/** What the lines of a ledger say together. */
export interface LedgerState {
  /** By the ids of the launches. */
  readonly entries: ReadonlyMap<string, LedgerEntry>;
  /** The time of the latest record; undefined where there is none. */
  readonly latest?: number;
  /** Why the lines do not add up: then nobody knows what was spent. */
  readonly problem?: string;
  /** What a crash left of a last line, if anything. It was never acted upon, since a record is on the disk before that. */
  readonly torn?: string;
}

/**
 * Reads a ledger. The order of the lines is the order of what happened, whatever the clock said: a launch runs from the
 * time in its record, and until the latest time in all records up to its end, so that a clock that jumped back makes no
 * launch cheaper.
 */
export function readLedger(text: string): LedgerState {
  const entries = new Map<string, Draft>();
  let latest: number | undefined;
  let problem: string | undefined;
  let unread: { readonly text: string; readonly line: number } | undefined;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const record = readLedgerLine(line);
    if (unread !== undefined && !(record?.event === 'torn' && record.digest === tornDigest(unread.text))) {
      problem ??= `line ${unread.line} is no record`;
    }
    unread = record === undefined ? { text: line, line: index + 1 } : undefined;
    if (record === undefined) continue;
    const at = Date.parse(record.at);
    latest = latest === undefined ? at : Math.max(latest, at);
    const wrong = apply(entries, record, at, latest);
    if (wrong !== undefined) problem ??= `line ${index + 1} ${wrong}`;
  }
  const isTorn = unread !== undefined && unread.line === lines.length;
  if (unread !== undefined && !isTorn) problem ??= `line ${unread.line} is no record`;
  return {
    entries,
    ...(latest === undefined ? {} : { latest }),
    ...(problem === undefined ? {} : { problem }),
    ...(unread !== undefined && isTorn ? { torn: unread.text } : {}),
  };
}

/** An entry while its lines are read: a ledger of years has many, and one is read at each launch. */
interface Draft {
  readonly reserved: ReserveRecord;
  readonly at: number;
  until?: number;
  instance?: string;
  readonly ran: Interval[];
}

/** Why the record cannot follow those before it; undefined where it can. */
function apply(entries: Map<string, Draft>, record: LedgerRecord, at: number, latest: number): string | undefined {
  if (record.event === 'torn') return undefined;
  const entry = entries.get(record.id);
  if (record.event === 'reserve') {
    if (entry !== undefined) return `reserves \`${record.id}\` again`;
    const made: Draft = { reserved: record, at, ran: [{ from: at }] };
    if (record.until !== undefined) made.until = Date.parse(record.until);
    entries.set(record.id, made);
    return undefined;
  }
  if (entry === undefined) return `is of \`${record.id}\`, which no line reserves`;
  const last = entry.ran.at(-1);
  const runs = last !== undefined && last.to === undefined;
  switch (record.event) {
    case 'confirm':
      entry.instance = record.instance;
      // Whoever released it was wrong: it was started all the same.
      if (last === undefined) entry.ran.push({ from: entry.at });
      return undefined;
    case 'release':
      if (entry.instance !== undefined) return `releases \`${record.id}\`, which has an instance`;
      entry.ran.length = 0;
      return undefined;
    case 'end':
      if (runs) entry.ran[entry.ran.length - 1] = { from: last.from, to: latest };
      return undefined;
    case 'resume':
      if (!runs) entry.ran.push({ from: at });
      return undefined;
    default: {
      const unreachable: never = record;
      return unreachable;
    }
  }
}

/** Whether it costs something now. */
export function isRunning({ ran }: LedgerEntry): boolean {
  const last = ran.at(-1);
  return last !== undefined && last.to === undefined;
}
