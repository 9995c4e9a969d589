import * as assert from 'uvu/assert';
import { withFolderOf } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { violationsOf } from '../support/preview-page.ts';
import { steps } from '../support/vscode-steps.ts';
import { missingForVsCode, packagedExtension, startVsCode, type VsCode } from '../support/vscode-web.ts';

const { test, skip, run } = suite('vscode-hook-programs');

const policies = {
  'web.yaml': `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@default", "@basic-io", "@basic-start"]
  bpf_lsm:
    file_open: files.bpf
`,
  'module.yaml': `profile: module
mode: sandbox
runtime: wasm
security:
  landlock:
    paths:
      - { path: /data, access: read-only }
`,
  'files.bpf': `# What a web server opens.
hook file_open
  audit deny when path beneath "/root"
  deny   when nmae == "shadow"
`,
};

async function scenario(code: VsCode): Promise<void> {
  const { page, preview } = code;
  const { keyboard } = page;
  const tab = (name: string) => preview.getByRole('tab', { name, exact: true });
  const mistake = page.locator('.squiggly-error');
  const line = async (number: number, expected: string) => {
    for (let left = 1200; (await code.line(number)) !== expected; left -= 1) {
      if (left === 0) assert.is(await code.line(number), expected);
      await page.waitForTimeout(50);
    }
  };
  const save = () => keyboard.press('Control+S');
  await steps(code, 'hook-programs', {
    'the definition of a hook is its file': async () => {
      await code.open('web.yaml');
      await page.waitForSelector('.statusbar-item:has-text("polc policy")');
      await code.go(8, 18);
      await keyboard.press('F12');
      await page.waitForSelector('.tab.active:has-text("files.bpf")');
      await page.waitForSelector('.statusbar-item:has-text("polc hook program")');
    },
    'a comment, a keyword and a text have colours of their own': async () => {
      const colours = async () => {
        const words = page.locator('.editor-instance .view-line span > span');
        return words.evaluateAll((all) => new Set(all.map((each) => getComputedStyle(each).color)).size);
      };
      for (let left = 1200; (await colours()) < 3; left -= 1) {
        if (left === 0) throw new Error('the words have the same colours');
        await page.waitForTimeout(50);
      }
    },
    'a mistake in a program is shown, and corrected': async () => {
      await mistake.first().waitFor();
      assert.is(await mistake.count(), 1, 'one mistake, one squiggle');
      await code.go(4, 16);
      await keyboard.press('Control+.');
      await page.waitForSelector('.action-widget .monaco-list-row:has-text("name")');
      await keyboard.press('Enter');
      await line(4, '  deny   when name == "shadow"');
      await mistake.first().waitFor({ state: 'detached' });
    },
    'formatting lays it out': async () => {
      await code.command('Format Document');
      await line(4, '  deny when name == "shadow"');
    },
    'a field is explained': async () => {
      await code.go(4, 14);
      await keyboard.press('Control+K');
      await keyboard.press('Control+I');
      await page.waitForSelector('.monaco-hover:has-text("the last component of the path")');
      await keyboard.press('Escape');
    },
    'fields and constants are completed': async () => {
      await code.go(4, 29);
      await keyboard.type(' && fla');
      await page.waitForSelector('.suggest-widget .monaco-list-row.focused:has-text("flags")');
      await keyboard.press('Enter');
      await keyboard.type(' & O_CREA');
      await page.waitForSelector('.suggest-widget .monaco-list-row.focused:has-text("O_CREAT")');
      await keyboard.press('Enter');
      await line(4, '  deny when name == "shadow" && flags & O_CREAT');
      await save();
    },
    'the preview of the policy lists the programs with their lines': async () => {
      await code.open('web.yaml');
      await code.go(1);
      await keyboard.press('Control+K');
      await keyboard.press('v');
      await tab('bpf-lsm').click();
      await preview.locator('.line .comment:has-text("files.bpf:3")').first().waitFor();
      assert.match(
        (await preview.locator('.line .comment:has-text("files.bpf:3")').first().textContent()) ?? '',
        /^; files/,
      );
      await preview.locator('.line:has-text("lsm_cgroup/file_open")').first().waitFor();
      await preview.locator('.line:has-text("goto")').first().waitFor();
    },
    'its comments can be read in a light theme that is faint': async () => {
      await code.theme('Quiet Light');
      await preview.locator('body[data-vscode-theme-kind="vscode-light"]').waitFor();
      assert.equal(await violationsOf(code.previewFrame(), 'contrast'), []);
    },
    'the programs follow an edit of their file': async () => {
      await page.click('.tab:has-text("files.bpf") >> nth=0');
      await code.go(3, 39);
      await keyboard.type(' && comm == "nginx"');
      await preview.locator('.line .comment:has-text("nginx")').first().waitFor();
    },
    'a line of the program lights what it became': async () => {
      await code.go(4, 5);
      // O_CREAT is 64.
      await preview.locator('.line.lit:has-text("r1 &= 64")').first().waitFor();
      assert.is(await preview.locator('.line.lit:has-text("ringbuf_output")').count(), 0, 'not the rule with a record');
      await save();
    },
    'the decision module of a program for WASI is there as a text': async () => {
      await code.go(1);
      await code.open('module.yaml');
      await preview.locator('#policy:has-text("module.yaml")').waitFor({ state: 'attached' });
      await tab('wasm').click();
      await preview.locator('#files').selectOption('decisions.wat');
      await preview.locator('.line .word:has-text("module")').first().waitFor();
      await preview.locator('.line .comment:has-text(";; path/0")').first().waitFor();
    },
    'and follows an edit of its policy': async () => {
      await preview.getByLabel('Changes since saved').check();
      await code.go(7, 22);
      await keyboard.type('/in');
      await preview.locator('.line.added').first().waitFor();
      assert.equal(await violationsOf(code.previewFrame(), 'contrast'), []);
    },
  });
}

const missing = missingForVsCode();
const name = 'shows, corrects, completes, explains, lays out and previews hook programs';
if (missing !== undefined) skip(name, missing);
else {
  test(name, () =>
    withFolderOf(policies, async (folder) => {
      const code = await startVsCode(folder, packagedExtension());
      try {
        await scenario(code);
      } finally {
        await code.stop();
      }
    }),
  );
}

run();
