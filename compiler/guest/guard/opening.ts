import { dead } from '../path-automaton.ts';
import { errno } from '../preview1.ts';
import { type GuardGlobal, kinds } from './descriptors.ts';
import { nameWords } from './names.ts';

export const openingGlobals: readonly GuardGlobal[] = [['$ready', 'i32', 0n]];

/** What a call of the host costs beside its own loops, in units of fuel: some microseconds. */
const callUnits = 2_048;

/**
 * `$enter`, which every guard begins with: the first time, it asks the host for the folders that it gives and for its
 * sockets. The guest cannot have changed anything before, since it has no other way to the host.
 *
 * @param sockets whether the policy lets the guest use those that the host has opened
 * @param metered whether calls of the host are charged for
 */
export function openingFunctions(descriptors: number, stream: number, sockets: boolean, metered: boolean): string {
  const words = Array.from({ length: nameWords }, (_, word) => word);
  return `
  (func $enter
    (if (i32.eqz (global.get $ready)) (then (global.set $ready (i32.const 1)) ${metered ? '(call $begin)' : ''} (call $open)))
    ${metered ? `(call $charge (i32.const ${callUnits}))` : ''})

  (func $open
    ${words.map((word) => `(local $w${word} i64)`).join(' ')} (local $fd i32) (local $error i32)
    ${words.map((word) => `(local.set $w${word} (i64.load offset=${word * 8} (i32.const 0)))`).join(' ')}
    (call $describe (i32.const 0) (i32.const ${kinds.file | stream}) (i32.const ${dead}) (i64.const 0) (i64.const 0))
    (call $describe (i32.const 1) (i32.const ${kinds.file | stream}) (i32.const ${dead}) (i64.const 0) (i64.const 0))
    (call $describe (i32.const 2) (i32.const ${kinds.file | stream}) (i32.const ${dead}) (i64.const 0) (i64.const 0))
    (local.set $fd (i32.const 3))
    (block $end
      (loop $next
        (br_if $end (i32.ge_u (local.get $fd) (i32.const ${descriptors})))
        (local.set $error (call $host.fd_prestat_get (local.get $fd) (i32.const 0)))
        (br_if $end (i32.eq (local.get $error) (i32.const ${errno.badf})))
        (if (local.get $error)
          (then (call $openOther (local.get $fd)))
          (else (call $openFolder (local.get $fd) (i32.load offset=4 (i32.const 0)))))
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next)))
    ${words.map((word) => `(i64.store offset=${word * 8} (i32.const 0) (local.get $w${word}))`).join(' ')})

  (func $openFolder (param $fd i32) (param $length i32)
    (local $now i32) (local $device i64) (local $inode i64)
    (local.set $now (call $nameOf (local.get $fd) (local.get $length)))
    (if (call $host.fd_filestat_get (local.get $fd) (i32.const 0))
      (then (local.set $now (i32.const ${dead})))
      (else
        (local.set $device (i64.load (i32.const 0)))
        (local.set $inode (i64.load offset=8 (i32.const 0)))))
    (if (i32.ne (local.get $now) (i32.const ${dead}))
      (then
        (if (call $alike (local.get $fd) (local.get $device) (local.get $inode))
          (then (local.set $now (i32.const ${dead}))))))
    (call $describe (local.get $fd)
      (i32.or (i32.const ${kinds.directory}) (call $rights (local.get $now)))
      (local.get $now)
      (local.get $device)
      (local.get $inode)))

  (func $openOther (param $fd i32)
    ${
      sockets
        ? `(local $type i32)
    (if (i32.eqz (call $host.fd_fdstat_get (local.get $fd) (i32.const 0)))
      (then
        (local.set $type (i32.load8_u (i32.const 0)))
        (if (i32.or (i32.eq (local.get $type) (i32.const 5)) (i32.eq (local.get $type) (i32.const 6)))
          (then (call $describe (local.get $fd) (i32.const ${kinds.socket | stream}) (i32.const ${dead}) (i64.const 0) (i64.const 0))))))`
        : ''
    })`;
}
