// The time of a guest with a policy in it, metered, against the same guest without: work that only computes, and work that
// does little but call its host for files. Both run under Node's WASI.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import { wasiImports } from '../runtime/wasm/wasi-imports.ts';
import { hardened, moduleOf, policyOf, preview1 } from '../test/support/guest.ts';
import { interleaved, timePerCall, warmUp } from './support/rounds.ts';
import { printTable } from './support/table.ts';

const root = mkdtempSync(join(tmpdir(), 'polc-bench-guest-'));
const deep = 'some/folders/below';
mkdirSync(join(root, deep), { recursive: true });
writeFileSync(join(root, 'file'), Buffer.alloc(4096, 'x'));
writeFileSync(join(root, deep, 'file'), Buffer.alloc(4096, 'x'));
writeFileSync(join(root, 'large'), Buffer.alloc(1 << 20, 'x'));

/** The lengths of the path to the deep file up to the end of each component. */
const prefixes = [...`${deep}/file/`.matchAll(/\//g)].map(({ index }) => index);

const text = `(module
  (import "${preview1}" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "${preview1}" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "${preview1}" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "${preview1}" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 40)
  (data (i32.const 1024) "file") (data (i32.const 1040) "large") (data (i32.const 1056) "${deep}/file")
  (data (i32.const 2048) "\\00\\10\\00\\00\\00\\10\\00\\00")
  (func (export "_initialize"))

  ;; A hash over a mebibyte, byte by byte: the loop has little in it but the meter.
  (func (export "hash") (result i32) (local $at i32) (local $hash i32)
    (local.set $hash (i32.const 0x811c9dc5))
    (loop $l
      (local.set $hash (i32.mul (i32.xor (local.get $hash) (i32.load8_u (local.get $at))) (i32.const 0x01000193)))
      (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 1048576))))
    (local.get $hash))

  ;; The product of two matrices of 128 by 128 numbers.
  (func (export "matrix") (result i32) (local $i i32) (local $j i32) (local $k i32) (local $sum f64)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $k (i32.const 0)) (local.set $sum (f64.const 0))
        (loop $inner
          (local.set $sum (f64.add (local.get $sum) (f64.mul
            (f64.load offset=65536 (i32.shl (i32.add (i32.mul (local.get $i) (i32.const 128)) (local.get $k)) (i32.const 3)))
            (f64.load offset=196608 (i32.shl (i32.add (i32.mul (local.get $k) (i32.const 128)) (local.get $j)) (i32.const 3))))))
          (br_if $inner (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 128))))
        (f64.store offset=327680 (i32.shl (i32.add (i32.mul (local.get $i) (i32.const 128)) (local.get $j)) (i32.const 3)) (local.get $sum))
        (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 128))))
      (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 128))))
    (i32.const 0))

  ;; Calls and little else.
  (func $fibonacci (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fibonacci (i32.sub (local.get 0) (i32.const 1))) (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "calls") (result i32) (call $fibonacci (i32.const 25)))

  (func $readAll (param $path i32) (param $length i32) (result i32) (local $fd i32) (local $sum i32)
    (if (call $open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 3000))
      (then (unreachable)))
    (local.set $fd (i32.load (i32.const 3000)))
    (loop $l
      (if (call $read (local.get $fd) (i32.const 2048) (i32.const 1) (i32.const 3008)) (then (unreachable)))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 3008))))
      (br_if $l (i32.load (i32.const 3008))))
    (drop (call $close (local.get $fd)))
    (local.get $sum))
  (func (export "file") (result i32) (call $readAll (i32.const 1024) (i32.const 4)))
  (func (export "deepFile") (result i32) (call $readAll (i32.const 1056) (i32.const ${deep.length + 5})))
  (func (export "largeFile") (result i32) (call $readAll (i32.const 1040) (i32.const 5)))
  ;; The same with no more than the look-ups that a check of each component needs.
  (func $look (param $path i32) (param $length i32)
    (if (call $stat (i32.const 3) (i32.const 0) (local.get $path) (local.get $length) (i32.const 3072)) (then (unreachable))))
  (func (export "fileChecked") (result i32)
    (call $look (i32.const 1024) (i32.const 4))
    (call $readAll (i32.const 1024) (i32.const 4)))
  (func (export "deepFileChecked") (result i32)
    ${prefixes.map((length) => `(call $look (i32.const 1056) (i32.const ${length}))`).join(' ')}
    (call $readAll (i32.const 1056) (i32.const ${deep.length + 5})))
  (func (export "facts") (result i32) (call $stat (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 4) (i32.const 3072))))`;

const policy = policyOf(`security: { landlock: { paths: [{ path: ${root}, access: read-write }] } }
resources: { memory: 16MiB, timeout: 3600s }`);

const work = [
  ['a hash over a mebibyte', 'hash', 1.3],
  ['the product of two matrices', 'matrix', 1.3],
  ['recursion', 'calls', 1.3],
  ['open, read 4 KiB, close', 'file', 1.2],
  ['the same, three folders down', 'deepFile', 1.2],
  ['open, read 1 MiB by 4 KiB, close', 'largeFile', 1.2],
  ['facts about a file', 'facts', 1.2],
] as const;

/** What cannot be less: each component of a path has to be looked up by itself, since hosts follow links on the way. */
const floors = [
  ['open, read 4 KiB, close, beside one look-up', 'file', 'fileChecked'],
  ['the same, three folders down, beside four', 'deepFile', 'deepFileChecked'],
] as const;

type Name = (typeof work)[number][1] | (typeof floors)[number][2];
type Exports = Readonly<Record<Name, () => number>>;

function started(bytes: Uint8Array): Exports {
  const wasi = new WASI({ version: 'preview1', preopens: { [root]: root } });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), wasiImports(wasi));
  wasi.initialize(instance);
  return instance.exports as Exports;
}

try {
  const plain = await moduleOf(text);
  const safe = hardened(plain, policy);
  const [ours, peer] = [started(safe), started(plain)];
  const beside = (what: string, name: Name, of: Name) => {
    const [own, other] = [ours[name], peer[of]];
    if (own() !== other()) throw new Error(`${what}: the guests differ`);
    for (const each of [own, other]) warmUp(1000, each);
    const times = interleaved(9, [() => timePerCall(40, own), () => timePerCall(40, other)]);
    return times.map((milliseconds) => milliseconds * 1000);
  };
  const rows = work.map(([what, name, target]) => {
    const [own = 0, other = 0] = beside(what, name, name);
    return {
      what: `${what}, to be ${target} times`,
      ours: own,
      peer: { name: 'unhardened', value: other },
      target: other * target,
    };
  });
  printTable('a guest with a policy in it', 'us', rows);
  const floorRows = floors.map(([what, name, of]) => {
    const [own = 0, other = 0] = beside(what, name, of);
    return { what, ours: own, peer: { name: 'a guest that looks up by itself', value: other } };
  });
  printTable('beside an unhardened guest with the look-ups that a correct check needs', 'us', floorRows);
  printTable('size of the module', 'B', [
    { what: 'hardened', ours: safe.length, peer: { name: 'unhardened', value: plain.length } },
  ]);
} finally {
  rmSync(root, { recursive: true, force: true });
}
