// Bundles the product into build/: the command line as scripts with a code cache each, and the compiler as a library.
//
// Outputs are written to a temporary name and renamed, since several test runs may build at once, and each ends with
// the hash of all inputs, by which the next run sees that there is nothing to do.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { cacheHead, quickVerbs } from '../bin/polc.js';
import { commandLine } from './command-line.js';
import { precomputed } from './precomputed.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outdir = join(root, 'build');
/** Names the build in the cache's keys: what another compiler made does not count. */
const idFile = join(outdir, 'compiler-id');
const idLength = 64;

/**
 * The folder of a build's scripts `<name>.cjs` and their caches `<name>.cache`. Each build has its own, so that a polc
 * that runs meanwhile finds the rest of its scripts, and two builds at once do not mix.
 */
const scriptFolder = (id) => join(outdir, `cli-${id.slice(0, 16)}`);
/** How long the scripts of an earlier build stay, in milliseconds. */
const kept = 10 * 60_000;
const library = join(outdir, 'compiler.js');
const lambda = join(outdir, 'lambda.mjs');

/** Builds what is stale; gives true when something was. */
export async function buildProduct() {
  const id = inputsHash();
  const fresh =
    [library, lambda].every((file) => endId(file) === id) && startOf(idFile) === id && areFresh(scriptFolder(id), id);
  if (fresh) return false;
  const texts = await bundles();
  // Somebody saved a file meanwhile: what was made is of no one state, and must not bear an id.
  if (inputsHash() !== id) {
    await buildProduct();
    return true;
  }
  const folder = scriptFolder(id);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of texts.scripts) writeScript(join(folder, `${name}.cjs`), text, id);
  writeScript(library, texts.library, id);
  writeScript(lambda, texts.lambda, id);
  for (const verb of [[], ...quickVerbs.map((each) => [each])]) {
    execFileSync(process.execPath, [join(root, 'scripts/code-cache.cjs'), id, ...verb], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  // Last of all: under the new name nothing may be stored that the old compiler made.
  replace(idFile, id);
  removeOlder();
  return true;
}

const common = {
  bundle: true,
  loader: { '.md': 'text' },
  write: false,
  target: 'node20',
  charset: 'ascii',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'silent',
};

/** The command line's scripts by name; `worker` and `plugins` are for what is packaged of them. */
export function commandLineScripts(worker, plugins = []) {
  const options = {
    ...common,
    platform: 'node',
    define: { 'import.meta.dirname': '__dirname' },
    // The clients of AWS and Kubernetes are read from node_modules when a verb makes its first call, binaryen when a module
    // is to be optimised, koffi when a system call is made that Node has none for.
    external: ['@aws-sdk/*', '@kubernetes/client-node', 'binaryen', 'koffi'],
    plugins: [...plugins, yamlParser, precomputed],
  };
  return commandLine(options, worker);
}

/** The texts of everything that is built: the scripts by name, the library, and what Lambda runs. */
async function bundles() {
  const scripts = await commandLineScripts();
  const library = await bundle({
    ...common,
    entryPoints: [join(root, 'compiler/compile.ts')],
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    plugins: [precomputed],
  });
  // What `polc build --emit lambda` puts guardrails into. The runtime of Lambda has the clients of AWS.
  const lambda = await bundle({
    ...common,
    entryPoints: [join(root, 'runtime/guardrail/lambda-entry.ts')],
    format: 'esm',
    platform: 'node',
    external: ['@aws-sdk/*'],
    plugins: [yamlParser, precomputed],
  });
  return { scripts, library, lambda };
}

/**
 * Of the `yaml` package its lexer and parser only, from its ES modules: of the CommonJS ones that Node is given, every
 * module is run, whether used or not.
 */
const yamlParser = {
  name: 'yaml parser',
  setup({ onResolve, onLoad }) {
    const resolveDir = join(root, 'node_modules/yaml/browser/dist/parse');
    onResolve({ filter: /^yaml$/ }, () => ({ path: 'yaml', namespace: 'yaml parser' }));
    onLoad({ filter: /.*/, namespace: 'yaml parser' }, () => ({
      contents: "export { Lexer } from './lexer.js';\nexport { Parser } from './parser.js';\n",
      resolveDir,
    }));
  },
};

function areFresh(folder, id) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const scripts = files.filter((file) => file.endsWith('.cjs')).map((file) => join(folder, file));
  const head = cacheHead(id);
  return (
    scripts.length > 0 &&
    scripts.every((file) => endId(file) === id && startOf(file.replace(/cjs$/, 'cache'), head.length) === head)
  );
}

/** The scripts of earlier builds, but for those that a running polc may still ask for. */
function removeOlder() {
  for (const name of readdirSync(outdir).filter((each) => each.startsWith('cli-'))) {
    const folder = join(outdir, name);
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (folder !== scriptFolder(readFileSync(idFile, 'latin1')) && age > kept)
      rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(options) {
  const { outputFiles } = await build(options);
  return outputFiles[0].text;
}

function writeScript(file, text, id) {
  // The bootstrap reads it as Latin-1, which V8 keeps at one byte a letter.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (/[^\x00-\x7f]/.test(text)) throw new Error(`${file} is not ASCII`);
  replace(file, `${text}//# inputs ${id}\n`);
}

/** Writes to a name of its own and renames, so that nobody reads half a file. */
function replace(file, content) {
  const own = `${file}.${process.pid}.tmp`;
  writeFileSync(own, content);
  renameSync(own, file);
}

/** The pages of docs/ that `polc docs` shows. */
function shownPages() {
  const text = readFileSync(join(root, 'cli/docs-pages.ts'), 'utf8');
  return Array.from(text.matchAll(/'\.\.\/(docs\/[^']+)'/g), ([, page]) => page);
}

/** sha-256 over the names and contents of everything that the outputs are made from, and the version of Node. */
function inputsHash() {
  const hash = createHash('sha256').update(process.version);
  const files = [
    'package.json',
    'package-lock.json',
    'scripts/build.js',
    'scripts/command-line.js',
    'scripts/precomputed.js',
    'scripts/code-cache.cjs',
    'bin/polc.js',
    'bin/thread.js',
    ...shownPages(),
  ];
  for (const folder of ['grammars', 'compiler', 'runtime', 'lsp', 'cli', 'examples']) {
    if (!existsSync(join(root, folder))) continue;
    const inside = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    files.push(...inside.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  }
  for (const file of files.map((each) => (each.startsWith(root) ? each : join(root, each))).sort()) {
    const content = readFileSync(file);
    hash.update(`${file.slice(root.length)}:${content.length}:`).update(content);
  }
  return hash.digest('hex');
}

function endId(file) {
  return slice(file, (size) => size - idLength - 1, idLength);
}

function startOf(file, length = idLength) {
  return slice(file, () => 0, length);
}

function slice(file, from, length) {
  if (!existsSync(file)) return undefined;
  const descriptor = openSync(file, 'r');
  const bytes = Buffer.alloc(length);
  readSync(descriptor, bytes, 0, length, Math.max(0, from(fstatSync(descriptor).size)));
  closeSync(descriptor);
  return bytes.toString('latin1');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await buildProduct()) ? 'built build/' : 'build/ is fresh');
}
