import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  checkObserved,
  documentedConfiguration,
  type Observed,
  runEditor,
  withEditorFolder,
} from '../support/editor-scenario.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('eglot');
const root = resolve(process.env.POLC_ROOT ?? '.');

function isHere(): boolean {
  try {
    // Debian loads its packages at the start; so does this question.
    execFileSync('emacs', ['--batch', '--eval', "(require 'eglot)"], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const name = 'Emacs with the lines of docs/editors.md shows, corrects, completes, explains, finds and renames';
if (!isHere()) skip(name, 'there is no Emacs with eglot');
else {
  test(name, () =>
    withEditorFolder(async (folder) => {
      const configuration = join(folder.own, 'init.el');
      const observed = join(folder.own, 'observed.json');
      writeFileSync(configuration, documentedConfiguration('Emacs', 'elisp'));
      const words = ['--batch', '-l', configuration, '-l', join(root, 'test/editors/scenario.el')];
      const env = { ...folder.env, POLC_OBSERVED: observed, LC_ALL: 'C.UTF-8' };
      const output = await runEditor('emacs', words, { ...folder, env }, 60_000);
      if (!existsSync(observed)) throw new Error(`Emacs ended early:\n${output}`);
      const seen: Observed & { readonly error?: string } = JSON.parse(readFileSync(observed, 'utf8'));
      if (seen.error !== undefined) throw new Error(`${seen.error}\n${output}`);
      checkObserved(seen);
    }),
  );
}

run();
