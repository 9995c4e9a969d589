import { instant } from '../signing/time.ts';
import type { LaunchFacts } from './facts.ts';
import { isRunning, type LedgerEntry, type LedgerState } from './ledger-state.ts';

/** An instance that is to be started, as the ledger reserves it. */
export interface PlannedLaunch {
  /** The client token of RunInstances, and the value of the tag `polc:launch`: one launch, one id. */
  readonly id: string;
  /** Whose budgets it counts for; absent, those of whoever launches without a profile. */
  readonly profile?: string;
  readonly who: string;
  readonly name: string;
  readonly region: string;
  readonly instanceType: string;
  /** US dollars an hour; undefined where nobody knows the price. */
  readonly hourlyCost: number | undefined;
  /** Milliseconds since 1970 at which it ends by itself. */
  readonly until?: number;
}

/** What a budget adds up, in US dollars, to a billionth. */
export interface Spend {
  /** An hour. */
  readonly hour: { readonly running: number; readonly this: number; readonly total: number };
  /** The day and the month are those of UTC. */
  readonly day: WindowSpend;
  readonly month: WindowSpend;
}

export interface WindowSpend {
  /** From the window's start until now. */
  readonly spent: number;
  /** What runs now, from now until the window's end, or its own where that is known and earlier. */
  readonly running: number;
  /** The launch that is asked for, alike. */
  readonly this: number;
  readonly total: number;
}

/** What was spent, or why that is not known; then every limit of a budget refuses. */
export type SpendReading = { readonly spend: Spend } | { readonly problem: string };

/** What somebody else says was spent until now, such as Cost Explorer: US dollars of this day and this month (UTC). */
export interface ReportedSpend {
  readonly day: number;
  readonly month: number;
}

/** How far the clock may be behind the latest record: processes take their time before they wait for the lock. */
const clockSkew = 5 * 60_000;

/** EC2 bills an instance by the second, and at least for a minute ("Amazon EC2 On-Demand Pricing"). */
const leastTime = 60_000;

const hour = 3_600_000;

/**
 * Adds up what a profile spends, the planned launch included. A ledger with a record of a later time than the clock's gives
 * none: either the clock has jumped back or the record is wrong, and nobody can tell what lies in this day.
 *
 * @param now milliseconds since 1970
 * @param reported where it says more was spent than the ledger does, it counts
 */
export function readSpend(
  ledger: LedgerState,
  planned: PlannedLaunch,
  now: number,
  reported: ReportedSpend = { day: 0, month: 0 },
): SpendReading {
  if (ledger.problem !== undefined) return { problem: `the ledger does not add up: ${ledger.problem}` };
  const { latest = now } = ledger;
  if (latest > now + clockSkew) {
    const problem = `the ledger has a record of ${instant(latest)}, and the clock says ${instant(now)}`;
    return { problem: `${problem}: it has jumped back, or was ahead then` };
  }
  const { hourlyCost } = planned;
  if (hourlyCost === undefined) return { problem: 'the price of this launch is not known' };
  if (!isAmount(hourlyCost) || !isAmount(reported.day) || !isAmount(reported.month)) {
    return { problem: 'what it costs, or what was spent, is no amount' };
  }
  const time = Math.max(now, latest);
  const day = dayOf(time);
  const month = monthOf(time);
  const entries: PricedEntry[] = [];
  for (const entry of ledger.entries.values()) {
    // Of a launch that is tried again the reservation is this very launch.
    if (entry.reserved.profile !== planned.profile || entry.reserved.id === planned.id) continue;
    const { hourly_cost: cost } = entry.reserved;
    if (cost !== undefined) entries.push({ entry, cost });
    else if (entry.ran.some(({ to }) => to === undefined || to > month.from)) {
      return { problem: `the price of \`${entry.reserved.name}\`, which was launched before, is not known` };
    }
  }
  const running = nano(entries.reduce((sum, { entry, cost }) => sum + (isRunning(entry) ? cost : 0), 0));
  const own = nano(hourlyCost);
  return {
    spend: {
      hour: { running, this: own, total: nano(running + own) },
      day: windowSpend(entries, { ...planned, hourlyCost }, day, time, reported.day),
      month: windowSpend(entries, { ...planned, hourlyCost }, month, time, reported.month),
    },
  };
}

/** The attributes that rules ask for; none where they are not known. */
export function spendFacts(reading: SpendReading): Pick<LaunchFacts, 'hourlySpend' | 'dailySpend' | 'monthlySpend'> {
  if ('problem' in reading) return {};
  const { hour, day, month } = reading.spend;
  return { hourlySpend: hour.total, dailySpend: day.total, monthlySpend: month.total };
}

interface PricedEntry {
  readonly entry: LedgerEntry;
  readonly cost: number;
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function windowSpend(
  entries: readonly PricedEntry[],
  planned: PlannedLaunch & { readonly hourlyCost: number },
  window: Window,
  time: number,
  reported: number,
): WindowSpend {
  let spent = 0;
  let running = 0;
  for (const { entry, cost } of entries) {
    for (const { from, to } of entry.ran) {
      const least = from + leastTime;
      if (to !== undefined) spent += cost * hours({ from, to: Math.max(to, least) }, window);
      else {
        spent += cost * hours({ from, to: time }, window);
        running += cost * hours({ from: time, to: Math.max(endOf(entry, window, time), least) }, window);
      }
    }
  }
  const ownEnd = Math.max(endOf(planned, window, time), time + leastTime);
  const own = nano(planned.hourlyCost * hours({ from: time, to: ownEnd }, window));
  const before = nano(Math.max(spent, reported));
  const left = nano(running);
  return { spent: before, running: left, this: own, total: nano(before + left + own) };
}

/** What should have ended runs on as far as anybody knows. */
function endOf({ until }: { readonly until?: number }, window: Window, time: number): number {
  return until === undefined || until <= time ? window.to : Math.min(until, window.to);
}

function hours({ from, to }: Window, window: Window): number {
  return Math.max(0, Math.min(to, window.to) - Math.max(from, window.from)) / hour;
}

function dayOf(time: number): Window {
  const from = Math.floor(time / (24 * hour)) * 24 * hour;
  return { from, to: from + 24 * hour };
}

function monthOf(time: number): Window {
  const date = new Date(time);
  const start = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
  return { from: start(0), to: start(1) };
}

/** Sums of decimal fractions in binary are off by less than this, and three times 0.1 must not exceed 0.3. */
function nano(dollars: number): number {
  return Math.round(dollars * 1e9) / 1e9;
}

function isAmount(dollars: number): boolean {
  return Number.isFinite(dollars) && dollars >= 0;
}
