import * as assert from 'uvu/assert';
import { type Rules, violationsOf } from './preview-page.ts';
import { steps } from './vscode-steps.ts';
import type { VsCode } from './vscode-web.ts';

const broken = 'web.yaml';

/** The steps of the scenario, of which screenshots are kept under a name; the folder holds the scenario's files. */
export async function scenario(code: VsCode, name: string): Promise<void> {
  const { page, preview } = code;
  const { keyboard } = page;
  const squiggle = page.locator('.squiggly-error');
  const tab = (name: string) => preview.getByRole('tab', { name, exact: true });
  const line = async (number: number, expected: string) => {
    for (let left = 1200; (await code.line(number)) !== expected; left -= 1) {
      if (left === 0) assert.is(await code.line(number), expected);
      await page.waitForTimeout(50);
    }
  };
  await steps(code, name, {
    'a mistake in plain YAML is shown': async () => {
      await code.open(broken);
      await page.waitForSelector('.statusbar-item:has-text("sandbox")');
      await page.waitForSelector('.statusbar-item:has-text("polc policy")');
      await squiggle.first().waitFor();
      assert.is(await squiggle.count(), 1, 'one mistake, one squiggle');
    },
    'it stands under Problems': async () => {
      await code.command('View: Toggle Problems');
      await page.waitForSelector('.markers-panel .monaco-list-row:has-text("POL3001")');
      await code.command('View: Toggle Problems');
      await page.locator('.markers-panel').waitFor({ state: 'hidden' });
    },
    'the quick fix corrects it': async () => {
      await page.click('.tab.active');
      await code.go(3, 8);
      await keyboard.press('Control+.');
      await page.waitForSelector('.action-widget .monaco-list-row:has-text("Change to")');
      await keyboard.press('Enter');
      await line(3, 'mode: sandbox');
      await squiggle.first().waitFor({ state: 'detached' });
    },
    'values are completed': async () => {
      await code.go(3, 14);
      for (let times = 0; times < 6; times += 1) await keyboard.press('Backspace');
      await keyboard.press('Control+Space');
      await page.waitForSelector('.suggest-widget .monaco-list-row.focused:has-text("sandbox")');
      await keyboard.press('Enter');
      await line(3, 'mode: sandbox');
    },
    'hovering explains': async () => {
      await code.go(9, 12);
      await keyboard.press('Control+K');
      await keyboard.press('Control+I');
      await page.waitForSelector('.monaco-hover:has-text("536,870,912")');
    },
    'the preview shows what it becomes': async () => {
      await keyboard.press('Escape');
      await keyboard.press('Control+S');
      await keyboard.press('Control+K');
      await keyboard.press('v');
      await tab('seccomp').waitFor();
      await tab('seccomp').click();
      await preview.locator('.line:has-text("ld  arch")').waitFor();
      await preview.locator('#amount:has-text("instructions")').waitFor();
      await page.waitForSelector('.statusbar-item:has-text("sandbox · linux")');
    },
    'a line of the policy lights what it became': async () => {
      await page.click('.tab:has-text("web.yaml") >> nth=0');
      await code.go(7, 13);
      await preview.locator('.line.lit:has-text("(socket)")').waitFor();
      assert.is(await preview.locator('.line.lit:has-text("ld  arch")').count(), 0, 'not everything is lit');
    },
    'an instruction leads to its line': async () => {
      await code.go(1);
      await preview.locator('.line:has-text("(socket)")').first().dblclick();
      await page.waitForSelector('#status\\.editor\\.selection:has-text("Ln 7")');
    },
    'an edit shows at once, and what it changed': async () => {
      await preview.getByLabel('Changes since saved').check();
      await code.go(7, 19);
      await keyboard.type(', bind');
      await preview.locator('.line.added:has-text("(bind)")').first().waitFor();
    },
    'a policy that does not compile shows what it was before': async () => {
      await code.go(3, 7);
      await keyboard.type('x');
      await preview.locator('#problem:has-text("Shown as it was before")').waitFor();
    },
    'and once it does, what it is': async () => {
      await keyboard.press('Backspace');
      await preview.locator('#problem').waitFor({ state: 'hidden' });
      await preview.getByLabel('Changes since saved').uncheck();
    },
    'an artifact opens as a document': async () => {
      await tab('oci').click();
      await preview.locator('.line:has-text("seccomp")').first().waitFor();
      await preview.getByRole('button', { name: 'Open' }).click();
      await page.waitForSelector('.tab.active:has-text("config.json")');
    },
    'the artifact is closed again': async () => {
      await code.command('View: Close Editor');
      await page.waitForSelector('.tab:has-text("config.json")', { state: 'detached' });
    },
    'the keyboard is enough': () => keyboardOnly(code),
    'the definition is in the other file': async () => {
      await code.open(broken);
      await code.go(4, 12);
      await keyboard.press('F12');
      await page.waitForSelector('.tab.active:has-text("base.yaml")');
    },
    'the YAML of others stays what it is': async () => {
      await code.open('other.yaml');
      await page.waitForSelector('#status\\.editor\\.mode:has-text("YAML")');
    },
    'a name changes in every file': async () => {
      await code.open('class.yaml');
      await page.waitForSelector('.statusbar-item:has-text("governance")');
      await preview.locator('#policy:has-text("class.yaml")').waitFor({ state: 'attached' });
      await code.go(3, 25);
      await keyboard.press('F2');
      await page.waitForSelector('.rename-box input:focus');
      await keyboard.type('python-next');
      await keyboard.press('Enter');
      await line(3, '  allowed_templates: [python-next]');
      await code.open('python-ml.yaml');
      await line(1, 'slug: python-next');
    },
  });
}

const themes = [
  ['light', 'Light Modern', 'vscode-light'],
  ['dark', 'Dark Modern', 'vscode-dark'],
  ['high contrast', 'Dark High Contrast', 'vscode-high-contrast'],
  ['light high contrast', 'Light High Contrast', 'vscode-high-contrast-light'],
] as const;

/**
 * Every tab of the preview of some policies in every kind of theme. The page is made in the same way in each, so that all
 * rules, and all files of a tab, are looked at in the first; in the others it is their colours.
 */
export async function accessibility(code: VsCode, policies: readonly string[]): Promise<void> {
  const step = async (theme: string, kind: string, rules: Rules) => {
    await code.theme(theme);
    await code.preview.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
    for (const policy of policies) {
      // Beside the preview, which has the focus, and not in its place.
      await code.go(1);
      await code.open(policy);
      await code.preview.locator(`#policy:has-text("${policy}")`).waitFor({ state: 'attached' });
      await everyTab(code, `${policy} in ${theme}`, rules);
    }
  };
  const [first, ...others] = themes;
  await steps(code, 'accessibility', {
    [`every tab is accessible in ${first[0]}`]: () => step(first[1], first[2], 'all'),
    ...Object.fromEntries(others.map(([name, theme, kind]) => [`in ${name}`, () => step(theme, kind, 'contrast')])),
  });
}

async function everyTab({ preview, previewFrame }: VsCode, what: string, rules: Rules): Promise<void> {
  const groups = await preview.getByRole('tab').allTextContents();
  for (const group of groups) {
    await preview.getByRole('tab', { name: group, exact: true }).click();
    await preview.locator(`[role=tab][aria-selected=true]:text-is("${group}")`).waitFor();
    const files = await preview
      .locator('#files:not([hidden]) option')
      .evaluateAll((all) => all.map((option) => (option as HTMLOptionElement).value));
    const wanted = files.length === 0 ? [group] : rules === 'all' ? files : files.slice(0, 1);
    for (const file of wanted) {
      if (files.length > 0) {
        await preview.locator('#files').selectOption(file);
        await preview.locator(`#lines[aria-label="${file}"]`).waitFor();
      }
      const violations = await violationsOf(previewFrame(), rules);
      if (violations.length > 0) throw new Error(`${group}, ${file}, of ${what}:\n${violations.join('\n')}`);
    }
  }
}

/** From the editor into the preview, to another tab and to a line, and from there back to where it comes from. */
async function keyboardOnly({ page, preview, open, go }: VsCode): Promise<void> {
  const { keyboard } = page;
  await open(broken);
  await go(1);
  await keyboard.press('Control+K');
  await keyboard.press('v');
  await keyboard.press('Control+2');
  const focused = preview.locator(':focus');
  for (let times = 0; times < 10 && (await focused.count()) === 0; times += 1) await keyboard.press('Tab');
  for (let times = 0; times < 10 && (await preview.locator('[role=tab]:focus').count()) === 0; times += 1)
    await keyboard.press('Tab');
  await keyboard.press('Home');
  await preview.locator('[role=tab][aria-selected=true]:has-text("seccomp")').waitFor();
  await keyboard.press('ArrowRight');
  await preview.locator('[role=tab][aria-selected=true]:has-text("cgroup")').waitFor();
  await keyboard.press('End');
  await preview.locator('[role=tab][aria-selected=true]:has-text("IR")').waitFor();
  await keyboard.press('ArrowLeft');
  await preview.locator('[role=tab][aria-selected=true]:has-text("coverage")').waitFor();
  await keyboard.press('Home');
  await preview.locator('.line:has-text("(socket)")').first().waitFor();
  for (let times = 0; times < 10 && (await preview.locator('#comparing:focus').count()) === 0; times += 1)
    await keyboard.press('Tab');
  await keyboard.press('Space');
  await preview.locator('#comparing:checked').waitFor();
  await keyboard.press('Space');
  await preview.locator('#comparing:not(:checked)').waitFor();
  for (let times = 0; times < 10 && (await preview.locator('#lines:focus').count()) === 0; times += 1)
    await keyboard.press('Tab');
  const socket = preview.locator('[role=option][aria-selected=true]:has-text("(socket)")');
  const most = await preview.locator('.line').count();
  for (let times = 0; times < most && (await socket.count()) === 0; times += 1) await keyboard.press('ArrowDown');
  assert.is(await socket.count(), 1);
  await keyboard.press('Enter');
  await page.waitForSelector('#status\\.editor\\.selection:has-text("Ln 7")');
}
