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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildProduct } from './build.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const extension = join(root, 'vscode-extension');
const outdir = join(root, 'dist');

/** What goes into the package as it is. */
const asTheyAre = ['README.md', 'language-configuration.json', 'syntaxes', 'walkthrough'];

/** Packages what is stale; gives the path of the package. */
export async function packageExtension() {
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
  copyCommandLine(join(folder, 'server'));
}

/** The command line without its code caches, which are of one version of V8. */
function copyCommandLine(server) {
  const id = readFileSync(join(root, 'build', 'compiler-id'), 'latin1');
  const scripts = join(root, 'build', `cli-${id.slice(0, 16)}`);
  const to = join(server, 'build', `cli-${id.slice(0, 16)}`);
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(scripts).filter((each) => each.endsWith('.cjs')))
    cpSync(join(scripts, name), join(to, name));
  cpSync(join(root, 'build', 'compiler-id'), join(server, 'build', 'compiler-id'));
  cpSync(join(root, 'bin'), join(server, 'bin'), { recursive: true });
  // The scripts are CommonJS, also where a package.json above them says otherwise.
  writeFileSync(join(server, 'package.json'), '{}\n');
}

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
