import { nearest } from '../diagnostics/suggest.ts';
import type * as Generated from './time-zones.generated.ts';

/** Loaded only for policies with time windows. Intl knows the zones too, but takes 25 ms to answer its first question. */
const loadTable = (): typeof Generated => require('./time-zones.generated.ts');

let names: ReadonlySet<string> | undefined;

function table(): ReadonlySet<string> {
  if (names === undefined) {
    const found = new Set<string>();
    let area = '';
    for (const word of loadTable().zones.trim().split(/\s/)) {
      if (word === '/') area = '';
      else if (word.endsWith('/')) area = word;
      else found.add(`${area}${word}`);
    }
    names = found;
  }
  return names;
}

/** The zones of the time zone database and their other names, sorted. */
export function timeZoneNames(): readonly string[] {
  return [...table()];
}

/** Whether the time zone database has a zone, or another name of one, of exactly this spelling. */
export function isTimeZone(name: string): boolean {
  return table().has(name);
}

/** The zone that a misspelt name probably stands for. */
export function nearestTimeZone(name: string): string | undefined {
  return nearest(name, table());
}
