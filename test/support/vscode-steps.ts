import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { VsCode } from './vscode-web.ts';

/** What CI keeps for people to look at; a folder a test. */
const screenshots = join(resolve(process.env.POLC_ROOT ?? '.'), 'build/screenshots');

/** Steps in their order. What is seen at the end of each is kept, and what is seen where one fails. */
export async function steps(
  code: VsCode,
  name: string,
  each: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  const folder = join(screenshots, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let number = 0;
  for (const [what, step] of Object.entries(each)) {
    number += 1;
    const file = `${String(number).padStart(2, '0')}-${what.replaceAll(/\W+/g, '-')}.png`;
    try {
      await step();
    } catch (error) {
      await code.page.screenshot({ path: join(folder, `failed-${file}`) });
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    await code.page.screenshot({ path: join(folder, file) });
  }
}
