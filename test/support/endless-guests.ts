import { preview1 } from './guest.ts';

/** A program of these instructions, with a table, data to copy and a way to the host. */
export const limitedGuest = (body: string, more = '', memory = '1') => `(module
  (import "${preview1}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") ${memory})
  (table $t 1 funcref)
  (data $passive "0123456789")
  ${more}
  (func (export "_start") (local $i i32) ${body}))`;

/** Instructions that go on for ever, with what else they need. */
export const endlessGuests: readonly (readonly [name: string, body: string, more?: string, memory?: string])[] = [
  ['an empty loop', '(loop $l (br $l))'],
  [
    'a loop that calls the host',
    '(loop $l (drop (call $write (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 0))) (br $l))',
  ],
  [
    'a loop of many instructions',
    `(loop $l ${'(local.set $i (i32.mul (local.get $i) (i32.const 3)))'.repeat(2000)} (br $l))`,
  ],
  [
    'recursion that is wide and not deep',
    '(drop (call $tree (i32.const 60)))',
    '(func $tree (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.add (call $tree (i32.sub (local.get 0) (i32.const 1))) (call $tree (i32.sub (local.get 0) (i32.const 1)))))))',
  ],
  ['recursion by tail calls', '(call $again)', '(func $again (return_call $again))'],
  [
    'recursion by tail calls through a table',
    '(call $again)',
    '(elem (i32.const 0) $again) (func $again (return_call_indirect (i32.const 0)))',
  ],
  ['large fills', '(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 60000000)) (br $l))', '', '1000'],
  ['large copies', '(loop $l (memory.copy (i32.const 0) (i32.const 1) (i32.const 60000000)) (br $l))', '', '1000'],
  ['table growth', '(loop $l (drop (table.grow $t (ref.null func) (i32.const 1))) (br $l))'],
  ['growth of memory', '(loop $l (drop (memory.grow (i32.const 1))) (br $l))'],
];
