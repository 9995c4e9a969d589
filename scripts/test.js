// npm test [-- FILTER] [--update] [--strict]
//
// Bundles every test/**/*.test.ts and runs each in its own process, two at a time. FILTER keeps the tests whose
// `<file>` or `<suite>/<test>` contains it, and one that matches nothing ends with exit code 2 before anything is built;
// --update rewrites reviewed output; --strict (or CI) turns skips that a machine of this kind could avoid into failures.
// Ends with `N passed, N failed[, N skipped]`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildProduct } from './build.js';
import { chosenTests, nearTests } from './test-files.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const words = process.argv.slice(2);
const options = ['--update', '--strict'];
const update = words.includes('--update');
const strict = words.includes('--strict') || process.env.CI === 'true';
const unknown = words.find((word) => word.startsWith('-') && !options.includes(word));
const [filter = '', ...more] = words.filter((word) => !word.startsWith('-'));

if (unknown !== undefined) await refuse(`there is no option \`${unknown}\`: ${options.join(', ')}`);
if (more.length > 0) await refuse(`one filter at a time, and \`${more[0]}\` is another`);
const { files: chosen, title } = chosenTests(filter);
if (chosen.length === 0) await refuse(`no test matches \`${filter}\``, filter);

/** Ends with exit code 2 and one line, with what is near a filter that matches nothing. */
async function refuse(problem, misspelt) {
  const near = misspelt === undefined ? [] : await nearTests(misspelt);
  console.log(near.length === 0 ? problem : `${problem}; near it: ${near.map((name) => `\`${name}\``).join(', ')}`);
  process.exit(2);
}

// A product that does not build is one failure, and must not hide the results of the tests that need none of it.
const unbuilt = await buildProduct().then(
  () => undefined,
  (error) => error,
);
const outdir = join(root, 'build', `test-${process.pid}`);

mkdirSync(outdir, { recursive: true });
await build({
  entryPoints: chosen.map((file) => join(root, 'test', file)),
  outbase: join(root, 'test'),
  outdir,
  bundle: true,
  loader: { '.md': 'text' },
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'linked',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
});

/** Milliseconds after which a file is taken to hang: a failing test may leave open what keeps its process. */
const patience = 8 * 60_000;

const totals = { passed: 0, failed: 0, skipped: 0 };
const queue = [...chosen];

function runFile(file) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, [join(outdir, file.replace(/\.ts$/, '.mjs'))], {
      cwd: root,
      env: {
        ...process.env,
        NO_COLOR: '1',
        FORCE_COLOR: '0',
        POLC_ROOT: root,
        POLC_TEST_FILTER: title,
        ...(update ? { POLC_TEST_UPDATE: '1' } : {}),
        ...(strict ? { POLC_TEST_STRICT: '1' } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const hanging = setTimeout(() => {
      output += `${file} was ended after ${patience / 60_000} minutes\n`;
      child.kill('SIGKILL');
    }, patience);
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code, signal) => {
      clearTimeout(hanging);
      const count = (word) => Number(output.match(new RegExp(`^\\s+${word}:\\s+(\\d+)`, 'm'))?.[1] ?? 0);
      const total = count('Total');
      const passed = count('Passed');
      const skipped = count('Skipped');
      const failed = Math.max(total - passed - skipped, 0);
      totals.passed += passed;
      totals.skipped += skipped;
      totals.failed += failed;
      const broken = (code !== 0 || signal !== null) && failed === 0;
      if (broken) totals.failed += 1;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const mark = failed > 0 || broken ? '✘' : '✔';
      if (total > 0 || broken) console.log(`${mark} ${file} · ${passed}/${total} · ${seconds} s`);
      if (failed > 0 || broken) console.log(inSources(output.trimEnd()));
      else for (const line of output.split('\n')) if (line.startsWith('skipped ')) console.log(`  ${line}`);
      if (broken) console.log(`  ${file} ended with ${signal ?? `exit code ${code}`} and no failing test`);
      resolve();
    });
  });
}

/** Names places in bundles by those in the sources. Node could do it, and would read the maps of every file that passes. */
function inSources(output) {
  const maps = new Map();
  return output.replace(/(?:file:\/\/)?(\/[^\s()]+\.mjs):(\d+):(\d+)/g, (place, path, line, column) => {
    if (!path.startsWith(outdir)) return place;
    if (!maps.has(path)) maps.set(path, new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8'))));
    const { originalSource, originalLine, originalColumn } = maps.get(path).findEntry(line - 1, column - 1);
    if (originalSource === undefined) return place;
    return `${join(dirname(path), originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

async function worker() {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) await runFile(file);
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));

rmSync(outdir, { recursive: true, force: true });
if (unbuilt !== undefined) {
  console.log(`✘ the product does not build: ${unbuilt.message}`);
  if (filter === '') totals.failed += 1;
}
if (totals.passed + totals.failed === 0) {
  console.log(`no test matches \`${filter}\``);
  process.exitCode = 2;
}
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
if (totals.failed > 0) process.exitCode = 1;
