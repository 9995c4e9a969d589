#!/usr/bin/env node
// Starts the command line from build/cli.cjs, which loads build/compiler.cjs where something must be compiled. Their code
// comes with V8's cached data (build/*.cache), which saves parsing and compiling it; a cache of another build, another V8
// or other flags is refused and costs nothing but that. CommonJS, and not an ES module, because that starts some
// milliseconds sooner.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const folder = join(__dirname, '..', 'build');

/** The hexadecimal sha-256 of the build's inputs: the end of a bundle and the beginning of its cache. */
const idLength = 64;

const loaded = new Map();

/** `cli` or `compiler`, run once: its exports, the script and the id; `cachedData` is used where it was made from this very text. */
function load(name) {
  const before = loaded.get(name);
  if (before !== undefined) return before;
  const filename = join(folder, `${name}.cjs`);
  const source = readFileSync(filename, 'latin1');
  const id = source.slice(-idLength - 1, -1);
  let cachedData;
  try {
    const bytes = readFileSync(cachePath(name));
    if (bytes.latin1Slice(0, idLength) === id) cachedData = bytes.subarray(idLength);
  } catch {
    // No cache: the code is compiled as it is run.
  }
  const script = new Script(`(function (module, require, __dirname) {${source}\n})`, { filename, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module, requireFromBundle, folder);
  const made = { exports: module.exports, script, id };
  loaded.set(name, made);
  return made;
}

function requireFromBundle(specifier) {
  return specifier === './compiler.cjs' ? load('compiler').exports : require(specifier);
}

function cachePath(name) {
  return join(folder, `${name}.cache`);
}

module.exports = { load, cachePath };

if (require.main === module) {
  let cli;
  try {
    cli = load('cli').exports;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    process.stderr.write('polc is not built\n  = help: run `npm run build` in its folder\n');
    process.exitCode = 3;
  }
  cli?.main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
