import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { AxeResults } from '../../vscode-extension/node_modules/axe-core';
import type { Frame } from '../../vscode-extension/node_modules/playwright-core';

const root = resolve(process.env.POLC_ROOT ?? '.');
const axe = createRequire(join(root, 'vscode-extension/package.json')).resolve('axe-core/axe.min.js');

/** What axe-core finds wrong with a page, as `RULE: ELEMENT` with why. */
export async function violationsOf(frame: Frame): Promise<readonly string[]> {
  // By the debugger: the page itself lets in no script of others.
  await frame.evaluate(readFileSync(axe, 'utf8'));
  // Of hundreds of lines that are made alike, the first.
  const results: AxeResults = await frame.evaluate(
    `axe.run({ include: document, exclude: ['.line:nth-child(n + 50)'] }, { resultTypes: ['violations'] })`,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
