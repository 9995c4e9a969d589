import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameInWasmEdge } from '../../compiler/verify/wasmedge-names.ts';
import { type Call, preview1, programText, type Ran, ranOf } from './guest.ts';
import { wasmEdgeCommand } from './wasmedge.ts';

/** Bytes of its memory that a program prints when it has made its calls: all but their paths. */
const printed = 32_768;
/** What it prints where somebody else is to do something, before it waits for a byte. */
const mark = '!';
/** The exit code where it is given the folders in another order than its calls have them in. */
const otherOrder = 77;

/** Places of the program's own, behind what `programText` uses. */
const own = { vector: 98_304, text: 98_320, name: 98_400, names: 102_400 } as const;

/**
 * A program of `programText` as a command: it looks whether its folders have these names, from descriptor 3 on, makes its
 * calls, and prints what its memory holds. Where the calls yield it prints a mark and waits.
 */
export function commandText(calls: readonly Call[], names: readonly string[]): string {
  const yielding = '(func $sched_yield (type $t.sched_yield))';
  const texts: string[] = [];
  const checks = names.map((name, at) => {
    const bytes = [...Buffer.from(name)];
    const place = own.names + at * 1024;
    texts.push(
      `(data (i32.const ${place}) "${bytes.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}")`,
    );
    return `(call $own.is (i32.const ${3 + at}) (i32.const ${place}) (i32.const ${bytes.length}))`;
  });
  return programText(calls)
    .replace(`(import "${preview1}" "sched_yield" ${yielding})`, '')
    .replace('(memory (export "memory") 2)', `${imports} (memory (export "memory") 2) ${texts.join(' ')}`)
    .replace('(func (export "_start")', '(func $own.calls')
    .replace(
      /\)$/,
      `${functions}
      ${calls.some(([name]) => name === 'sched_yield') ? yieldFunction : ''}
      (func (export "_start")
        ${checks.join('\n')}
        (call $own.calls)
        (call $own.print (i32.const 0) (i32.const ${printed}))))`,
    );
}

const imports = [
  ['get', 'fd_prestat_get', 'i32 i32'],
  ['name', 'fd_prestat_dir_name', 'i32 i32 i32'],
  ['read', 'fd_read', 'i32 i32 i32 i32'],
  ['write', 'fd_write', 'i32 i32 i32 i32'],
]
  .map(
    ([id, name, parameters]) => `(import "${preview1}" "${name}" (func $own.${id} (param ${parameters}) (result i32)))`,
  )
  .concat(`(import "${preview1}" "proc_exit" (func $own.exit (param i32)))`)
  .join('\n');

const functions = `
  (func $own.is (param $fd i32) (param $at i32) (param $length i32) (local $i i32)
    (if (call $own.get (local.get $fd) (i32.const ${own.vector})) (then (call $own.exit (i32.const ${otherOrder}))))
    (if (i32.ne (i32.load (i32.const ${own.vector + 4})) (local.get $length))
      (then (call $own.exit (i32.const ${otherOrder}))))
    (drop (call $own.name (local.get $fd) (i32.const ${own.name}) (local.get $length)))
    (loop $bytes
      (if (i32.ne
            (i32.load8_u (i32.add (i32.const ${own.name}) (local.get $i)))
            (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (then (call $own.exit (i32.const ${otherOrder}))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $bytes (i32.lt_u (local.get $i) (local.get $length)))))
  (func $own.print (param $at i32) (param $length i32)
    (i32.store (i32.const ${own.vector}) (local.get $at))
    (i32.store (i32.const ${own.vector + 4}) (local.get $length))
    (drop (call $own.write (i32.const 1) (i32.const ${own.vector}) (i32.const 1) (i32.const ${own.vector + 8}))))`;

const yieldFunction = `
  (func $sched_yield (result i32)
    (i32.store8 (i32.const ${own.text}) (i32.const ${mark.charCodeAt(0)}))
    (call $own.print (i32.const ${own.text}) (i32.const 1))
    (call $own.read (i32.const 0) (i32.const ${own.vector}) (i32.const 1) (i32.const ${own.vector + 8})))`;

/**
 * Runs a command of `commandText` in WasmEdge.
 *
 * @param folder where its file is put
 * @param folders where they are by the names that WasmEdge is given, all to be written
 * @param meanwhile what somebody else does while the program yields
 */
export async function runInWasmEdge(
  module: (names: readonly string[]) => Promise<Uint8Array>,
  calls: readonly Call[],
  folder: string,
  folders: Readonly<Record<string, string>>,
  meanwhile?: () => void,
): Promise<Ran> {
  const file = join(folder, 'guest.wasm');
  const options = Object.entries(folders).map(([name, at]) => ['--dir', `${name}:${at}`]);
  writeFileSync(file, await module(Object.keys(folders).map(nameInWasmEdge)));
  // WasmEdge gives folders in the order of addresses in its own memory.
  for (const order of permutations(options)) {
    const { code, output } = await run([...order.flat(), file], meanwhile);
    if (code === otherOrder) continue;
    if (code !== 0 || output.length < printed) throw new Error(`it ended with ${code}: ${output.toString('latin1')}`);
    return ranOf(output.subarray(-printed), calls);
  }
  throw new Error('WasmEdge gives the folders in no order that it is told them in');
}

function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

function run(
  words: readonly string[],
  meanwhile?: () => void,
): Promise<{ readonly code: number | null; readonly output: Buffer }> {
  const [command, ...before] = wasmEdgeCommand;
  const child = spawn(command, [...before, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  let yields = 0;
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunks.length === yields && chunk.toString('latin1') === mark) {
      yields += 1;
      meanwhile?.();
      child.stdin.write('\n');
    }
    chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => {});
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output: code === 0 ? Buffer.concat(chunks) : Buffer.concat([...chunks, ...errors]) });
    });
  });
}
