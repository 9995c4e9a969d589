import { type CelFunction, member } from '../environment.ts';
import { duration, int, string, timestamp } from '../types.ts';
import { CelError, Duration, noSuchOverload, Timestamp, type Value } from '../value.ts';
import { nanosInSecond, shortened } from './time.ts';

/** The parts of a time in a zone; months, days of the year and of the week count from 0, as CEL has it. */
interface Parts {
  readonly date: Date;
  readonly nanos: number;
}

type Read = (parts: Parts) => number;

function dayOfYear({ date }: Parts): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
}

/** The local time as if it were UTC. */
function partsOf({ seconds, nanos }: Timestamp, zone: Value): Parts | CelError {
  if (typeof zone !== 'string') return new CelError('no such overload: the zone is no string');
  const offset = offsetOf(seconds, zone);
  if (offset === undefined) return new CelError(`invalid timezone: '${shortened(zone)}'`);
  return { date: new Date((seconds + offset) * 1000), nanos };
}

/** Seconds east of UTC; undefined where there is no such zone. */
function offsetOf(seconds: number, zone: string): number | undefined {
  if (zone === 'UTC' || zone === '') return 0;
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) {
    const [, sign, hours = '', minutes = ''] = fixed;
    if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
    return (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  }
  const format = zoneFormat(zone);
  if (format === undefined) return undefined;
  const parts = new Map(format.formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, Number(value)]));
  const local = new Date(0);
  local.setUTCFullYear(parts.get('year') ?? 0, (parts.get('month') ?? 1) - 1, parts.get('day') ?? 1);
  local.setUTCHours(parts.get('hour') ?? 0, parts.get('minute') ?? 0, parts.get('second') ?? 0);
  return local.getTime() / 1000 - seconds;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,60}$/.test(timeZone)) return undefined;
  const numeric = 'numeric';
  try {
    return new Intl.DateTimeFormat('en-u-ca-iso8601-hc-h23', {
      timeZone,
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  } catch {
    // Its only way to say that it knows no such zone.
    return undefined;
  }
}

function getter(name: string, read: Read): CelFunction {
  return {
    name,
    overloads: [member([timestamp], int), member([timestamp, string], int)],
    call: (value, zone = 'UTC') => {
      if (!(value instanceof Timestamp)) return noSuchOverload(name, value);
      const parts = partsOf(value, zone);
      return parts instanceof CelError ? parts : BigInt(read(parts));
    },
  };
}

/** Of a duration too, which has no zone. */
function getterOfBoth(name: string, read: Read, ofDuration: (nanos: bigint) => bigint): CelFunction {
  const ofTimestamp = getter(name, read);
  return {
    name,
    overloads: [...ofTimestamp.overloads, member([duration], int)],
    call: (...values) => {
      const [value] = values;
      if (!(value instanceof Duration)) return ofTimestamp.call(...values);
      return values.length === 1 ? ofDuration(value.nanos) : noSuchOverload(name, ...values);
    },
  };
}

export const timestampFunctions: readonly CelFunction[] = [
  getter('getFullYear', ({ date }) => date.getUTCFullYear()),
  getter('getMonth', ({ date }) => date.getUTCMonth()),
  getter('getDate', ({ date }) => date.getUTCDate()),
  getter('getDayOfMonth', ({ date }) => date.getUTCDate() - 1),
  getter('getDayOfWeek', ({ date }) => date.getUTCDay()),
  getter('getDayOfYear', dayOfYear),
  getterOfBoth(
    'getHours',
    ({ date }) => date.getUTCHours(),
    (nanos) => nanos / (3600n * nanosInSecond),
  ),
  getterOfBoth(
    'getMinutes',
    ({ date }) => date.getUTCMinutes(),
    (nanos) => nanos / (60n * nanosInSecond),
  ),
  getterOfBoth(
    'getSeconds',
    ({ date }) => date.getUTCSeconds(),
    (nanos) => nanos / nanosInSecond,
  ),
  getterOfBoth(
    'getMilliseconds',
    ({ nanos }) => Math.floor(nanos / 1_000_000),
    (nanos) => (nanos / 1_000_000n) % 1000n,
  ),
];
