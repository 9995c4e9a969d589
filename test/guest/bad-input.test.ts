import { equal, is, ok } from 'uvu/assert';
import { guestDiagnostic } from '../../compiler/guest/diagnostics.ts';
import { hardenGuest } from '../../compiler/guest/guest.ts';
import { moduleOf, policyOf, preview1 } from '../support/guest.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guest bad input');

const memory = '(memory (export "memory") 1)';
const small = 'resources: { memory: 1MiB }';

/** Codes and messages of what keeps a guest from being hardened. */
function refusal(bytes: Uint8Array, lines = small): readonly string[] {
  const result = hardenGuest(bytes, policyOf(lines), { valid: (each) => WebAssembly.validate(new Uint8Array(each)) });
  if (result.ok) return [];
  return result.problems.map((problem) => {
    const { code, message, help } = guestDiagnostic('guest.wasm', problem);
    ok(help.length > 10);
    return `${code} ${message}`;
  });
}

const header = [0x00, 0x61, 0x73, 0x6d];

const texts: readonly (readonly [name: string, text: string, refused: string])[] = [
  [
    'an import outside WASI',
    `(module (import "env" "system" (func (param i32) (result i32))) ${memory})`,
    'POL8404 `env.system` is imported, which is not of WASI preview 1',
  ],
  [
    'an import of the preview before',
    `(module (import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32))) ${memory})`,
    'POL8404 `wasi_unstable.fd_write` is imported, which is not of WASI preview 1',
  ],
  [
    'a global of the host',
    `(module (import "${preview1}" "fd_write" (global i32)) ${memory})`,
    `POL8404 \`${preview1}.fd_write\` is imported, which is not of WASI preview 1`,
  ],
  [
    'a table of the host',
    `(module (import "env" "table" (table 1 funcref)) ${memory})`,
    'POL8404 `env.table` is imported, which is not of WASI preview 1',
  ],
  [
    'a function that engines add',
    `(module (import "${preview1}" "sock_open" (func (param i32 i32 i32) (result i32))) ${memory})`,
    'POL8405 `sock_open` is no function of WASI preview 1',
  ],
  [
    'a function of another type',
    `(module (import "${preview1}" "fd_close" (func (param i64) (result i32))) ${memory})`,
    'POL8406 `fd_close` is imported with another type than it has in WASI preview 1',
  ],
  [
    'a memory of the host',
    '(module (import "env" "memory" (memory 1)))',
    'POL8407 the memory is imported, as `env.memory`',
  ],
  ['shared memory', '(module (memory (export "memory") 1 2 shared))', 'POL8408 the memory is shared'],
  ['no memory', '(module)', 'POL8410 the module has 0 memories of one page or more; a guest of WASI has one'],
  [
    'too much memory at the start',
    '(module (memory (export "memory") 17))',
    'POL8411 the guest begins with 17 pages of memory, of 64 KiB each; the policy lets it have 16',
  ],
];

for (const [name, text, refused] of texts) {
  test(`${name} is refused`, async () => {
    equal(refusal(await moduleOf(text)), [refused]);
  });
}

test('what is no module is refused', () => {
  equal(refusal(new TextEncoder().encode('(module)')), ['POL8400 `guest.wasm` is no WebAssembly module']);
  equal(refusal(new Uint8Array(0)), ['POL8400 `guest.wasm` is no WebAssembly module']);
  equal(refusal(Uint8Array.from([...header, 0x0d, 0, 1, 0])), ['POL8401 `guest.wasm` is a component']);
  equal(refusal(Uint8Array.from([...header, 2, 0, 0, 0])), [
    'POL8402 `guest.wasm` is no valid module: its version is not 1, at offset 4',
  ]);
});

test('of a module that is cut off or breaks a rule the reason and the offset are told', async () => {
  const whole = await moduleOf(`(module ${memory} (func (result i32) (i32.const 1)))`);
  equal(refusal(whole.subarray(0, 20)), [
    'POL8402 `guest.wasm` is no valid module: the module ends too early, at offset 20',
  ]);
  const broken = whole.slice();
  broken[whole.lastIndexOf(0x41)] = 0x42;
  equal(refusal(broken), ['POL8402 `guest.wasm` is no valid module: an engine refuses it']);
});

test('memory of 64 bits is refused', () => {
  equal(refusal(Uint8Array.from([...header, 1, 0, 0, 0, 5, 3, 1, 4, 1])), [
    'POL8409 the memory is addressed with 64 bits',
  ]);
});

test('no cut or change of a module makes it throw, and what comes out is valid', async () => {
  const bytes = await moduleOf(
    `(module (import "${preview1}" "fd_close" (func $close (param i32) (result i32))) ${memory} (table 2 funcref) (elem (i32.const 0) $close $f) (data (i32.const 8) "x") (func $f (param i32) (result i32) (loop $l (br_if $l (local.get 0))) (call $close (local.get 0))) (export "f" (func $f)))`,
  );
  const policy = policyOf('resources: { memory: 1MiB, timeout: 1s }');
  const valid = (each: Uint8Array) => WebAssembly.validate(new Uint8Array(each));
  let hardened = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    hardenGuest(bytes.subarray(0, at), policy, { valid });
    for (const value of [0, 1, 0x7f, 0x80, 0xff, bytes[at]! ^ 1]) {
      const changed = bytes.slice();
      changed[at] = value;
      const result = hardenGuest(changed, policy, { valid });
      if (!result.ok) continue;
      hardened += 1;
      ok(valid(result.bytes), `byte ${at} as ${value}`);
    }
  }
  ok(hardened > 50);
  is(refusal(bytes).length, 0);
});

run();
