import { report } from '../../../diagnostics/report.ts';
import { and, attribute, or, type Predicate, type Range } from '../../../expressions/predicate.ts';
import type { Located } from '../../../schema/shape.ts';
import type { WindowDocument } from '../shape.ts';
import { distinct, type Lowering, originOf, refuseEmpty } from './lowering.ts';
import type { PassingRule } from './match.ts';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const minutesOfDay = 1440;

/** A window `[start, end)` in minutes of wall-clock time, on the days on which it begins, 0 Monday to 6 Sunday. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly zone: string;
  readonly days: readonly number[];
}

/**
 * One rule for each time window: events of that time pass. The event's time is read on the zone's wall clock, so that
 * both passes of an hour that is repeated are inside, and a skipped hour never comes.
 */
export function lowerWindows(lowering: Lowering): readonly PassingRule[] {
  const list = lowering.document.exceptions?.value.time_windows;
  if (list === undefined) return [];
  const windows: Window[] = [];
  const rules = list.value.flatMap((each, index): readonly PassingRule[] => {
    const window = read(each, lowering);
    if (window === undefined) return [];
    windows.push(window);
    const origin = originOf(each.span, lowering);
    return [
      { topic: `exceptions.time_windows[${index}]`, origin, when: duringWindow(window), effect: { kind: 'allow' } },
    ];
  });
  if (coverEveryMinute(windows)) {
    lowering.diagnostics.push(report('POL5048', list.span, { why: 'the time windows leave no minute of the week' }));
  }
  return rules;
}

function read({ value, span }: Located<WindowDocument>, lowering: Lowering): Window | undefined {
  const { start, end, timezone, days } = value;
  refuseEmpty(days, 'days', lowering);
  if (start === undefined || end === undefined || timezone === undefined) return undefined;
  if (start.value === end.value) {
    const related = [{ span: start.span, label: 'the same time' }];
    lowering.diagnostics.push(report('POL5038', end.span, {}, { related }));
    return undefined;
  }
  if (days === undefined) lowering.diagnostics.push(report('POL5039', span, {}));
  const named = days === undefined ? dayNames : distinct(days.value, (day) => day, lowering).map((day) => day.value);
  return {
    start: start.value,
    end: end.value,
    zone: timezone.value,
    days: dayNames.flatMap((name, day) => (named.includes(name) ? [day] : [])),
  };
}

function duringWindow({ start, end, zone, days }: Window): Predicate {
  const between = (low: number, high: number): Predicate => ({
    kind: 'in-ranges',
    term: attribute(`minute@${zone}`),
    ranges: [{ low: BigInt(low), high: BigInt(high - 1) }],
  });
  const on = (of: readonly number[]): Predicate => ({
    kind: 'in-ranges',
    term: attribute(`weekday@${zone}`),
    ranges: rangesOf(of),
  });
  if (start < end) return and(on(days), between(start, end));
  const evening = and(on(days), between(start, minutesOfDay));
  if (end === 0) return evening;
  // It belongs to the day on which it began.
  const nextDays = days.map((day) => (day + 1) % 7).sort((left, right) => left - right);
  return or(evening, and(on(nextDays), between(0, end)));
}

function rangesOf(sorted: readonly number[]): readonly Range[] {
  const ranges: { low: bigint; high: bigint }[] = [];
  for (const number of sorted.map(BigInt)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.high + 1n === number) last.high = number;
    else ranges.push({ low: number, high: number });
  }
  return ranges;
}

/** Whether the windows of one zone together hold the whole week. */
function coverEveryMinute(windows: readonly Window[]): boolean {
  return [...new Set(windows.map(({ zone }) => zone))].some((zone) => {
    const week = new Uint8Array(7 * minutesOfDay);
    for (const window of windows) {
      if (window.zone !== zone) continue;
      const length = (window.end - window.start + minutesOfDay) % minutesOfDay || minutesOfDay;
      for (const day of window.days) {
        const from = day * minutesOfDay + window.start;
        for (let at = 0; at < length; at += 1) week[(from + at) % week.length] = 1;
      }
    }
    return week.every((covered) => covered === 1);
  });
}
