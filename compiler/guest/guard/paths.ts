import { dead, type PathAutomaton, type PathState } from '../path-automaton.ts';
import { errno } from '../preview1.ts';
import type { GuardGlobal } from './descriptors.ts';
import { switchOn } from './switch.ts';

/**
 * `$step STATE BYTE`, `$rights STATE` and `$flat STATE`: the automaton as code, since data would lie in the guest's own
 * memory, where it could change them.
 */
export function automatonFunctions({ states }: PathAutomaton): string {
  const byState = (inside: (state: PathState) => string) => switchOn('(local.get $state)', states.map(inside));
  return `
  (func $step (param $state i32) (param $byte i32) (result i32)
    ${byState(({ next }) => stepOf(next))}
    (i32.const ${dead}))
  (func $rights (param $state i32) (result i32)
    ${byState(({ rights }) => `(return (i32.const ${rights}))`)}
    (i32.const 0))
  (func $flat (param $state i32) (result i32)
    ${byState(({ flat }) => `(return (i32.const ${flat ? 1 : 0}))`)}
    (i32.const 0))`;
}

/** Comparisons with the bytes that lead elsewhere than most do. */
function stepOf(next: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const state of next) counts.set(state, (counts.get(state) ?? 0) + 1);
  const usual = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
  const ranges: { low: number; high: number; state: number }[] = [];
  next.forEach((state, byte) => {
    const last = ranges.at(-1);
    if (last !== undefined && last.state === state && last.high === byte - 1) last.high = byte;
    else ranges.push({ low: byte, high: byte, state });
  });
  const tests = ranges
    .filter(({ state }) => state !== usual)
    .map(
      ({ low, high, state }) =>
        `(if (i32.le_u (i32.sub (local.get $byte) (i32.const ${low})) (i32.const ${high - low})) (then (return (i32.const ${state}))))`,
    );
  return `${tests.join(' ')} (return (i32.const ${usual}))`;
}

/** Where a guest has no policy of paths, every path is in one state, in which everything is allowed. */
export const unrestricted: PathAutomaton = {
  states: [
    { rights: 0, flat: true, next: Array.from({ length: 256 }, () => 0) },
    { rights: 0xffff, flat: true, next: Array.from({ length: 256 }, () => 1) },
  ],
  start: 1,
};

/** Bytes that separate names, or do so for some, and that stand for the folder itself. */
export const slash = 47;
export const dot = 46;
export const backslash = 92;

/** The longest path: PATH_MAX of Linux. */
const longestPath = 4096;

/** What `path_filestat_get` writes: device, inode, type, and five numbers more, each of 64 bits. */
const words = [0, 1, 2, 3, 4, 5, 6, 7] as const;

export const lookUpGlobals: readonly GuardGlobal[] = [
  ['$parent', 'i32', 0n],
  ['$found', 'i32', 0n],
  ['$type', 'i32', 0n],
  ['$depth', 'i32', 0n],
  ['$moved', 'i32', 0n],
  ...words.map((word): GuardGlobal => [`$stat.${word}`, 'i64', 0n]),
];

/**
 * `$resolve FD PATH LENGTH` gives an errno, and on success leaves in globals what the path is: `$found` the automaton's
 * state there, `$parent` that of its folder, `$type` its file type, -1 where there is nothing, `$depth` its number of
 * components, `$stat.N` what is known of it.
 *
 * Each component is looked up without following, and only what is a folder itself is gone through. So no engine has a
 * link to follow, whatever it does with one. `..` is refused: engines that join names would drop what a link stands
 * for. So are NUL, at which some end a name, and the backslash, which separates names on Windows.
 *
 * Results of look-ups lie for a moment in the guest's memory, in its first page away from the path, and what was there
 * comes back before anything else runs.
 */
export function lookUpFunctions(): string {
  const save = words.map((word) => `(local.set $w${word} (i64.load offset=${word * 8} (local.get $scratch)))`);
  const keep = words.map((word) => `(global.set $stat.${word} (i64.load offset=${word * 8} (local.get $scratch)))`);
  const restore = words.map((word) => `(i64.store offset=${word * 8} (local.get $scratch) (local.get $w${word}))`);
  return `
  (func $outside (param $at i32) (param $length i32) (result i32)
    (i64.gt_u
      (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $length)))
      (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))

  (func $resolve (param $fd i32) (param $path i32) (param $length i32) (result i32)
    (local $scratch i32) (local $error i32) (local $dot i64) ${words.map((word) => `(local $w${word} i64)`).join(' ')}
    (if (i32.ne (i32.shr_u (call $access (local.get $fd)) (i32.const 16)) (i32.const 2))
      (then (return (select (i32.const ${errno.notdir}) (i32.const ${errno.badf}) (call $access (local.get $fd))))))
    (if (i32.eqz (local.get $length)) (then (return (i32.const ${errno.noent}))))
    (if (i32.gt_u (local.get $length) (i32.const ${longestPath})) (then (return (i32.const ${errno.nametoolong}))))
    (if (call $outside (local.get $path) (local.get $length)) (then (return (i32.const ${errno.fault}))))
    (if (i32.lt_u (local.get $path) (i32.const 128)) (then (local.set $scratch (i32.const 65408))))
    ${save.join(' ')}
    (local.set $dot (i64.load offset=64 (local.get $scratch)))
    (local.set $error (call $walk (local.get $fd) (local.get $path) (local.get $length) (local.get $scratch)))
    (if (global.get $depth)
      (then ${keep.join(' ')})
      (else
        (global.set $stat.0 (call $device (local.get $fd)))
        (global.set $stat.1 (call $inode (local.get $fd)))))
    ${restore.join(' ')}
    (i64.store offset=64 (local.get $scratch) (local.get $dot))
    (local.get $error))

  ;; Whether the folder of a descriptor is still what it was when it was opened: some engines keep its name only.
  (func $same (param $fd i32) (param $scratch i32) (result i32)
    (i32.store8 offset=64 (local.get $scratch) (i32.const ${dot}))
    (if (call $host.path_filestat_get (local.get $fd) (i32.const 0) (i32.add (local.get $scratch) (i32.const 64)) (i32.const 1) (local.get $scratch))
      (then (return (i32.const 0))))
    (i32.and
      (i32.eq (i32.load8_u offset=16 (local.get $scratch)) (i32.const 3))
      (i32.and
        (i64.eq (i64.load (local.get $scratch)) (call $device (local.get $fd)))
        (i64.eq (i64.load offset=8 (local.get $scratch)) (call $inode (local.get $fd))))))

  (func $walk (param $fd i32) (param $path i32) (param $length i32) (param $scratch i32) (result i32)
    (local $at i32) (local $start i32) (local $size i32) (local $byte i32) (local $now i32) (local $error i32)
    (global.set $parent (i32.const ${dead}))
    (global.set $depth (i32.const 0))
    (global.set $type (i32.const 3))
    (global.set $found (call $state (local.get $fd)))
    (if (i32.eqz (global.get $found)) (then (return (i32.const ${errno.notcapable}))))
    (if (global.get $moved)
      (then (if (i32.eqz (call $same (local.get $fd) (local.get $scratch))) (then (return (i32.const ${errno.notcapable}))))))
    (loop $components
      (if (i32.ge_u (local.get $at) (local.get $length)) (then (return (i32.const 0))))
      (local.set $start (local.get $at))
      (block $whole
        (loop $bytes
          (br_if $whole (i32.ge_u (local.get $at) (local.get $length)))
          (local.set $byte (i32.load8_u (i32.add (local.get $path) (local.get $at))))
          (br_if $whole (i32.eq (local.get $byte) (i32.const ${slash})))
          (if (i32.or (i32.eqz (local.get $byte)) (i32.eq (local.get $byte) (i32.const ${backslash})))
            (then (return (i32.const ${errno.inval}))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $bytes)))
      (local.set $size (i32.sub (local.get $at) (local.get $start)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eqz (local.get $size))
        (then
          (if (i32.eqz (local.get $start)) (then (return (i32.const ${errno.notcapable}))))
          (br $components)))
      (if (i32.le_u (local.get $size) (i32.const 2))
        (then
          (if (i32.eq (i32.load8_u (i32.add (local.get $path) (local.get $start))) (i32.const ${dot}))
            (then
              (br_if $components (i32.eq (local.get $size) (i32.const 1)))
              (if (i32.eq (i32.load8_u offset=1 (i32.add (local.get $path) (local.get $start))) (i32.const ${dot}))
                (then (return (i32.const ${errno.notcapable}))))))))
      (if (i32.ne (global.get $type) (i32.const 3))
        (then
          (if (i32.eq (global.get $type) (i32.const -1)) (then (return (i32.const ${errno.noent}))))
          (return (select (i32.const ${errno.loop}) (i32.const ${errno.notdir}) (i32.eq (global.get $type) (i32.const 7))))))
      (global.set $parent (global.get $found))
      (local.set $now (call $follow (global.get $found) (i32.add (local.get $path) (local.get $start)) (local.get $size)))
      (if (i32.eqz (local.get $now)) (then (return (i32.const ${errno.notcapable}))))
      (global.set $found (local.get $now))
      (local.set $error
        (call $host.path_filestat_get (local.get $fd) (i32.const 0) (local.get $path) (i32.add (local.get $start) (local.get $size)) (local.get $scratch)))
      (if (local.get $error)
        (then
          (if (i32.ne (local.get $error) (i32.const ${errno.noent})) (then (return (local.get $error))))
          (global.set $type (i32.const -1)))
        (else (global.set $type (i32.load8_u offset=16 (local.get $scratch)))))
      (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
      (br $components))
    (unreachable))

  ;; The state after one component more.
  (func $follow (param $now i32) (param $at i32) (param $size i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (local.set $now (call $step (local.get $now) (i32.const ${slash})))
    (loop $bytes
      (local.set $now (call $step (local.get $now) (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $bytes (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $now))`;
}
