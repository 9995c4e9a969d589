import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { equal, is, ok, throws } from 'uvu/assert';
import { hardened, policyOf, runProgram } from '../support/guest.ts';
import { suite } from '../support/harness.ts';

/** Programs that were not made for tests of guards: ripgrep from npm, and programs in C with wasi-libc. */
const { test, skip, run } = suite('guest programs');
const root = process.env.POLC_ROOT ?? '.';

async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polc-programs-')));
  try {
    for (const name of ['data', 'given', 'outside']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'given/file'), 'given\n');
    writeFileSync(join(folder, 'outside/key'), 'KEPT needle\n');
    symlinkSync('../outside', join(folder, 'data/up'));
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const policyIn = (folder: string, more = '') =>
  policyOf(`security: { landlock: { paths: [
    { path: ${folder}/data, access: read-write }, { path: ${folder}/given, access: read-only } ] } }
resources: { timeout: 60s, memory: 256MiB }${more}`);

const preopensIn = (folder: string) => ({
  [`${folder}/data`]: `${folder}/data`,
  [`${folder}/given`]: `${folder}/given`,
});

/** The module that the package has, compressed and as text, in a file that it does not export. */
async function ripgrep(): Promise<Uint8Array> {
  const file = join(root, 'node_modules/ripgrep/lib/_rg.wasm.mjs');
  const { getCompressedBytes }: { getCompressedBytes(): Uint8Array } = await import(pathToFileURL(file).href);
  return brotliDecompressSync(getCompressedBytes());
}

test('ripgrep finds what it finds without a guard, and nothing beyond a link', () =>
  inFolder(async (folder) => {
    for (let index = 0; index < 40; index += 1) {
      mkdirSync(join(folder, `data/${index % 5}/${index}`), { recursive: true });
      const lines = Array.from({ length: 30 }, (_, line) =>
        line % 11 === index % 11 ? `a needle ${line}` : `hay ${line}`,
      );
      writeFileSync(join(folder, `data/${index % 5}/${index}/text`), `${lines.join('\n')}\n`);
    }
    const plain = await ripgrep();
    const safe = hardened(plain, policyIn(folder));
    const search = (module: Uint8Array, ...args: readonly string[]) =>
      runProgram(module, ['rg', '--no-config', '--sort', 'path', ...args], preopensIn(folder));
    const wanted = search(plain, '-n', 'needle', `${folder}/data`);
    is(wanted.code, 0, wanted.stderr);
    ok(wanted.stdout.split('\n').length > 100);
    equal(search(safe, '-n', 'needle', `${folder}/data`), wanted);
    equal(
      search(safe, '--count', '^(hay|a needle) [0-9]{2}$', `${folder}/data`),
      search(plain, '--count', '^(hay|a needle) [0-9]{2}$', `${folder}/data`),
    );
    // Node's WASI follows the link out of its folder.
    const beyond = ['--follow', 'KEPT', `${folder}/data/up/`] as const;
    ok(search(plain, ...beyond).stdout.includes('KEPT needle'));
    is(search(safe, ...beyond).stdout, '');
    is(search(safe, 'KEPT', `${folder}/outside`).stdout, '');
  }));

/** Why no program can be compiled; undefined where it can. */
function withoutCompiler(): string | undefined {
  const { error } = spawnSync('clang', ['--version']);
  if (error !== undefined) return 'there is no clang';
  return existsSync('/usr/include/wasm32-wasi/stdio.h') || existsSync('/usr/lib/wasm32-wasi/libc.a')
    ? undefined
    : 'there is no wasi-libc';
}

interface Built {
  readonly module: Uint8Array;
  /** The same program for this machine. */
  readonly native: string;
}

/** A program in C from the fixtures, for WASI and for this machine. */
function built(name: string, folder: string): Built {
  const source = join(root, `test/fixtures/guest-programs/${name}.c`);
  const compile = (command: string, ...args: readonly string[]) => {
    const { status, stderr } = spawnSync(command, [...args, source, '-lm'], { encoding: 'utf8' });
    is(status, 0, stderr);
  };
  const [module, native] = [join(folder, `${name}.wasm`), join(folder, name)];
  compile('clang', '--target=wasm32-wasi', '-O2', '-o', module);
  compile('gcc', '-O1', '-o', native);
  return { module: readFileSync(module), native };
}

const compiled = {
  'a program that computes prints with fuel counted what it prints without, and ends when there is less': (folder) => {
    const { module, native } = built('compute', folder);
    const { stdout } = spawnSync(native, { encoding: 'utf8' });
    const once = (bytes: Uint8Array) => runProgram(bytes, ['compute']);
    equal([once(module).code, once(module).stdout], [0, stdout]);
    const policy = policyOf('resources: { memory: 64MiB }');
    equal(once(hardened(module, policyOf('resources: { timeout: 60s, memory: 64MiB }'))).stdout, stdout);
    equal(once(hardened(module, policy, 1_000_000_000n)).stdout, stdout);
    throws(
      () => once(hardened(module, policy, 1_000_000n)),
      ({ stack }: Error) => /at polc\.fuel_is_used_up /.test(String(stack)),
    );
  },
  'a program that reads text prints what it prints without the guard': (folder) => {
    const { module, native } = built('words', folder);
    const text = ['docs/webassembly.md', 'docs/architecture.md']
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('');
    const { stdout } = spawnSync(native, { encoding: 'utf8', input: text });
    ok(stdout.split('\n').length > 1000);
    equal(runProgram(module, ['words'], {}, text).stdout, stdout);
    equal(runProgram(hardened(module, policyIn(folder)), ['words'], {}, text).stdout, stdout);
  },
  'a program for files does in its folder what it does natively, and nothing elsewhere': (folder) => {
    const { module, native } = built('files', folder);
    const words = [`${folder}/data`, `${folder}/given/file`];
    const { stdout } = spawnSync(native, words, { encoding: 'utf8' });
    const left = readdirSync(join(folder, 'data/made')).filter((name) => name !== 'link');
    rmSync(join(folder, 'data/made'), { recursive: true });
    writeFileSync(join(folder, 'given/file'), 'given\n');
    const beyond = [`${folder}/data/up/key`, `${folder}/data/../outside/key`, `${folder}/outside/key`];
    const safe = runProgram(hardened(module, policyIn(folder)), ['files', ...words, ...beyond], preopensIn(folder));
    const lines = safe.stdout.trimEnd().split('\n');
    const refusals = lines.splice(-6);
    equal(lines, stdout.trimEnd().split('\n').slice(0, -3));
    equal(readdirSync(join(folder, 'data/made')), left);
    is(refusals[1], 'read: given');
    for (const refusal of refusals.filter((_, at) => at !== 1)) ok(!/done|KEPT/.test(refusal), refusal);
    is(readFileSync(join(folder, 'given/file'), 'utf8'), 'given\n');
    rmSync(join(folder, 'data/made'), { recursive: true });
    const plain = runProgram(module, ['files', ...words, ...beyond], preopensIn(folder));
    ok(plain.stdout.includes('KEPT needle'), plain.stdout);
    ok(plain.stdout.includes('read only: write: done'));
  },
} satisfies Readonly<Record<string, (folder: string) => void>>;

const missing = withoutCompiler();
for (const [name, use] of Object.entries(compiled)) {
  if (missing === undefined) test(name, () => inFolder(use));
  else skip(name, missing);
}

run();
