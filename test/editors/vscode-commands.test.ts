import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { suite } from '../support/harness.ts';
import { steps } from '../support/vscode-steps.ts';
import { missingForVsCode, packagedExtension, startVsCode, type VsCode } from '../support/vscode-web.ts';

const { test, skip, run } = suite('vscode-commands');

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

const event = {
  event_id: 'breach-1',
  source: 'budgets',
  account_id: '123456789012',
  amount: 150,
  time_window: 'monthly',
  details: { cost_type: 'actual' },
};

async function scenario(code: VsCode, folder: string): Promise<void> {
  const { page, preview } = code;
  const { keyboard } = page;
  const printed = (text: string) => page.waitForSelector(`.view-line:has-text("${text}")`);
  const answer = async (text: string) => {
    await page.waitForSelector('.quick-input-widget input:focus');
    await keyboard.press('Control+A');
    await keyboard.type(text);
    await keyboard.press('Enter');
  };
  await steps(code, 'commands', {
    'explain a rule': async () => {
      await code.open('web.yaml');
      await page.waitForSelector('.statusbar-item:has-text("sandbox")');
      await code.go(7, 15);
      await code.command('polc: Explain Rule');
      await page.waitForSelector('.quick-input-widget input:focus');
      assert.is(
        await page.inputValue('.quick-input-widget input:focus'),
        'socket',
        'the word at the cursor is offered',
      );
      await keyboard.press('Enter');
      await printed('socket is allowed');
    },
    'show the coverage': async () => {
      await code.command('polc: Show Coverage');
      await preview.locator('[role=tab][aria-selected=true]:has-text("coverage")').waitFor();
      await preview.locator('.line:has-text("security.seccomp.allow")').first().waitFor();
    },
    'simulate an event': async () => {
      await code.open('guardrail.yaml');
      await page.waitForSelector('.statusbar-item:has-text("guardrail")');
      await code.command('polc: Simulate Event');
      await page.waitForSelector('.quick-input-list .monaco-list-row:has-text("breach.json")');
      await answer('breach');
      await page.waitForSelector('.tab:has-text("guardrail.yaml · simulate")');
      // Whether it does depends on the hour.
      await printed('respond');
    },
    'migrate resources of Kuadrant': async () => {
      await code.open('old.yaml');
      await page.waitForSelector('.statusbar-item:has-text("kuadrant")');
      await code.command('polc: Migrate Kuadrant Resources');
      await page.waitForSelector('.view-line:has-text("kuadrant.io/v1")');
      for (let left = 100; readFileSync(join(folder, 'old.yaml'), 'utf8') === old && left > 0; left -= 1)
        await page.waitForTimeout(50);
      assert.match(readFileSync(join(folder, 'old.yaml'), 'utf8'), /^apiVersion: kuadrant\.io\/v1$/m);
    },
    'begin a policy from a template': async () => {
      await code.command('polc: New Policy from Template');
      await answer('Tenancy');
      await page.waitForSelector('.quick-input-widget:has-text("Its name")');
      await answer('my-platform');
      await page.waitForSelector('.tab.active:has-text("Untitled-1")');
      await page.waitForSelector('.view-line:has-text("my-platform")');
      await page.waitForSelector('.statusbar-item:has-text("tenancy")');
    },
    'start the server again': async () => {
      await code.command('polc: Restart Language Server');
      await code.open('web.yaml');
      await code.go(3, 7);
      await keyboard.type('x');
      await page.waitForSelector('.squiggly-error');
    },
  });
}

const missing = missingForVsCode();
const name = 'commands explain, simulate, migrate and begin policies';
if (missing !== undefined) skip(name, missing);
else {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polc-policies-'));
    try {
      writeFileSync(join(folder, 'base.yaml'), scenarioFiles['base.yaml']!);
      writeFileSync(join(folder, 'web.yaml'), scenarioFiles['web.yaml']!.replace('sandbx', 'sandbox'));
      writeFileSync(join(folder, 'old.yaml'), old);
      const guardrail = readFileSync('examples/sandbox-auto-quarantine.yaml');
      writeFileSync(join(folder, 'guardrail.yaml'), guardrail);
      mkdirSync(join(folder, 'events'));
      writeFileSync(join(folder, 'events/breach.json'), JSON.stringify(event));
      const code = await startVsCode(folder, packagedExtension());
      try {
        await scenario(code, folder);
      } finally {
        await code.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

run();
