import { syscallNames } from './syscalls.ts';

let places: ReadonlyMap<string, number> | undefined;

/** The place of every name in `syscallNames()`, so that what is known of system calls fits in plain arrays. */
export function syscallPlaces(): ReadonlyMap<string, number> {
  places ??= new Map(syscallNames().map((name, place) => [name, place]));
  return places;
}
