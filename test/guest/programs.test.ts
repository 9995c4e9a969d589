import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { equal, is, ok, throws } from 'uvu/assert';
import { hardened, policyOf, runProgram } from '../support/guest.ts';
import {
  built,
  doesFilesAsNatively,
  inFolder,
  policyIn,
  ripgrep,
  withoutCompiler,
  writeHaystack,
} from '../support/guest-programs.ts';
import { suite } from '../support/harness.ts';

/** Programs that were not made for tests of guards: ripgrep from npm, and programs in C with wasi-libc. */
const { test, skip, run } = suite('guest programs');
const root = process.env.POLC_ROOT ?? '.';

const preopensIn = (folder: string) => ({
  [`${folder}/data`]: `${folder}/data`,
  [`${folder}/given`]: `${folder}/given`,
});

test('ripgrep finds what it finds without a guard, and nothing beyond a link', () =>
  inFolder(async (folder) => {
    writeHaystack(folder);
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
    const run = (bytes: Uint8Array, words: readonly string[]) =>
      runProgram(bytes, ['files', ...words], preopensIn(folder)).stdout;
    const safe = hardened(module, policyIn(folder));
    const words = doesFilesAsNatively(folder, native, (each) => run(safe, each));
    rmSync(join(folder, 'data/made'), { recursive: true });
    const plain = run(module, words);
    ok(plain.includes('KEPT needle'), plain);
    ok(plain.includes('read only: write: done'));
  },
} satisfies Readonly<Record<string, (folder: string) => void>>;

const missing = withoutCompiler();
for (const [name, use] of Object.entries(compiled)) {
  if (missing === undefined) test(name, () => inFolder(use));
  else skip(name, missing);
}

run();
