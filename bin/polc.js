#!/usr/bin/env node
// Starts the command line from build/cli.cjs. Its code comes with V8's cached data (build/cli.cache), which saves
// parsing and compiling it; a cache of another build, another V8 or other flags is refused and costs nothing but that.
// CommonJS, and not an ES module, because that starts some milliseconds sooner.
'use strict';
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const bundle = join(__dirname, '..', 'build', 'cli.cjs');
const cache = join(__dirname, '..', 'build', 'cli.cache');

/** The hexadecimal sha-256 of the build's inputs: the end of the bundle and the beginning of its cache. */
const idLength = 64;

/** The bundle as a script; `cachedData` is used where it was made from this very text. */
function load() {
  const source = readFileSync(bundle, 'latin1');
  const id = source.slice(-idLength - 1, -1);
  let cachedData;
  try {
    const bytes = readFileSync(cache);
    if (bytes.latin1Slice(0, idLength) === id) cachedData = bytes.subarray(idLength);
  } catch {
    // No cache: the code is compiled as it is run.
  }
  const script = new Script(`(function (module, require, __dirname) {${source}\n})`, { filename: bundle, cachedData });
  const loaded = { exports: {} };
  script.runInThisContext()(loaded, require, dirname(bundle));
  return { main: loaded.exports.main, script, id };
}

module.exports = { load, cache };

if (require.main === module) {
  let loaded;
  try {
    loaded = load();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    process.stderr.write('polc is not built\n  = help: run `npm run build` in its folder\n');
    process.exitCode = 3;
  }
  loaded?.main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
