import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { AxeResults } from '../../vscode-extension/node_modules/axe-core';
import type { Frame } from '../../vscode-extension/node_modules/playwright-core';

const root = resolve(process.env.POLC_ROOT ?? '.');
const axe = createRequire(join(root, 'vscode-extension/package.json')).resolve('axe-core/axe.min.js');

/** All that axe-core knows, or only what a colour theme can make wrong. */
export type Rules = 'all' | 'contrast';

/**
 * What axe-core finds wrong with what is seen of a page, as `RULE: ELEMENT` with why: at its first lines and at its last,
 * or of contrast at the last alone, since all are coloured alike.
 */
export async function violationsOf(frame: Frame, rules: Rules): Promise<readonly string[]> {
  // By the debugger: the page itself lets in no script of others.
  if (await frame.evaluate(`typeof axe === 'undefined'`)) await frame.evaluate(readFileSync(axe, 'utf8'));
  const options = { resultTypes: ['violations'], ...(rules === 'all' ? {} : { runOnly: ['color-contrast'] }) };
  const found: string[] = [];
  for (const toEnd of rules === 'all' ? [false, true] : [true]) {
    const isScrolled = await frame.evaluate(showLines, toEnd);
    if (rules === 'all' && toEnd && !isScrolled) break;
    const results: AxeResults = await frame.evaluate(
      `axe.run({ include: document, exclude: ['.line[data-away]'] }, ${JSON.stringify(options)})`,
    );
    for (const { id, nodes } of results.violations) {
      found.push(...nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`));
    }
  }
  return found;
}

/** Scrolls to the first lines or the last, and marks those that are not seen; true where there was something to scroll. */
function showLines(toEnd: boolean): boolean {
  const panel = document.getElementById('panel')!;
  panel.scrollTop = toEnd ? panel.scrollHeight : 0;
  const { top, bottom } = panel.getBoundingClientRect();
  for (const line of document.querySelectorAll('.line')) {
    const box = line.getBoundingClientRect();
    line.toggleAttribute('data-away', box.bottom <= top || box.top >= bottom);
  }
  return panel.scrollTop > 0;
}
