import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal, is, ok } from 'uvu/assert';
import { hardened } from '../support/guest.ts';
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
import { noWasmEdge, wasmEdge } from '../support/wasmedge.ts';

/** Whole programs in WasmEdge, whose libraries find folders by the names that it tells. */
const { test, skip, run } = suite('guest wasmedge programs');

/** Runs a program with the folders of the policy, each behind a dot, all to be written. */
function ran(module: Uint8Array, folder: string, ...args: readonly string[]) {
  const file = join(folder, 'program.wasm');
  writeFileSync(file, module);
  const options = ['data', 'given'].flatMap((name) => ['--dir', `.${folder}/${name}:${folder}/${name}`]);
  const { status, stdout, stderr } = wasmEdge(options, file, args);
  return { status, stdout, stderr };
}

const missing = noWasmEdge();
const names = [
  'ripgrep finds what it finds without a guard',
  'a program for files does what it does natively',
] as const;
if (missing !== undefined) {
  for (const name of names) skip(name, missing, 'elsewhere');
} else {
  test(`${names[0]}, and nothing beyond a link`, () =>
    inFolder(async (folder) => {
      writeHaystack(folder);
      const plain = await ripgrep();
      const safe = hardened(plain, policyIn(folder));
      const search = (module: Uint8Array, ...args: readonly string[]) =>
        ran(module, folder, '--no-config', '--sort', 'path', ...args);
      const wanted = search(plain, '-n', 'needle', `${folder}/data`);
      is(wanted.status, 0, wanted.stderr);
      ok(wanted.stdout.split('\n').length > 100);
      equal(search(safe, '-n', 'needle', `${folder}/data`), wanted);
      is(search(safe, '--follow', 'KEPT', `${folder}/data/up/`).stdout, '');
      is(search(safe, 'KEPT', `${folder}/outside`).stdout, '');
    }));

  const uncompiled = withoutCompiler();
  if (uncompiled !== undefined) skip(names[1], uncompiled);
  else {
    test(`${names[1]}, and nothing elsewhere`, () =>
      inFolder(async (folder) => {
        const { module, native } = built('files', folder);
        doesFilesAsNatively(
          folder,
          native,
          (words) => ran(hardened(module, policyIn(folder)), folder, ...words).stdout,
        );
      }));
  }
}

run();
