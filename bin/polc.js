#!/usr/bin/env node
// Starts the command line from the scripts in the folder of build/ that build/compiler-id names, of which it loads those
// that it needs. Their code comes with V8's cached data (*.cache), which saves parsing and compiling it; a cache of another
// build, another Node or other flags is refused and costs nothing but that. Some verbs have caches of their own
// (*.VERB.cache), without the code that only others run. CommonJS, and not an ES module, because that starts some
// milliseconds sooner.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const build = join(__dirname, '..', 'build');

/** The hexadecimal sha-256 of the build's inputs, at the end of a script. */
const idLength = 64;

let node;

/**
 * What a cache begins with: its script's id and the Node that made it. V8 itself looks at its own version and flags alone,
 * and dies of a cache that was made on another processor or by another Node of the same V8 (nodejs/node#62781). The length
 * is a multiple of 8, since V8 copies what is not aligned.
 */
function cacheHead(id) {
  node ??= [process.platform, process.arch, ...Object.values(process.versions)].join(' ');
  return id + node.padEnd(Math.ceil((node.length + 1) / 8) * 8);
}

let folder;

/** The verbs with caches of their own. */
const quickVerbs = ['simulate', 'lsp'];
let verb;

/** Where the scripts lie; a build that is made while polc runs does not change it. */
function scriptFolder() {
  folder ??= folderOf(readFileSync(join(build, 'compiler-id'), 'latin1'));
  return folder;
}

function folderOf(id) {
  return join(build, `cli-${id.slice(0, 16)}`);
}

/** Takes the scripts of a build that is not finished. */
function useScripts(id) {
  folder = folderOf(id);
}

/** Takes the caches of a verb, where it has its own. */
function useCaches(word) {
  verb = quickVerbs.includes(word) ? word : undefined;
}

const scripts = new Map();
const modules = new Map();

/** A script by name: its chunks, the script and the id; `cachedData` is used where this Node made it from this very text. */
function load(name) {
  const before = scripts.get(name);
  if (before !== undefined) return before;
  const filename = join(scriptFolder(), `${name}.cjs`);
  const source = readFileSync(filename, 'latin1');
  const id = source.slice(-idLength - 1, -1);
  let cachedData;
  try {
    const bytes = readFileSync(cachePath(name));
    const head = cacheHead(id);
    if (bytes.latin1Slice(0, head.length) === head) cachedData = bytes.subarray(head.length);
  } catch {
    // No cache: the code is compiled as it is run.
  }
  const script = new Script(source, { filename, cachedData });
  const made = { chunks: script.runInThisContext()(requireChunk, build), script, id };
  scripts.set(name, made);
  return made;
}

/** Packages that wait while they are loaded, which only an import does; those who ask for them await what they get. */
const importedPackages = ['binaryen'];

/** The exports of `SCRIPT#CHUNK`, which runs once, or of one of Node's modules. */
function requireChunk(specifier) {
  const at = specifier.indexOf('#');
  if (at === -1) return importedPackages.includes(specifier) ? import(specifier) : require(specifier);
  const before = modules.get(specifier);
  if (before !== undefined) return before;
  const exports = {};
  load(specifier.slice(0, at)).chunks[specifier.slice(at + 1)](exports);
  modules.set(specifier, exports);
  return exports;
}

function cachePath(name) {
  return join(scriptFolder(), `${name}${verb === undefined ? '' : `.${verb}`}.cache`);
}

module.exports = { load, scripts, requireChunk, cachePath, cacheHead, scriptFolder, useScripts, useCaches, quickVerbs };

if (require.main === module) {
  useCaches(process.argv[2]);
  let cli;
  try {
    cli = requireChunk('cli#cli/main');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    process.stderr.write('polc is not built\n  = help: run `npm run build` in its folder\n');
    process.exitCode = 3;
  }
  cli?.main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
