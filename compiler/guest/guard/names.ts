import { dead } from '../path-automaton.ts';
import { type GuardGlobal, kinds } from './descriptors.ts';
import { backslash, dot, slash } from './paths.ts';

export const nameGlobals: readonly GuardGlobal[] = [['$name', 'i64', 0n]];

/** The longest name of a folder of the host that is read, in words of 64 bits. */
export const nameWords = 64;

/** FNV-1a of 64 bits, of which nothing is asked but that two names seldom have the same: folders whose names do are refused. */
const hash = { offset: 0xcbf29ce484222325n, prime: 0x100000001b3n } as const;
const signed = BigInt.asIntN(64, hash.offset);
const mixed = (state: string, byte: string) => `(i64.mul (i64.xor ${state} ${byte}) (i64.const ${hash.prime}))`;

/**
 * `$nameOf FD LENGTH` gives the state of the folder that the host gives under a name, and leaves a number for the
 * canonical name in `$name`; `$alike FD DEVICE INODE` says whether the host has given another folder under that name
 * before. Both write where the guest's memory begins.
 *
 * A name is a path from `/`, whether it begins so or not: wasi-libc takes off what of `/` and `./` it begins with
 * (libc-bottom-half/sources/preopens.c). It is no path, and the folder none of the policy's,
 *
 * - where it is empty, or nothing but `.`: that is how engines call the folder in which they were started;
 * - where it has `..`, a NUL or a backslash, which paths may not have either;
 * - where it begins with neither `/` nor `./`, and its first component is not one beneath which all have the same
 *   rights. WasmEdge (0.14.1, VINode::canonicalGuest) calls folders so, and leaves out a second component that begins
 *   with a dot: `/root/.ssh` is `root`, and `/home/.old/ada` `home/ada`. Behind `./` it leaves out a first one alone.
 *
 * @param start the automaton's state at `/`
 */
export function nameFunctions(start: number): string {
  return `
  (func $nameOf (param $fd i32) (param $length i32) (result i32)
    (global.set $name (i64.const 0))
    (if (i32.gt_u (local.get $length) (i32.const ${nameWords * 8})) (then (return (i32.const ${dead}))))
    (if (i32.eqz (local.get $length)) (then (return (i32.const ${dead}))))
    (if (call $host.fd_prestat_dir_name (local.get $fd) (i32.const 0) (local.get $length))
      (then (return (i32.const ${dead}))))
    (call $named (local.get $length)))

  (func $named (param $end i32) (result i32)
    (local $at i32) (local $start i32) (local $byte i32) (local $size i32) (local $depth i32)
    (local $now i32) (local $whole i32) (local $hash i64) (local $next i64)
    (local.set $now (i32.const ${start}))
    (local.set $hash (i64.const ${signed}))
    (local.set $whole (i32.eq (i32.load8_u (i32.const 0)) (i32.const ${slash})))
    (block $all
      (loop $components
        (br_if $all (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $start (local.get $at))
        (local.set $next ${mixed('(local.get $hash)', `(i64.const ${slash})`)})
        (block $ends
          (loop $bytes
            (br_if $ends (i32.ge_u (local.get $at) (local.get $end)))
            (local.set $byte (i32.load8_u (local.get $at)))
            (br_if $ends (i32.eq (local.get $byte) (i32.const ${slash})))
            (if (i32.or (i32.eqz (local.get $byte)) (i32.eq (local.get $byte) (i32.const ${backslash})))
              (then (return (i32.const ${dead}))))
            (local.set $next ${mixed('(local.get $next)', '(i64.extend_i32_u (local.get $byte))')})
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $bytes)))
        (local.set $size (i32.sub (local.get $at) (local.get $start)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $components (i32.eqz (local.get $size)))
        (if (i32.eq (i32.load8_u (local.get $start)) (i32.const ${dot}))
          (then
            (if (i32.eq (local.get $size) (i32.const 1))
              (then
                ;; \`./\` before all else, nothing but that, or behind a component, where it is of no matter.
                (local.set $whole (i32.const 1))
                (br $components)))
            (if (i32.eq (local.get $size) (i32.const 2))
              (then
                (if (i32.eq (i32.load8_u offset=1 (local.get $start)) (i32.const ${dot}))
                  (then (return (i32.const ${dead}))))))))
        (local.set $now (call $follow (local.get $now) (local.get $start) (local.get $size)))
        (local.set $hash (local.get $next))
        (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
        (if (i32.eqz (i32.or (local.get $whole) (call $flat (local.get $now)))) (then (return (i32.const ${dead}))))
        (local.set $whole (i32.const 1))
        (br $components)))
    (if (i32.eqz (local.get $depth))
      (then
        (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const ${slash})) (then (return (i32.const ${dead}))))))
    (global.set $name (local.get $hash))
    (local.get $now))

  (func $alike (param $fd i32) (param $device i64) (param $inode i64) (result i32)
    (local $wanted i64) (local $other i32) (local $found i32)
    (local.set $wanted (global.get $name))
    (local.set $other (i32.const 3))
    (block $end
      (loop $next
        (br_if $end (i32.ge_u (local.get $other) (local.get $fd)))
        (if (i32.eqz
              (i32.and
                (i64.eq (call $device (local.get $other)) (local.get $device))
                (i64.eq (call $inode (local.get $other)) (local.get $inode))))
          (then
            (if (i32.eqz (call $host.fd_prestat_get (local.get $other) (i32.const 0)))
              (then
                (drop (call $nameOf (local.get $other) (i32.load offset=4 (i32.const 0))))
                (if (i64.eq (global.get $name) (local.get $wanted))
                  (then
                    (local.set $found (i32.const 1))
                    (call $describe (local.get $other)
                      (i32.const ${kinds.directory}) (i32.const ${dead})
                      (call $device (local.get $other)) (call $inode (local.get $other)))))))))
        (local.set $other (i32.add (local.get $other) (i32.const 1)))
        (br $next)))
    (local.get $found))`;
}
