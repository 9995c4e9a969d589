// An esbuild plugin: modules that compute constants are run once, at the build, and the product holds their results.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Modules of which every export is a constant that JSON can hold. */
const modules = ['compiler/diagnostics/messages.ts'];

export const precomputed = {
  name: 'precomputed',
  setup({ onLoad }) {
    for (const module of modules) {
      const path = join(root, module);
      let text;
      onLoad({ filter: new RegExp(`${module.replaceAll('.', '\\.')}$`) }, async (asked) => {
        if (asked.path !== path) return undefined;
        text ??= constantsOf(path);
        return { contents: await text, loader: 'js' };
      });
    }
  },
};

async function constantsOf(path) {
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, format: 'esm', write: false });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  const exports = Object.entries(await import(`data:text/javascript;base64,${source}`));
  return exports.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`).join('');
}
