// Which files `node scripts/test.js FILTER` builds and runs, and what is near a filter that matches nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const fixtures = join(root, 'test', 'fixtures');

/** Every file of tests, as paths below `test/`. */
function testFiles() {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
}

/**
 * What to run: `files`, and in `title` what the names of their tests have to contain. A filter is a part of a file's path, with
 * or without `test/` before it, or else of `<suite>/<test>`, as it stands in a file or as a case of fixtures that it reads. No file where nothing can match.
 */
export function chosenTests(filter) {
  const files = testFiles();
  const part = filter.replace(/^(?:\.\/)?test\//, '');
  const byFile = files.filter((file) => file.includes(filter) || file.includes(part));
  if (byFile.length > 0) return { files: byFile, title: '' };
  return { files: files.filter((file) => mayHold(read(file), filter)), title: filter };
}

/** Names of files and suites of which `filter` may be a misspelling, the nearest first, at most three. */
export async function nearTests(filter) {
  const { nearest } = await suggestions();
  const names = new Set();
  for (const file of testFiles()) {
    const path = file.slice(0, -'.test.ts'.length);
    names.add(path);
    for (const piece of path.split('/')) names.add(piece);
    for (const suite of suitesOf(read(file))) names.add(suite);
  }
  const wanted = filter.replace(/^(?:\.\/)?test\//, '').replace(/(?:\.test)?\.ts$/, '');
  const found = [];
  for (const word of [wanted, wanted.slice(wanted.lastIndexOf('/') + 1)]) {
    while (found.length < 3) {
      const near = nearest(word, names);
      if (near === undefined) break;
      names.delete(near);
      found.push(near);
    }
  }
  return found;
}

/** Whether a test of the file may have a name that contains `filter`, or `<suite>/<test>` of it does. */
function mayHold(text, filter) {
  const parts = [filter];
  for (const suite of suitesOf(text)) {
    if (suite.includes(filter)) return true;
    for (let at = filter.indexOf('/'); at >= 0; at = filter.indexOf('/', at + 1))
      if (suite.endsWith(filter.slice(0, at))) parts.push(filter.slice(at + 1));
  }
  const pieces = titlesOf(text).flatMap((title) => title.split(/\$\{[^}]*\}/));
  return parts.some(
    (part) =>
      isCase(text, part) ||
      pieces.some((piece) => piece.includes(part) || (piece.trim().length > 3 && part.includes(piece))),
  );
}

/** What stands as a test's name. Where a name is computed, each text with a space may be one, as names have. */
function titlesOf(text) {
  const written = Array.from(text.matchAll(/\b(?:test|skip)\(\s*(['"`])(.*?)\1/g), ([, , title]) => title);
  if (!/[^.\w](?:test|skip)\(\s*\w/.test(text)) return written;
  const quoted = Array.from(text.matchAll(/(['"`])((?:(?!\1).)*?\s.*?)\1/g), ([, , title]) => title);
  return [...written, ...quoted];
}

/** Whether a case of a folder of fixtures that is named in `text` is called so. */
function isCase(text, title) {
  return readdirSync(fixtures).some(
    (folder) =>
      text.includes(`'${folder}'`) && readdirSync(join(fixtures, folder)).some((name) => name.includes(title)),
  );
}

const suitesOf = (text) => Array.from(text.matchAll(/\bsuite\((['"])(.*?)\1\)/g), ([, , name]) => name);
const read = (file) => readFileSync(join(root, 'test', file), 'utf8');

async function suggestions() {
  const entryPoints = [join(root, 'compiler/diagnostics/suggest.ts')];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
