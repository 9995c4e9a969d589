import * as assert from 'uvu/assert';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { withFolderOf } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { scenario } from '../support/vscode-scenario.ts';
import { missingForVsCode, packagedExtension, startVsCode } from '../support/vscode-web.ts';

const { test, skip, run } = suite('vscode-browser');

/** As in VS Code for the Web: the extension and the server run in workers of the browser. */
const inBrowser = { 'remote.extensionKind': { 'polc.polc': ['web'] }, 'extensions.webWorker': true };

const missing = missingForVsCode();
const name = 'does the same without any process, in workers of the browser';
if (missing !== undefined) skip(name, missing);
else {
  test(name, async () => {
    await withFolderOf(scenarioFiles, async (folder) => {
      const code = await startVsCode(folder, packagedExtension(), inBrowser);
      try {
        await scenario(code, 'browser');
        // No process is started, also not by a person.
        await code.page.keyboard.press('F1');
        await code.page.waitForSelector('.quick-input-widget input:focus');
        await code.page.keyboard.type('polc: ');
        await code.page.waitForSelector(
          '.quick-input-list .monaco-list-row[aria-label="polc: Restart Language Server"]',
        );
        assert.is(await code.page.locator('.quick-input-list .monaco-list-row[aria-label="polc: Build"]').count(), 0);
      } finally {
        await code.stop();
      }
    });
  });
}

run();
