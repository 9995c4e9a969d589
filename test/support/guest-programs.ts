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
import { equal, is, ok } from 'uvu/assert';
import { policyOf } from './guest.ts';

const root = process.env.POLC_ROOT ?? '.';

/** A folder with one to write in, one to read from and one beside them, to which a link leads. */
export async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
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

export const policyIn = (folder: string, more = '') =>
  policyOf(`security: { landlock: { paths: [
    { path: ${folder}/data, access: read-write }, { path: ${folder}/given, access: read-only } ] } }
resources: { timeout: 60s, memory: 256MiB }${more}`);

/** ripgrep: the module that its package has, compressed and as text, in a file that it does not export. */
export async function ripgrep(): Promise<Uint8Array> {
  const file = join(root, 'node_modules/ripgrep/lib/_rg.wasm.mjs');
  const { getCompressedBytes }: { getCompressedBytes(): Uint8Array } = await import(pathToFileURL(file).href);
  return brotliDecompressSync(getCompressedBytes());
}

/** Why no program can be compiled; undefined where it can. */
export function withoutCompiler(): string | undefined {
  const { error } = spawnSync('clang', ['--version']);
  if (error !== undefined) return 'there is no clang';
  return existsSync('/usr/include/wasm32-wasi/stdio.h') || existsSync('/usr/lib/wasm32-wasi/libc.a')
    ? undefined
    : 'there is no wasi-libc';
}

export interface Built {
  readonly module: Uint8Array;
  /** The same program for this machine. */
  readonly native: string;
}

/** A program in C from the fixtures, for WASI and for this machine. */
export function built(name: string, folder: string): Built {
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

/** Forty files in folders of `data`, with lines in which `needle` is found. */
export function writeHaystack(folder: string): void {
  for (let index = 0; index < 40; index += 1) {
    mkdirSync(join(folder, `data/${index % 5}/${index}`), { recursive: true });
    const lines = Array.from({ length: 30 }, (_, line) =>
      line % 11 === index % 11 ? `a needle ${line}` : `hay ${line}`,
    );
    writeFileSync(join(folder, `data/${index % 5}/${index}/text`), `${lines.join('\n')}\n`);
  }
}

/**
 * Has the program `files` do in its folder what it does natively, and fails where it does anything elsewhere.
 *
 * @param run runs it hardened, with these arguments, and gives what it prints
 * @returns the arguments
 */
export function doesFilesAsNatively(
  folder: string,
  native: string,
  run: (words: readonly string[]) => string,
): readonly string[] {
  const words = [`${folder}/data`, `${folder}/given/file`];
  const { stdout } = spawnSync(native, words, { encoding: 'utf8' });
  const left = readdirSync(join(folder, 'data/made')).filter((name) => name !== 'link');
  rmSync(join(folder, 'data/made'), { recursive: true });
  writeFileSync(join(folder, 'given/file'), 'given\n');
  const all = [...words, `${folder}/data/up/key`, `${folder}/data/../outside/key`, `${folder}/outside/key`];
  const lines = run(all).trimEnd().split('\n');
  const refusals = lines.splice(-6);
  equal(lines, stdout.trimEnd().split('\n').slice(0, -3));
  equal(readdirSync(join(folder, 'data/made')), left);
  is(refusals[1], 'read: given');
  for (const refusal of refusals.filter((_, at) => at !== 1)) ok(!/done|KEPT/.test(refusal), refusal);
  is(readFileSync(join(folder, 'given/file'), 'utf8'), 'given\n');
  return all;
}
