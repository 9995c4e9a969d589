// From a key in VS Code to what the preview shows of it, in a browser without a screen: from the browser's `keydown` to the
// frame in which the page of the preview has changed. No other editor has such a preview to compare with; 100 ms is what
// people take for at once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scenarioFiles } from '../test/support/editor-scenario.ts';
import { missingForVsCode, packagedExtension, startVsCode, type VsCode } from '../test/support/vscode-web.ts';
import { printTable } from './support/table.ts';

/** The keys that are measured, after those that warm up. */
const warming = 10;
const measured = 60;
/** Between two keys, in milliseconds: somebody who types fast. */
const pause = 80;

const missing = missingForVsCode();
if (missing === undefined) await bench();
else console.log(`left out: ${missing}`);

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'polc-bench-'));
  for (const [name, text] of Object.entries(scenarioFiles)) {
    writeFileSync(join(folder, name), text.replace('sandbx', 'sandbox'));
  }
  const code = await startVsCode(folder, packagedExtension());
  try {
    const times = await latencies(code);
    const at = (share: number) => times[Math.floor(share * (times.length - 1))]!;
    printTable('from a key in VS Code to its preview', 'ms', [
      { what: 'median', ours: at(0.5) },
      { what: 'p95', ours: at(0.95), target: 100 },
    ]);
  } finally {
    await code.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each key, in ascending order. */
async function latencies({ page, preview, open, go, previewFrame }: VsCode): Promise<readonly number[]> {
  await open('web.yaml');
  await page.waitForSelector('.statusbar-item:has-text("sandbox")');
  await go(9, 13);
  await page.keyboard.press('Control+K');
  await page.keyboard.press('v');
  await preview.getByRole('tab', { name: 'cgroup' }).click();
  await go(9, 13);
  const frame = previewFrame();
  // Both pages count from one clock.
  await page.evaluate(`pressed = 0;
    addEventListener('keydown', () => { pressed = performance.timeOrigin + performance.now(); }, true)`);
  await frame.evaluate(`shown = 0;
    new MutationObserver(() => requestAnimationFrame(() => { shown ||= performance.timeOrigin + performance.now(); }))
      .observe(document.getElementById('lines'), { childList: true, subtree: true, characterData: true })`);
  const times: number[] = [];
  for (let key = 0; key < warming + measured; key += 1) {
    await frame.evaluate('shown = 0');
    await page.keyboard.press(key % 2 === 0 ? '1' : 'Backspace');
    let shown = 0;
    for (let waited = 0; shown === 0; waited += pause) {
      if (waited > 10_000) throw new Error('the preview does not change');
      await page.waitForTimeout(pause);
      shown = await frame.evaluate<number>('shown');
    }
    if (key >= warming) times.push(shown - (await page.evaluate<number>('pressed')));
  }
  return times.sort((left, right) => left - right);
}
