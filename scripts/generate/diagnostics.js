// docs/diagnostics.md: the reference of every diagnostic, from the catalogue in compiler/diagnostics/catalogue/.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';

export const output = 'docs/diagnostics.md';

export function missing() {
  return undefined;
}

export function generate() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const { outputFiles } = buildSync({
    entryPoints: [join(root, 'compiler/diagnostics/docs.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'docs',
  });
  return runInNewContext(`${outputFiles[0].text}; docs.referencePage()`);
}
