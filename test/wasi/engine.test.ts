import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { equal, is, match, ok } from 'uvu/assert';
import { wasi } from '../../compiler/backends/wasi/index.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { nameInWasmEdge } from '../../compiler/verify/wasmedge-names.ts';
import { withFolder } from '../support/folder.ts';
import { hardened, moduleOf, policyOf } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { noWasmEdge, wasmEdge } from '../support/wasmedge.ts';

/** What is emitted for WasmEdge, in WasmEdge: the one engine with a command line that a package brings. */
const { test, skip, run } = suite('wasi engine');

/** What a guest tries; the exit code has a bit for each that it could do. */
const could = { read: 1, writeWhereRead: 2, writeWhereWrite: 4, grow: 8, followLink: 16, other: 32 } as const;

const rights = { read: 0x02n, write: 0x40n } as const;

/** Opens a path in a folder that was given: 1 where that succeeds. */
function open(
  folder: '$read' | '$write',
  path: string,
  create: boolean,
  at: number,
): { readonly text: string; readonly data: string } {
  const right = create ? rights.write : rights.read;
  return {
    data: `(data (i32.const ${at}) "${path}")`,
    text: `(i32.eqz (call $open (local.get ${folder}) (i32.const 1) (i32.const ${at}) (i32.const ${path.length})
      (i32.const ${create ? 1 : 0}) (i64.const ${right}) (i64.const ${right}) (i32.const 0) (i32.const 8)))`,
  };
}

function guest(pages: number): string {
  const tries = [
    [could.read, open('$read', 'file', false, 1024)],
    [could.writeWhereRead, open('$read', 'new', true, 1100)],
    [could.writeWhereWrite, open('$write', 'new', true, 1200)],
    [could.followLink, open('$read', 'link/secret', false, 1300)],
    [could.other, open('$read', '../other/secret', false, 1400)],
  ] as const;
  return `(module
    (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    ${tries.map(([, { data }]) => data).join('\n')}
    ;; WasmEdge gives folders in an order of its own: that of \`write\` has the longer name.
    (func (export "_start") (local $done i32) (local $read i32) (local $write i32)
      (drop (call $get (i32.const 3) (i32.const 16)))
      (drop (call $get (i32.const 4) (i32.const 24)))
      (local.set $read (i32.add (i32.const 3) (i32.gt_u (i32.load (i32.const 20)) (i32.load (i32.const 28)))))
      (local.set $write (i32.sub (i32.const 7) (local.get $read)))
      ${tries.map(([bit, { text }]) => `(local.set $done (i32.or (local.get $done) (i32.mul ${text} (i32.const ${bit}))))`).join('\n')}
      (if (i32.ne (memory.grow (i32.const ${pages})) (i32.const -1))
        (then (local.set $done (i32.or (local.get $done) (i32.const ${could.grow})))))
      (call $exit (local.get $done))))`;
}

/** Prints a line for each folder that it is given. */
const printing = `(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $fd i32) (local $length i32)
    (local.set $fd (i32.const 3))
    (i32.store (i32.const 16) (i32.const 1024))
    (loop $next
      (if (call $get (local.get $fd) (i32.const 0)) (then (return)))
      (local.set $length (i32.load (i32.const 4)))
      (drop (call $name (local.get $fd) (i32.const 1024) (local.get $length)))
      (i32.store8 offset=1024 (local.get $length) (i32.const 10))
      (i32.store (i32.const 20) (i32.add (local.get $length) (i32.const 1)))
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))
      (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
      (br $next))))`;

const endless = `(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))`;

/** Folders and files, the options that polc emits for a policy of them, and the policy. */
async function withOptions(
  act: (at: {
    readonly folder: string;
    readonly options: readonly string[];
    readonly policy: ReturnType<typeof policyOf>;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    for (const name of ['read', 'write', 'other']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'read/file'), 'x');
    writeFileSync(join(folder, 'other/secret'), 'x');
    symlinkSync('../other', join(folder, 'read/link'));
    const policy = policyOf(`security:
  landlock:
    paths:
      - { path: ${folder}/read, access: read-only }
      - { path: ${folder}/write, access: read-write }
resources: { memory: 4MiB, timeout: 2s }
`);
    const { artifacts } = wasi.emit(policy, defaultTarget);
    const text = String(artifacts.find(({ path }) => path === 'wasmedge.args')!.content);
    await act({ folder, options: text.trim().split('\n'), policy });
  });
}

const reason = noWasmEdge();
if (reason !== undefined) {
  skip('WasmEdge gives a guest what the policy gives it', reason, 'elsewhere');
} else {
  test('WasmEdge gives a guest the folders, the rights and the memory that the options say', () =>
    withOptions(async ({ folder, options }) => {
      const file = join(folder, 'guest.wasm');
      const code = async (pages: number, words: readonly string[]) => {
        writeFileSync(file, await moduleOf(guest(pages)));
        return wasmEdge(words, file).status ?? -1;
      };
      const few = await code(63, options);
      is(few & ~could.followLink, could.read | could.writeWhereWrite | could.grow);
      ok(existsSync(join(folder, 'write/new')) && !existsSync(join(folder, 'read/new')));
      is((await code(64, options)) & could.grow, 0);
      // Without the options none of it holds: it is they that do it.
      is(await code(64, []), could.grow);
    }));

  test('WasmEdge ends a guest whose time is up', () =>
    withOptions(async ({ folder, options }) => {
      const file = join(folder, 'endless.wasm');
      writeFileSync(file, await moduleOf(endless));
      const { status, signal, stdout, stderr } = wasmEdge(options, file);
      is(signal, null, 'it ran on');
      ok(status !== 0);
      match(stdout + stderr, /interrupted|timeout/i);
    }));

  test('a hardened guest holds its own folders, memory and time in WasmEdge, without options too', () =>
    withOptions(async ({ folder, options, policy }) => {
      const file = join(folder, 'hardened.wasm');
      const code = async (text: string, words: readonly string[]) => {
        writeFileSync(file, hardened(await moduleOf(text), policy));
        return wasmEdge(words, file);
      };
      const writable = options.map((word) => word.replace(/:readonly$/, ''));
      for (const words of [options, writable]) {
        const { status, stdout, stderr } = await code(guest(63), words);
        is(status, could.read | could.writeWhereWrite | could.grow, stdout + stderr);
        ok(existsSync(join(folder, 'write/new')) && !existsSync(join(folder, 'read/new')));
        rmSync(join(folder, 'write/new'));
      }
      is((await code(guest(64), [])).status, 0);
      const ended = await code(endless, []);
      is(ended.signal, null, 'it ran on');
      ok(ended.status !== 0);
      match(ended.stdout + ended.stderr, /unreachable/);
    }));

  test('WasmEdge calls folders what polc takes it to call them', () =>
    withFolder(async (folder) => {
      const part = fc.constantFrom('a', 'b', '.x', '.', '..', '..y', '', 'é', '.');
      const random = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/'));
      const names = [
        ...[
          '/srv',
          '//srv//',
          './srv',
          '/srv/.x',
          './srv/.x',
          '/srv/.x/y',
          './.x/y',
          '.',
          '..',
          './..',
          '',
          '/',
          '../x',
        ],
        ...fc.sample(fc.tuple(fc.constantFrom('', '/', './'), random), 200).map(([before, name]) => before + name),
      ];
      const file = join(folder, 'names.wasm');
      writeFileSync(file, await moduleOf(printing));
      const { stdout } = wasmEdge(
        names.flatMap((name) => ['--dir', `${name}:${folder}`]),
        file,
      );
      equal(stdout.split('\n').slice(0, -1).sort(), names.map(nameInWasmEdge).sort());
    }));
}

run();
