import * as assert from 'uvu/assert';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { withFolderOf } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { scenario } from '../support/vscode-scenario.ts';
import { steps } from '../support/vscode-steps.ts';
import { missingForVsCode, packagedExtension, startVsCode, type VsCode } from '../support/vscode-web.ts';

const { test, skip, run } = suite('vscode-browser');

const old = `apiVersion: kuadrant.io/v1beta2
kind: AuthPolicy
metadata: { name: keys }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: models }
  rules:
    authentication:
      keys:
        apiKey: { selector: { matchLabels: { app: models } } }
`;

/** As in VS Code for the Web: the extension and the server run in workers of the browser. */
const inBrowser = { 'remote.extensionKind': { 'polc.polc': ['web'] }, 'extensions.webWorker': true };

/** What is asked of the server where no process can be started, and what is not offered. */
async function commands(code: VsCode): Promise<void> {
  const { page } = code;
  const { keyboard } = page;
  const answer = async (text: string) => {
    await page.waitForSelector('.quick-input-widget input:focus');
    await keyboard.press('Control+A');
    await keyboard.type(text);
    await keyboard.press('Enter');
  };
  await steps(code, 'browser-commands', {
    'explain a rule': async () => {
      await code.open('web.yaml');
      await page.waitForSelector('.statusbar-item:has-text("sandbox")');
      await code.go(7, 14);
      await code.command('polc: Explain Rule');
      await answer('socket');
      await page.waitForSelector('.view-line:has-text("socket is allowed")');
    },
    'migrate resources of Kuadrant': async () => {
      await code.open('old.yaml');
      await page.waitForSelector('.statusbar-item:has-text("kuadrant")');
      await code.command('polc: Migrate Kuadrant Resources');
      await page.waitForSelector('.view-line:has-text("kuadrant.io/v1")');
      await page.waitForSelector('.notification-toast:has-text("polc migrate")');
      await page.waitForSelector('.tab.active.dirty:has-text("old.yaml")');
    },
    'begin a policy from a template': async () => {
      await code.command('polc: New Policy from Template');
      await answer('Tenancy');
      await page.waitForSelector('.quick-input-widget:has-text("Its name")');
      await answer('my-platform');
      await page.waitForSelector('.view-line:has-text("my-platform")');
      await page.waitForSelector('.statusbar-item:has-text("tenancy")');
    },
    'what needs a process is not offered': async () => {
      await keyboard.press('F1');
      await page.waitForSelector('.quick-input-widget input:focus');
      await keyboard.type('polc: ');
      const row = (title: string) => page.locator(`.quick-input-list .monaco-list-row[aria-label="${title}"]`);
      await row('polc: Restart Language Server').waitFor();
      for (const title of ['polc: Build', 'polc: Check', 'polc: Simulate Event', 'polc: Import Seccomp Profile'])
        assert.is(await row(title).count(), 0, title);
      await keyboard.press('Escape');
    },
  });
}

const missing = missingForVsCode();
const name = 'does the same without any process, in workers of the browser';
if (missing !== undefined) skip(name, missing);
else {
  test(name, async () => {
    await withFolderOf({ ...scenarioFiles, 'old.yaml': old }, async (folder) => {
      const code = await startVsCode(folder, packagedExtension(), inBrowser);
      try {
        await scenario(code, 'browser');
        await commands(code);
      } finally {
        await code.stop();
      }
    });
  });
}

run();
