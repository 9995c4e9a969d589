import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { polcScript } from '../support/polc-process.ts';
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

const profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [{ names: ['read', 'write', 'exit_group'], action: 'SCMP_ACT_ALLOW' }],
};

const tests = `tests:
  - { syscall: socket, expect: allow }
  - name: tracing is allowed
    syscall: ptrace
    expect: allow
`;

/** A task of the workspace's own, and settings by which only tasks tell of files that are not open. */
const workspaceFiles = {
  '.vscode/tasks.json': JSON.stringify({
    version: '2.0.0',
    tasks: [{ type: 'polc', verb: 'build', paths: ['web.yaml'], problemMatcher: '$polc', label: 'build the web' }],
  }),
  '.vscode/settings.json': JSON.stringify({ 'polc.workspaceDiagnostics': false }),
};

async function scenario(code: VsCode, folder: string): Promise<void> {
  const { page, preview } = code;
  const { keyboard } = page;
  const printed = (text: string) => page.waitForSelector(`.view-line:has-text("${text}")`);
  const input = '.quick-input-widget input:focus';
  const answer = async (text: string) => {
    await page.waitForSelector(input);
    await keyboard.press('Control+A');
    await keyboard.type(text);
    await keyboard.press('Enter');
  };
  const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
    for (let left = 1200; !(await holds()); left -= 1) {
      if (left === 0) throw new Error(`${what} does not come`);
      await page.waitForTimeout(50);
    }
  };
  await steps(code, 'commands', {
    'explain a rule': async () => {
      await code.open('web.yaml');
      await page.waitForSelector('.statusbar-item:has-text("sandbox")');
      await code.go(7, 15);
      await code.command('polc: Explain Rule');
      await page.waitForSelector(input);
      assert.is(await page.inputValue(input), 'socket', 'the word at the cursor is offered');
      await keyboard.press('Enter');
      await printed('socket is allowed');
    },
    'show the coverage': async () => {
      await code.command('polc: Show Coverage');
      await preview.locator('[role=tab][aria-selected=true]:has-text("coverage")').waitFor();
      await preview.locator('.line:has-text("security.seccomp.allow")').first().waitFor();
    },
    'compare with the last saved version': async () => {
      await code.command('polc: Open Preview to the Side');
      await preview.getByRole('tab', { name: 'seccomp', exact: true }).click();
      await preview.locator('.line:has-text("ld  arch")').first().waitFor();
      await code.go(7, 19);
      await keyboard.type(', bind');
      await preview.locator('.line:has-text("(bind)")').first().waitFor();
      await code.command('polc: Compare Previewed Artifact with Last Saved');
      await page.waitForSelector('.tab.active:has-text("last saved ↔ now")');
      await page.waitForSelector('.monaco-diff-editor .view-line:has-text("72 instructions")');
      await code.command('View: Close Editor');
      await code.go(7, 19);
      for (let times = 0; times < ', bind'.length; times += 1) await keyboard.press('Delete');
      await preview.locator('.line:has-text("(bind)")').waitFor({ state: 'detached' });
    },
    'an artifact is saved as a file': async () => {
      await code.command('polc: Open Previewed Artifact');
      await page.waitForSelector('.tab.active:has-text("x86_64")');
      await code.command('File: Save As...');
      await page.waitForFunction(
        (name) => document.querySelector<HTMLInputElement>('.quick-input-widget input')?.value === name,
        join(folder, 'x86_64.txt'),
      );
      await keyboard.press('Enter');
      const written = join(folder, 'x86_64.txt');
      await until('the file', () => existsSync(written) && /ld {2}arch/.test(readFileSync(written, 'utf8')));
      await code.command('View: Close Editor');
    },
    'a task finds what is wrong in files that are not open': async () => {
      await code.command('polc: Check');
      // Which comes into view as the task begins, over what is there.
      await page.waitForSelector('.terminal-wrapper.active');
      await code.command('Problems: Focus on Problems View');
      await page.waitForSelector('.markers-panel .monaco-list-row:has-text("broken.yaml")', { timeout: 60_000 });
      await page.waitForSelector('.markers-panel .monaco-list-row:has-text("POL3001")');
    },
    "a task of the workspace's own builds": async () => {
      await code.command('Tasks: Run Task');
      await answer('build the web');
      await until('what is built', () => existsSync(join(folder, 'dist/web/manifest.json')));
      await page.waitForSelector('.terminal-wrapper.active');
      await code.command('View: Toggle Panel Visibility');
    },
    'tests of policies are run': async () => {
      await code.command('Testing: Focus on Test Explorer View');
      await page.waitForSelector('.test-explorer .monaco-list-row:has-text("tested.yaml")', { timeout: 60_000 });
      await code.command('Test: Run All Tests');
      await page.waitForSelector('.test-explorer .codicon-testing-failed-icon');
      await code.open('tested.yaml');
      await page.waitForSelector('.monaco-list-row:has-text("expected allow, got errno(EPERM)")');
      await page.waitForSelector('.monaco-editor .codicon-testing-passed-icon');
      await code.command('View: Show Explorer');
      await code.command('View: Toggle Panel Visibility');
    },
    'simulate an event': async () => {
      await code.open('guardrail.yaml');
      await page.waitForSelector('.statusbar-item:has-text("guardrail")');
      await code.command('polc: Simulate Event');
      await page.waitForSelector('.quick-input-list .monaco-list-row:has-text("breach.json")');
      await answer('breach');
      await page.waitForSelector('.tab:has-text("guardrail.yaml · simulate")');
      // Whether it does depends on the hour.
      await printed('rolled back after 60 min');
    },
    'migrate resources of Kuadrant': async () => {
      await code.open('old.yaml');
      await page.waitForSelector('.statusbar-item:has-text("kuadrant")');
      await code.command('polc: Migrate Kuadrant Resources');
      await page.waitForSelector('.view-line:has-text("kuadrant.io/v1")');
      await until('the new version', () => readFileSync(join(folder, 'old.yaml'), 'utf8') !== old);
      assert.match(readFileSync(join(folder, 'old.yaml'), 'utf8'), /^apiVersion: kuadrant\.io\/v1$/m);
    },
    'import a profile': async () => {
      await code.command('polc: Import Seccomp Profile');
      await page.click('.quick-input-list .monaco-list-row:has-text("docker.json")');
      await page.waitForSelector('.tab.active:has-text("Untitled-1")');
      await printed('exit_group');
      await page.waitForSelector('.statusbar-item:has-text("sandbox")');
    },
    'begin a policy from a template': async () => {
      await code.command('polc: New Policy from Template');
      await answer('Tenancy');
      await page.waitForSelector('.quick-input-widget:has-text("Its name")');
      await answer('my-platform');
      await page.waitForSelector('.tab.active:has-text("Untitled-2")');
      await printed('my-platform');
      await page.waitForSelector('.statusbar-item:has-text("tenancy")');
    },
    'the walkthrough leads to what it tells of': async () => {
      await code.command('Welcome: Open Walkthrough...');
      await answer('Policies with polc');
      const step = (title: string) => page.click(`.getting-started-step:has-text("${title}")`);
      const follow = (title: string) =>
        page.click(`.getting-started-step.expanded .monaco-button:has-text("${title}")`);
      await step('Write a policy');
      await follow('New Policy from Template');
      await page.waitForSelector('.quick-input-list .monaco-list-row:has-text("Guardrail")');
      await page.waitForSelector(input);
      await keyboard.press('Escape');
      await page.waitForSelector(input, { state: 'detached' });
      await step('See what is lost');
      await follow('Show Coverage');
      // The walkthrough has a frame of its own beside that of the preview.
      const chosen = '[role=tab][aria-selected=true]:has-text("coverage")';
      await until('the coverage', async () => {
        const counts = await Promise.all(page.frames().map((frame) => frame.locator(chosen).count()));
        return counts.some((count) => count > 0);
      });
      await step('Build it');
      await page.waitForSelector('.getting-started-step.expanded .monaco-button:has-text("Build")');
    },
    'the polc of the settings is run, from the moment on that they say so': async () => {
      const program = join(folder, 'own-polc');
      const log = join(folder, 'own-polc.log');
      const heard = join(folder, 'heard');
      const polc = `'${process.execPath}' '${polcScript}' "$@"`;
      writeFileSync(
        program,
        `#!/bin/sh\necho "$1" >> '${log}'\n[ "$1" != lsp ] || { tee '${heard}' | ${polc}; exit; }\nexec ${polc}\n`,
      );
      chmodSync(program, 0o755);
      writeFileSync(join(folder, '.vscode/settings.json'), JSON.stringify({ 'polc.path': program }));
      const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
      await until('its language server', () => said().includes('lsp'));
      await code.open('web.yaml');
      await code.go(7, 15);
      await code.command('polc: Explain Rule');
      await page.waitForSelector(input);
      await keyboard.press('Enter');
      await until('its explanation', () => said().includes('explain'));
      // Of each change it is told once.
      const made = join(folder, 'made-now.yaml');
      const told = () => readFileSync(heard, 'utf8').split('"type":1').length - 1;
      const before = told();
      writeFileSync(made, 'profile: made-now\nmode: sandbox\n');
      await until('word of a new file', () => told() > before);
      await page.waitForTimeout(1000);
      assert.is(told(), before + 1, readFileSync(heard, 'utf8').slice(-2000));
      rmSync(made);
    },
    'a polc that does not start is said, and the next one is started all the same': async () => {
      const settings = join(folder, '.vscode/settings.json');
      writeFileSync(settings, JSON.stringify({ 'polc.path': join(folder, 'no-polc') }));
      await page.waitForSelector('.notification-toast:has-text("no-polc` did not start")');
      await code.command('Notifications: Clear All Notifications');
      writeFileSync(settings, '{}');
      await page.waitForSelector('.statusbar-item:has-text("sandbox")');
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
const name = 'commands, tasks, tests, the walkthrough and settings do what they say';
if (missing !== undefined) skip(name, missing);
else {
  test(name, () =>
    withFolder(async (folder) => {
      const web = scenarioFiles['web.yaml']!.replace('sandbx', 'sandbox');
      const files = {
        ...workspaceFiles,
        'base.yaml': scenarioFiles['base.yaml']!,
        'web.yaml': web,
        'broken.yaml': scenarioFiles['web.yaml']!.replace('profile: web', 'profile: broken'),
        'tested.yaml': `${web.replace('profile: web', 'profile: tested')}${tests}`,
        'old.yaml': old,
        'guardrail.yaml': readFileSync('examples/sandbox-auto-quarantine.yaml', 'utf8'),
        'events/breach.json': JSON.stringify(event),
        'docker.json': JSON.stringify(profile),
      };
      for (const each of ['.vscode', 'events']) mkdirSync(join(folder, each));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
      const code = await startVsCode(folder, packagedExtension());
      try {
        await scenario(code, folder);
      } finally {
        await code.stop();
      }
    }),
  );
}

run();
