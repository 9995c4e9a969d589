// npm run package
//
// Packages the extension for VS Code: dist/polc-VERSION.vsix, with the client, the page of the preview, and the whole
// command line, whose `polc lsp` is the language server. What is packaged is first put together in build/vscode/, and
// nothing is made again where its inputs have not changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { buildProduct, commandLineScripts } from './build.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const extension = join(root, 'vscode-extension');
const outdir = join(root, 'dist');

/** What goes into the package as it is. */
const asTheyAre = [
  'README.md',
  'language-configuration.json',
  'hook-program-configuration.json',
  'syntaxes',
  'walkthrough',
];

/** Packages what is stale; gives the path of the package. */
async function packageExtension() {
  await buildProduct();
  const id = inputsHash();
  const { version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  const file = join(outdir, `polc-${version}.vsix`);
  const stamp = join(root, 'build', 'vscode-id');
  if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === id) return file;
  const folder = join(root, 'build', `vscode-${process.pid}`);
  try {
    await assemble(folder);
    const own = `${file}.${process.pid}.tmp`;
    mkdirSync(outdir, { recursive: true });
    const vsce = join(extension, 'node_modules/@vscode/vsce/vsce');
    // The example of a webhook is in the catalogue's explanation of why policies may hold none.
    const words = ['package', '--no-dependencies', '--skip-license', '--allow-missing-repository', '--out', own];
    words.push('--allow-package-secrets', 'slack');
    execFileSync(process.execPath, [vsce, ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(own, file);
    writeFileSync(stamp, id);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return file;
}

/** Puts together what the package holds. */
async function assemble(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of asTheyAre) {
    if (existsSync(join(extension, name))) cpSync(join(extension, name), join(folder, name), { recursive: true });
  }
  const {
    devDependencies: _,
    private: __,
    ...manifest
  } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  // Everything in the folder is wanted.
  writeFileSync(join(folder, '.vscodeignore'), '');
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const common = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning', target: 'es2022' };
  await build({
    ...common,
    entryPoints: [join(extension, 'extension.ts')],
    outfile: join(folder, 'extension.js'),
    format: 'cjs',
    platform: 'node',
    external: ['vscode'],
  });
  await build({
    ...common,
    entryPoints: [join(extension, 'preview/page/main.ts')],
    outfile: join(folder, 'page/page.js'),
    format: 'iife',
    platform: 'browser',
  });
  await build({
    ...common,
    entryPoints: [join(extension, 'preview/page/page.css')],
    outfile: join(folder, 'page/page.css'),
  });
  const shared = await writeCommandLine(join(folder, 'server'));
  // The client for where there is no Node; the server is in the script that the command line shares with it.
  await build({
    ...common,
    entryPoints: [join(extension, 'web/extension.ts')],
    outfile: join(folder, 'web/extension.js'),
    format: 'cjs',
    platform: 'browser',
    external: ['vscode'],
    define: { sharedScript: JSON.stringify(shared), process: 'undefined' },
  });
}

/** Where the language server begins in the worker of a browser. */
const worker = 'lsp/browser/worker.ts';

/**
 * The command line without code caches, which are of one version of V8, and in smaller scripts: what also runs in a worker,
 * which is the language server and the compiler, is packaged once. Gives the path of that script.
 */
async function writeCommandLine(server) {
  const id = readFileSync(join(root, 'build', 'compiler-id'), 'latin1');
  const folder = join(server, 'build', `cli-${id.slice(0, 16)}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await packagedScripts()) writeFileSync(join(folder, `${name}.cjs`), text);
  cpSync(join(root, 'build', 'compiler-id'), join(server, 'build', 'compiler-id'));
  cpSync(join(root, 'bin'), join(server, 'bin'), { recursive: true });
  // The scripts are CommonJS, also where a package.json above them says otherwise.
  writeFileSync(join(server, 'package.json'), '{}\n');
  return relative(dirname(server), join(folder, 'shared.cjs'));
}

/** The scripts of the package by name; the one that is called `shared` asks nothing of Node. */
async function packagedScripts() {
  const scripts = await commandLineScripts(worker, [browserModules]);
  const options = { minify: true, target: 'node20', charset: 'ascii', legalComments: 'none' };
  return Promise.all(
    [...scripts].map(async ([name, text]) => {
      // A function that nobody takes would be left out.
      const { code } = await transform(`script=${text}`, options);
      return [name, `(${code.slice('script='.length).replace(/;\s*$/, '')})`];
    }),
  );
}

/** Packages in the form that runs everywhere, also in Node. */
const browserModules = {
  name: 'browser modules',
  setup({ onResolve }) {
    const modules = join(root, 'node_modules');
    onResolve({ filter: /^fflate$/ }, () => ({ path: join(modules, 'fflate/esm/browser.js') }));
    onResolve({ filter: /^vscode-[a-z-]+\/browser$/ }, ({ path }) => ({
      path: join(modules, path.replace(/browser$/, 'lib/browser/main.js')),
    }));
  },
};

function inputsHash() {
  const hash = createHash('sha256')
    .update(process.version)
    .update(readFileSync(join(root, 'build', 'compiler-id')));
  const files = ['scripts/package.js', 'lsp/requests.ts'].map((file) => join(root, file));
  for (const entry of readdirSync(extension, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(extension, entry.name);
    if (entry.isFile()) files.push(path);
    else
      for (const inner of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
        if (statSync(join(path, inner)).isFile()) files.push(join(path, inner));
      }
  }
  for (const file of files.sort()) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = await packageExtension();
  console.log(`${file.slice(root.length + 1)}: ${Math.round(statSync(file).size / 1000)} kB`);
}
