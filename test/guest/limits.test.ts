import { spawn } from 'node:child_process';
import { is, match, ok, throws } from 'uvu/assert';
import { endlessGuests, limitedGuest } from '../support/endless-guests.ts';
import { hardened, moduleOf, policyOf, preview1 } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { longPatience } from '../support/until.ts';

const { test, run } = suite('guest limits');

const runner = `
  const { WASI } = require('node:wasi');
  const wasi = new WASI({ version: 'preview1', returnOnExit: true });
  try {
    const { readFileSync, writeSync } = require('node:fs');
    const module = new WebAssembly.Module(readFileSync(0));
    const calls = Object.entries(wasi.wasiImport).map(([name, call]) => [name, (...given) => call(...given)]);
    writeSync(1, 'begun\\n');
    const instance = new WebAssembly.Instance(module, { '${preview1}': Object.fromEntries(calls) });
    const code = wasi.start(instance);
    console.log('exit', code, instance.exports.memory.buffer.byteLength / 65536);
  } catch (error) { console.log(error.constructor.name + ': ' + error.message + error.stack.split('\\n')[1]); }`;

/** Runs `_start` under Node's WASI in a process, and ends it so long after it has begun where it does not end by itself. */
function outcome(bytes: Uint8Array, milliseconds: number): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', '-e', runner], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (chunk) => {
    said += chunk;
    timer ??= setTimeout(() => child.kill('SIGKILL'), milliseconds);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      resolve(signal === null ? said.replace('begun\n', '').trim() : 'for ever');
    });
    child.stdin.on('error', () => {});
    child.stdin.end(bytes);
  });
}

const brief = policyOf('resources: { timeout: 300ms, memory: 64MiB }');

/** Milliseconds: twice the time of the policy, after which what runs still is taken to go on for ever. */
const muchLonger = 600;

for (const [name, body, more, memory] of endlessGuests) {
  test(`${name} ends when the time is up`, async () => {
    const plain = await moduleOf(limitedGuest(body, more, memory));
    match(await outcome(hardened(plain, brief), longPatience), /unreachable +at polc\.time_is_up /);
    is(await outcome(plain, muchLonger), 'for ever');
  });
}

test('a start function ends with its units, before any host could be asked', async () => {
  const plain = await moduleOf(limitedGuest('', '(func $forever (loop $l (br $l))) (start $forever)'));
  // Node has no WASI before a module is instantiated, so that the clock cannot be read: the guest ends all the same.
  match(await outcome(hardened(plain, brief), longPatience), /Error/);
  is(await outcome(plain, muchLonger), 'for ever');
});

test('endless recursion ends as the engine ends it', async () => {
  const plain = await moduleOf(limitedGuest('(call $down)', '(func $down (call $down) (call $down))'));
  match(await outcome(hardened(plain, brief), longPatience), /stack/);
});

test('memory stops at the policy`s limit', async () => {
  const grow = '(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))';
  const limit = policyOf('resources: { memory: 8MiB }');
  const plain = await moduleOf(limitedGuest(grow, '', '1 4096'));
  is(await outcome(hardened(plain, limit), longPatience), 'exit 0 113');
  is(await outcome(plain, longPatience), 'exit 0 4081');
});

test('fuel of its own ends a run without a clock, after as many turns each time', async () => {
  const turns = '(loop $l (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (br $l))';
  const plain = await moduleOf(`(module (memory (export "memory") 1) (func (export "run") ${turns}))`);
  const bytes = hardened(plain, policyOf('resources: { memory: 1MiB }'), 5_000_000n);
  const counts = [0, 1].map(() => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {});
    const { run: start, memory } = exports;
    if (typeof start !== 'function' || !(memory instanceof WebAssembly.Memory)) throw new Error('no such exports');
    throws(start, ({ stack }: Error) => /\n +at polc\.fuel_is_used_up /.test(String(stack)));
    return new DataView(memory.buffer).getUint32(0, true);
  });
  is(counts[0], counts[1]);
  ok(counts[0]! >= 4_000_000 && counts[0]! <= 6_100_000, `${counts[0]} turns`);
});

run();
