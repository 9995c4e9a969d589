import type { SpawnSyncReturns } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { is, match, ok } from 'uvu/assert';
import { endlessGuests, limitedGuest } from '../support/endless-guests.ts';
import { withFolder } from '../support/folder.ts';
import { hardened, moduleOf, policyOf, preview1 } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { noWasmEdge, wasmEdge } from '../support/wasmedge.ts';

/** Memory, time and fuel of hardened guests in WasmEdge, which is given no option for them. */
const { test, skip, run } = suite('guest wasmedge limits');

const options = ['--enable-tail-call'];
const unreachable = /unreachable/;

async function outcome(bytes: Uint8Array): Promise<SpawnSyncReturns<string> & { readonly said: string }> {
  let ran: SpawnSyncReturns<string> | undefined;
  await withFolder(async (folder) => {
    const file = join(folder, 'guest.wasm');
    writeFileSync(file, bytes);
    ran = wasmEdge(options, file);
  });
  return { ...ran!, said: ran!.stdout + ran!.stderr };
}

const reason = noWasmEdge();
if (reason !== undefined) {
  skip('memory, time and fuel hold in WasmEdge', reason, 'elsewhere');
} else {
  const brief = policyOf('resources: { timeout: 300ms, memory: 64MiB }');
  for (const [name, body, more, memory] of endlessGuests) {
    test(`${name} ends when the time is up`, async () => {
      const plain = await moduleOf(limitedGuest(body, more, memory));
      const { signal, said } = await outcome(hardened(plain, brief));
      is(signal, null, 'it ran on');
      match(said, unreachable);
    });
  }

  test('memory stops at the policy`s limit, and tables where they would be too large', async () => {
    const pages = `(module
      (import "${preview1}" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1 4096)
      (table $t 1 funcref)
      (func (export "_start")
        (loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
        (if (i32.eq (table.grow $t (ref.null func) (i32.const 65535)) (i32.const -1)) (then (call $exit (i32.const 1))))
        (if (i32.ne (table.grow $t (ref.null func) (i32.const 1)) (i32.const -1)) (then (call $exit (i32.const 2))))
        (call $exit (memory.size))))`;
    const { status } = await outcome(hardened(await moduleOf(pages), policyOf('resources: { memory: 8MiB }')));
    is(status, 113);
  });

  test('a run needs as much fuel as under Node, to the unit', async () => {
    const text = `(module (memory (export "memory") 1)
      (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func $sum (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (call $add (local.get 0)) (call $sum (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0))))
      (func (export "_start") (local $i i32)
        (loop $l
          (drop (call $sum (local.get $i)))
          (memory.fill (i32.const 0) (i32.const 1) (local.get $i))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))))`;
    const plain = await moduleOf(text);
    const policy = policyOf('resources: { memory: 1MiB }');
    const ends = (fuel: number) => {
      const bytes = new Uint8Array(hardened(plain, policy, BigInt(fuel)));
      const { _start: start } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;
      try {
        if (typeof start === 'function') start();
        return true;
      } catch {
        return false;
      }
    };
    let [low, high] = [0, 100_000];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (ends(middle)) high = middle;
      else low = middle;
    }
    ok(high > 5000, `${high} units`);
    is((await outcome(hardened(plain, policy, BigInt(high)))).status, 0);
    const less = await outcome(hardened(plain, policy, BigInt(high - 1)));
    ok(less.status !== 0 && less.signal === null);
    match(less.said, unreachable);
  });
}

run();
