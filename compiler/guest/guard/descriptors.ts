import { switchOn } from './switch.ts';

/** What a descriptor is: bits 16 and 17 of its access, whose lower bits are rights as Landlock numbers them. */
export const kinds = { file: 1 << 16, directory: 2 << 16, socket: 3 << 16 } as const;

/** A global that the guard adds: its name, type and first value. */
export type GuardGlobal = readonly [name: string, type: 'i32' | 'i64', value: bigint];

const fields = [
  ['access', 'i32'],
  ['state', 'i32'],
  ['device', 'i64'],
  ['inode', 'i64'],
] as const;

/** The globals that hold what is known of each descriptor: nothing outside the guard can name them. */
export function descriptorGlobals(count: number): readonly GuardGlobal[] {
  return fields.flatMap(([field, type]) =>
    Array.from({ length: count }, (_, at): GuardGlobal => [`$${field}.${at}`, type, 0n]),
  );
}

/**
 * `$access FD`, `$state FD`, `$device FD`, `$inode FD`, each 0 for a descriptor that is not open or too high, and
 * `$describe FD ACCESS STATE DEVICE INODE`. A global has no index at run time: each is a case of a switch.
 */
export function descriptorFunctions(count: number): string {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const getters = fields.map(
    ([field, type]) => `
  (func $${field} (param $fd i32) (result ${type})
    ${switchOn(
      '(local.get $fd)',
      numbers.map((at) => `(return (global.get $${field}.${at}))`),
    )}
    (${type}.const 0))`,
  );
  const set = (at: number) => fields.map(([field]) => `(global.set $${field}.${at} (local.get $${field}))`).join(' ');
  return `${getters.join('')}
  (func $describe (param $fd i32) (param $access i32) (param $state i32) (param $device i64) (param $inode i64)
    ${switchOn(
      '(local.get $fd)',
      numbers.map((at) => `${set(at)} (return)`),
    )})`;
}
