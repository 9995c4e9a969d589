import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { is, ok, throws } from 'uvu/assert';
import { hardened, moduleOf, policyOf } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { callMark, meteredProgram, turnMark } from '../support/metered-program.ts';

/** What is charged for, against what wabt's interpreter counts when it runs the same program. */
const { test, run } = suite('guest metering');

const unlimited = policyOf('resources: { memory: 1MiB }');
const instructionsPerUnit = 256;

/** What the program gives; undefined where its fuel was used up. */
function outcome(bytes: Uint8Array): number | undefined {
  const { run: start } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {}).exports;
  if (typeof start !== 'function') throw new Error('no such export');
  try {
    return start();
  } catch (error) {
    if (error instanceof Error && /at polc\.fuel_is_used_up /.test(String(error.stack))) return undefined;
    throw error;
  }
}

/** The fuel with which a program ends by itself, and with one less does not. */
function leastFuel(plain: Uint8Array, most: number): number {
  let [low, high] = [-1, most];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (outcome(hardened(plain, unlimited, BigInt(middle))) === undefined) low = middle;
    else high = middle;
  }
  return high;
}

function interpreted(bytes: Uint8Array, folder: string, ...options: readonly string[]): string {
  const file = join(folder, 'program.wasm');
  writeFileSync(file, bytes);
  const words = ['node_modules/wabt/bin/wasm-interp', file, '--run-export', 'run', ...options];
  const cwd = process.env.POLC_ROOT ?? '.';
  return execFileSync(process.execPath, words, { encoding: 'utf8', cwd, maxBuffer: 1 << 29 });
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'polc-metering-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const answerOf = (output: string) => Number(/run\(\) => i32:(\d+)/.exec(output)?.[1]);

test('random programs run no more than 256 instructions for a unit, and pay for each turn and each call once', () =>
  inFolder(async (folder) => {
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(meteredProgram, async (text) => {
        const plain = await moduleOf(text);
        const result = outcome(plain);
        const output = interpreted(plain, folder, '--trace');
        is(answerOf(output), result! >>> 0);
        const counts = { instructions: 0, turns: 0, calls: 0, marked: 0 };
        for (const line of output.split('\n')) {
          const instruction = /\| (\S+)(?: (\d+))?/.exec(line);
          // What the interpreter has of its own to keep its stack, and for one `br_if` two instructions.
          if (instruction === null || ['alloca', 'drop_keep', 'br'].includes(instruction[1]!)) continue;
          counts.instructions += 1;
          if (instruction[1] === 'call' || instruction[1] === 'call_indirect') counts.calls += 1;
          if (instruction[2] === String(turnMark)) counts.turns += 1;
          if (instruction[2] === String(callMark)) counts.marked += 1;
        }
        const fuel = leastFuel(plain, 2 * (counts.turns + counts.calls) + counts.instructions + 1000);
        const seen = `${fuel} units: ${JSON.stringify(counts)}\n${text}`;
        ok(counts.instructions <= instructionsPerUnit * (fuel + 1), seen);
        ok(counts.turns + counts.marked <= fuel, seen);
        if (!/\)\(global/.test(text)) ok(fuel <= counts.turns + counts.calls, seen);
        const safe = hardened(plain, unlimited, BigInt(fuel));
        is(outcome(safe), result);
        is(answerOf(interpreted(safe, folder)), result! >>> 0);
        if (counts.turns > 5) looked += 1;
      }),
      { numRuns: 10, endOnFailure: true },
    );
    ok(looked >= 3, `only ${looked} programs did anything`);
  }));

test('what is left of a count of turns is charged for wherever a function is left', async () => {
  const loop = (more: string) =>
    `(local.set $i (i32.const 100)) (loop $l ${more} (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;
  const ways: readonly (readonly [name: string, body: string, call?: string])[] = [
    ['its end', loop('')],
    ['return', `${loop('')} (return)`],
    ['a return in a loop', loop('(if (i32.eq (local.get $i) (i32.const 1)) (then (return)))')],
    ['a branch to its end', `${loop('')} (br 0)`],
    ['a branch out of a loop', loop('(br_if 1 (i32.eq (local.get $i) (i32.const 1)))')],
    ['a table of branches', loop('(block (br_table 0 2 (i32.eq (local.get $i) (i32.const 1))))')],
    ['an exception', `${loop('')} (throw $e)`, '(try (do (call $f)) (catch $e))'],
    ['a tail call', `${loop('')} (return_call $nothing)`],
    [
      'an inner loop',
      loop('(local.set $j (i32.const 1)) (loop $m (br_if $m (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))'),
    ],
  ];
  for (const [name, body, call = '(call $f)'] of ways) {
    const plain = await moduleOf(`(module (memory 1) (tag $e) (func $nothing)
      (func $f (local $i i32) (local $j i32) ${body})
      (func (export "run") (result i32) (local $n i32)
        (loop $l ${call} (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50))))
        (local.get $n)))`);
    const fuel = leastFuel(plain, 100_000);
    // Fifty turns with a call in each, and a hundred turns in each call.
    const inner = name === 'an inner loop' ? 5000 : name === 'a tail call' ? 50 : 0;
    is(fuel, 50 * 2 + 50 * 100 + inner, name);
  }
});

test('instructions are counted where they stand, those of short functions where they are called', async () => {
  const four = '(global.set $g (i32.add (global.get $g) (i32.const 1)))';
  const cases: readonly (readonly [name: string, turn: string, units: number])[] = [
    // Of one turn each: itself, the call, and 2,001 instructions.
    ['a long function', '(call $long)', 1 + 1 + 7],
    ['a long turn', four.repeat(500), 1 + 7],
    // 102 each with the call.
    ['short functions', '(call $short)'.repeat(10), 1 + 4],
    ['a short function that calls two', '(call $two)', 1],
    // 307 instructions, which are too many to be the caller's.
    ['a function that calls three', '(call $three)', 1 + 1 + 1],
    ['calls in one line', '(call $loops) (call $loops)', 1 + 2 + 2],
    ['a short function through a table', '(call_indirect (i32.const 0))', 1 + 1],
  ];
  for (const [name, turn, units] of cases) {
    const plain = await moduleOf(`(module (memory 1) (global $g (mut i32) (i32.const 0)) (table funcref (elem $short))
      (func $long ${four.repeat(500)})
      (func $short ${four.repeat(25)})
      (func $two (call $short) (call $short))
      (func $three (call $short) (call $short) (call $short))
      (func $loops (loop $l))
      (func (export "run") (result i32) (local $n i32)
        (loop $l ${turn} (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))
        (local.get $n)))`);
    is(leastFuel(plain, 1000), 10 * units, name);
  }
});

test('fuel above one quantum is given out to the unit', async () => {
  const turns = 700_000;
  const plain = await moduleOf(`(module (memory 1) (func (export "run") (result i32) (local $n i32)
    (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${turns})))) (local.get $n)))`);
  is(leastFuel(plain, 1 << 20), turns);
});

test('between two looks at the clock a guest has used no more than a quantum and a count of turns', async () => {
  const quantum = 1 << 17;
  for (const body of [
    // One call of a function that stops just before its turns would be charged for: they were lost once.
    '(loop $l (call $turns (i32.const 1020)) (br $l))',
    '(loop $l (call $turns (i32.const 1)) (br $l))',
    '(loop $l (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1))) (br $l))',
    '(call $tree (i32.const 40))',
  ]) {
    const plain = await moduleOf(`(module
      (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
      (memory (export "memory") 1)
      (func $turns (param $n i32)
        (loop $l
          (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (func $tree (param $n i32)
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (if (local.get $n) (then
          (call $tree (i32.sub (local.get $n) (i32.const 1))) (call $tree (i32.sub (local.get $n) (i32.const 1))))))
      (func (export "_start") ${body}))`);
    const bytes = hardened(plain, policyOf('resources: { timeout: 1s, memory: 1MiB }'));
    const done: number[] = [];
    let memory: WebAssembly.Memory | undefined;
    const clock = (_: number, __: bigint, at: number) => {
      const view = new DataView(memory!.buffer);
      done.push(view.getUint32(8, true));
      view.setBigUint64(at, done.length > 4 ? 1n << 40n : 1n, true);
      return 0;
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {
      wasi_snapshot_preview1: { clock_time_get: clock },
    });
    memory = exports.memory as WebAssembly.Memory;
    let ended = '';
    try {
      (exports._start as () => void)();
    } catch (error) {
      ended = String(error instanceof Error ? error.stack : error);
    }
    ok(/at polc\.time_is_up /.test(ended), ended);
    done.forEach((each, at) => {
      const since = each - (done[at - 1] ?? 0);
      ok(since <= quantum + 1024, `${body}: ${since} turns or calls`);
    });
  }
});

test('a guest that catches what its host throws at a look at the clock has no more fuel for it', async () => {
  const plain = await moduleOf(`(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (result i32) (local $n i32)
      (loop $l
        (try
          (do (drop (call $poll (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
          (catch_all))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20000))))
      (local.get $n)))`);
  const bytes = hardened(plain, policyOf('resources: { timeout: 1s, memory: 1MiB }'), 10_000n);
  const thrown = () => {
    throw new RangeError('there is no more stack');
  };
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  const rest = WebAssembly.Module.imports(module).map(({ name }) => [name, () => 8]);
  const { exports } = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: { ...Object.fromEntries(rest), poll_oneoff: () => 0, clock_time_get: thrown },
  });
  const { run: start } = exports;
  if (typeof start !== 'function') throw new Error('no such export');
  throws(start, ({ stack }: Error) => /at polc\.fuel_is_used_up /.test(String(stack)));
});

run();
