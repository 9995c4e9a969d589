// docs/dialects/*.md: the reference of each dialect, from its shape in compiler/dialects/.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';

export const output = 'docs/dialects/sandbox.md';

export function missing() {
  return undefined;
}

export function generate() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const { outputFiles } = buildSync({
    stdin: {
      contents: `export { dialects } from './compiler/dialects/index.ts'; export { referencePage } from './compiler/schema/reference.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'docs',
    platform: 'neutral',
    mainFields: ['module', 'main'],
  });
  return runInNewContext(
    `${outputFiles[0].text}; (() => { const { name, summary, description } = docs.dialects.find(({ name }) => name === 'sandbox'); return docs.referencePage(name, summary, description); })()`,
    { TextEncoder, TextDecoder },
  );
}
