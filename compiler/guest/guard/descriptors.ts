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
  return [
    ['$high', 'i32', 0n],
    ...[...fields, ['number', 'i32'] as const].flatMap(([field, type]) =>
      Array.from({ length: count }, (_, at): GuardGlobal => [`$${field}.${at}`, type, 0n]),
    ),
  ];
}

/**
 * `$access FD`, `$state FD`, `$device FD`, `$inode FD`, each 0 for a descriptor that is not open, and
 * `$describe FD ACCESS STATE DEVICE INODE`. A global has no index at run time: each is a case of a switch.
 *
 * What is known of a descriptor lies in the slot of its number. Some hosts choose numbers at random (WasmEdge, of 31 bits):
 * `$room FD` finds such a one the first slot that is free, or gives 0 where none is. `$number` of a slot is then that
 * descriptor, of which there is one at most, and stays so when it is closed, until the slot is used again; it is 0 where
 * the slot is that of its own number. `$high` says whether there ever was one.
 */
export function descriptorFunctions(count: number): string {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const inSlot = (slot: string, inside: (at: number) => string) => switchOn(slot, numbers.map(inside));
  const getters = fields.map(
    ([field, type]) => `
  (func $${field} (param $fd i32) (result ${type})
    ${inSlot('(call $slot (local.get $fd))', (at) => `(return (global.get $${field}.${at}))`)}
    (${type}.const 0))`,
  );
  const set = (at: number) => fields.map(([field]) => `(global.set $${field}.${at} (local.get $${field}))`).join(' ');
  return `${getters.join('')}
  (func $describe (param $fd i32) (param $access i32) (param $state i32) (param $device i64) (param $inode i64)
    ${inSlot('(call $slot (local.get $fd))', (at) => `${set(at)} (return)`)})

  (func $number (param $slot i32) (result i32)
    ${inSlot('(local.get $slot)', (at) => `(return (global.get $number.${at}))`)}
    (i32.const 0))
  (func $setNumber (param $slot i32) (param $number i32)
    ${inSlot('(local.get $slot)', (at) => `(global.set $number.${at} (local.get $number)) (return)`)})

  ;; The slot of a descriptor; a number above all slots for one that has none.
  (func $slot (param $fd i32) (result i32)
    (local $at i32)
    (if (i32.eqz (global.get $high)) (then (return (local.get $fd))))
    (if (i32.lt_u (local.get $fd) (i32.const ${count}))
      (then (return (select (i32.const -1) (local.get $fd) (call $number (local.get $fd))))))
    (loop $next
      (if (i32.eq (call $number (local.get $at)) (local.get $fd)) (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${count}))))
    (i32.const -1))

  (func $room (param $fd i32) (result i32)
    (local $at i32) (local $number i32)
    (if (i32.lt_u (local.get $fd) (i32.const ${count}))
      (then
        (local.set $number (call $number (local.get $fd)))
        (if (local.get $number)
          (then
            (if (call $access (local.get $number)) (then (return (i32.const 0))))
            (call $setNumber (local.get $fd) (i32.const 0))))
        (return (i32.const 1))))
    (if (i32.lt_u (call $slot (local.get $fd)) (i32.const ${count})) (then (return (i32.const 1))))
    (loop $next
      (local.set $number (call $number (local.get $at)))
      (if (i32.eqz (call $access (select (local.get $number) (local.get $at) (local.get $number))))
        (then
          (global.set $high (i32.const 1))
          (call $setNumber (local.get $at) (local.get $fd))
          (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${count}))))
    (i32.const 0))`;
}
