import { grouped } from '../../diagnostics/grouped.ts';
import { eventAge } from '../../dialects/guardrail/quantities.ts';
import { windowMilliseconds } from '../../dialects/kuadrant/schema/window.ts';
import { bytes, cpus, milliseconds } from '../../dialects/sandbox/quantities.ts';
import type { Shape } from '../../schema/shape.ts';
import type { Explanation } from './explanation.ts';

/** A size in bytes, and in the units of the other kind: `512MB` is `488.28 MiB`. */
export function explainBytes(text: string): Explanation | undefined {
  const value = read(bytes, text);
  if (value === undefined) return undefined;
  const isBinary = text.includes('i');
  const other = isBinary ? inUnits(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB']) : inUnits(value, 1024, binary);
  return {
    short: isBinary ? `${grouped(value)} B` : `≈ ${other}`.replace(/^\u2248 (?=\d+ )/, '= '),
    paragraphs: [`${grouped(value)} bytes, ${other}`],
  };
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function inUnits(value: number, factor: number, units: readonly string[]): string {
  let power = 0;
  while (power + 1 < units.length && value >= factor ** (power + 1)) power += 1;
  const amount = value / factor ** power;
  return `${Number.isInteger(amount) ? amount : amount.toFixed(2)} ${units[power]}`;
}

/** A duration in the largest units that hold it: `300s` is `5 min`. */
export function explainDuration(text: string): Explanation | undefined {
  return explainMilliseconds(read(milliseconds, text), text);
}

/** The window of a rate limit. */
export function explainWindow(text: string): Explanation | undefined {
  return explainMilliseconds(windowMilliseconds(text), text);
}

/** The age of an event, whose shape gives minutes. */
export function explainAge(text: string): Explanation | undefined {
  const minutes = read(eventAge, text);
  return explainMilliseconds(minutes === undefined ? undefined : minutes * 60_000, text);
}

function explainMilliseconds(value: number | undefined, text: string): Explanation | undefined {
  if (value === undefined) return undefined;
  const shown = durationText(value);
  const isSame = shown.replace(/\s|in/g, '') === text;
  return {
    ...(isSame ? {} : { short: `= ${shown}` }),
    paragraphs: [value % 1000 === 0 ? `${shown}, ${grouped(value / 1000)} seconds` : `${grouped(value)} milliseconds`],
  };
}

const timeParts: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
];

function durationText(value: number): string {
  const parts: string[] = [];
  let left = value;
  for (const [unit, factor] of timeParts) {
    const count = Math.floor(left / factor);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * factor;
  }
  return parts.join(' ');
}

/** A share of processors. */
export function explainCpus(text: string): Explanation | undefined {
  const value = read(cpus, text);
  if (value === undefined) return undefined;
  const unit = value === 1 ? 'CPU' : 'CPUs';
  const shown = `${Number(value.toFixed(4))} ${unit}`;
  return {
    ...(/[%m]$/.test(text) ? { short: `= ${shown}` } : {}),
    paragraphs: [`${shown}: ${grouped(Math.round(value * 100_000))} µs of processor time in each 100 ms`],
  };
}

/** What a shape makes of a text; undefined where it refuses it. */
function read<T>(shape: Shape<T>, text: string): T | undefined {
  const span = { file: '', start: 0, end: text.length };
  return shape.decode({ kind: 'scalar', span, value: text, text, style: 'plain' }, { diagnostics: [] });
}
