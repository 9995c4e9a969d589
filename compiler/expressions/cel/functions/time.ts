import { CelError, Duration, type Result, Timestamp } from '../value.ts';

export const nanosInSecond = 1_000_000_000n;

/** 0001-01-01T00:00:00Z and the last second of 9999: what google.protobuf.Timestamp holds. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

const timestampRange = new CelError('timestamp out of range');
const durationRange = new CelError('duration out of range');
const largestNanos = 0x7fff_ffff_ffff_ffffn;

/** Nanoseconds since 1970. */
export function nanosecondsOf({ seconds, nanos }: Timestamp): bigint {
  return BigInt(seconds) * nanosInSecond + BigInt(nanos);
}

/** @param nanoseconds since 1970 */
export function timestampOf(nanoseconds: bigint): Result {
  let seconds = nanoseconds / nanosInSecond;
  let nanos = nanoseconds % nanosInSecond;
  if (nanos < 0n) {
    nanos += nanosInSecond;
    seconds -= 1n;
  }
  return timestampAt(Number(seconds), Number(nanos));
}

export function timestampAt(seconds: number, nanos: number): Result {
  return seconds < firstSecond || seconds > lastSecond ? timestampRange : new Timestamp(seconds, nanos);
}

/** A duration of so many nanoseconds; cel-go holds them in 64 bits, about 292 years. */
export function durationOf(nanos: bigint): Result {
  return nanos > largestNanos || nanos < -largestNanos - 1n ? durationRange : new Duration(nanos);
}

const timestampForm = /^(\d{4,5})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339. */
export function readTimestamp(text: string): Result {
  const match = text.length > 80 ? null : timestampForm.exec(text);
  if (match === null) return new CelError(`invalid timestamp: '${shortened(text)}'`);
  const [, year, month, day, hour, minute, second, fraction = '', , sign, zoneHour = '0', zoneMinute = '0'] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const valid =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(zoneHour) < 24 &&
    Number(zoneMinute) < 60;
  if (!valid) return new CelError(`invalid timestamp: '${shortened(text)}'`);
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60 * (sign === '-' ? -1 : 1);
  return timestampAt(date.getTime() / 1000 - offset, Number(fraction.padEnd(9, '0')));
}

/** RFC 3339 in UTC, with as many decimals as there are. */
export function printTimestamp({ seconds, nanos }: Timestamp): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${decimals(nanos)}Z`;
}

function decimals(nanos: number): string {
  return nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: nanosInSecond,
  m: 60n * nanosInSecond,
  h: 3600n * nanosInSecond,
};

/** Reads what Go's time.ParseDuration does: `1h45m0.5s`. */
export function readDuration(text: string): Result {
  const invalid = () => new CelError(`invalid duration: '${shortened(text)}'`);
  if (text.length > 200) return invalid();
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return new Duration(0n);
  const part = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
  let nanos = 0n;
  let end = 0;
  while (end < body.length) {
    part.lastIndex = end;
    const match = part.exec(body);
    if (match === null) return invalid();
    const [matched, whole = '', fraction = '', unit = ''] = match;
    if (whole === '' && fraction === '') return invalid();
    const scale = units[unit]!;
    nanos += BigInt(whole === '' ? 0 : whole) * scale;
    if (fraction !== '') nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    end += matched.length;
  }
  return end === 0 ? invalid() : durationOf(negative ? -nanos : nanos);
}

/** Seconds with as many decimals as there are: `6347.5s`. */
export function printDuration({ nanos }: Duration): string {
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  return `${sign}${size / nanosInSecond}${decimals(Number(size % nanosInSecond))}s`;
}

/** For messages: the text, or its beginning. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
