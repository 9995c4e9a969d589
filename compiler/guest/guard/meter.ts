import type { GuardGlobal } from './descriptors.ts';

/** How a guest's time is held. */
export interface Meter {
  /** The units after which the clock is read. */
  readonly quantum: number;
  /** The units that the guest may use in all. */
  readonly fuel: bigint;
  /** The most wall-clock time, in nanoseconds; undefined where units alone count. */
  readonly nanoseconds: bigint | undefined;
}

export function meterGlobals({ quantum, fuel }: Meter): readonly GuardGlobal[] {
  const first = fuel < BigInt(quantum) ? fuel : BigInt(quantum);
  return [
    // What may be used before the clock is read, and what is left behind that.
    ['$fuel', 'i32', first],
    ['$rest', 'i64', fuel - first],
    ['$deadline', 'i64', 0n],
  ];
}

/** The functions that end a guest, whose names are in the module for traces: of time, and of units. */
export const endings = { time: 'polc.time_is_up', fuel: 'polc.fuel_is_used_up' } as const;

/**
 * `$charge UNITS`, and `$refill`, which is called when the units of one quantum are used up, and maybe some more: it ends the
 * guest with a trap where its units or its time are over. A trap cannot be caught by a guest. Where the host has no clock, the guest
 * ends as well.
 */
export function meterFunctions({ quantum, nanoseconds }: Meter): string {
  return `
  (func $charge (param $units i32)
    (global.set $fuel (i32.sub (global.get $fuel) (local.get $units)))
    (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (call $refill))))

  ;; Time begins with the first call of the host that may take some, if not before.
  (func $begin
    ${nanoseconds === undefined ? '' : '(if (i64.eqz (global.get $deadline)) (then (call $refill)))'})

  (func $refill
    ${nanoseconds === undefined ? '' : '(local $now i64)'}
    ;; All is in one place before anything is called: a guest may run out of stack there, and go on.
    (global.set $rest (i64.add (global.get $rest) (i64.extend_i32_s (global.get $fuel))))
    (global.set $fuel (i32.const 0))
    (if (i64.lt_s (global.get $rest) (i64.const 0)) (then (call $${endings.fuel})))
    ${
      nanoseconds === undefined
        ? ''
        : `(local.set $now (call $clock))
    (if (i64.eqz (global.get $deadline))
      (then (global.set $deadline (i64.add (local.get $now) (i64.const ${nanoseconds}))))
      (else (if (i64.gt_u (local.get $now) (global.get $deadline)) (then (call $${endings.time})))))`
    }
    (global.set $fuel
      (select
        (i32.const ${quantum})
        (i32.wrap_i64 (global.get $rest))
        (i64.gt_u (global.get $rest) (i64.const ${quantum}))))
    (global.set $rest (i64.sub (global.get $rest) (i64.extend_i32_u (global.get $fuel)))))

  (func $${endings.fuel} (unreachable))
  ${nanoseconds === undefined ? '' : `(func $${endings.time} (unreachable))`}
  ${nanoseconds === undefined ? '' : clock}`;
}

/** The monotonic clock, by the first bytes of the guest's memory, which come back. */
const clock = `
  (func $clock (result i64)
    (local $kept i64) (local $now i64)
    (local.set $kept (i64.load (i32.const 0)))
    (if (call $host.clock_time_get (i32.const 1) (i64.const 1) (i32.const 0)) (then (unreachable)))
    (local.set $now (i64.load (i32.const 0)))
    (i64.store (i32.const 0) (local.get $kept))
    (local.get $now))`;
