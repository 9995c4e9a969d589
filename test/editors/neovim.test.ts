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

const { test, skip, run } = suite('neovim');
const root = resolve(process.env.POLC_ROOT ?? '.');

function isHere(): boolean {
  try {
    execFileSync('nvim', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const name = 'Neovim with the lines of docs/editors.md shows, corrects, completes, explains, finds and renames';
if (!isHere()) skip(name, 'there is no nvim');
else {
  test(name, () =>
    withEditorFolder(async (folder) => {
      const configuration = join(folder.own, 'init.lua');
      const observed = join(folder.own, 'observed.json');
      writeFileSync(configuration, documentedConfiguration('Neovim', 'lua'));
      const words = [
        '--headless',
        '-n',
        '-u',
        configuration,
        '-c',
        `luafile ${join(root, 'test/editors/scenario.lua')}`,
      ];
      const env = { ...folder.env, POLC_OBSERVED: observed };
      const output = await runEditor('nvim', words, { ...folder, env }, 60_000);
      if (!existsSync(observed)) throw new Error(`Neovim ended early:\n${output}`);
      const seen: Observed & { readonly error?: string } = JSON.parse(readFileSync(observed, 'utf8'));
      if (seen.error !== undefined) throw new Error(`${seen.error}\n${output}`);
      checkObserved(seen);
    }),
  );
}

run();
