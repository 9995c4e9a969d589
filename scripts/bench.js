// npm run bench [-- NAME]
//
// Bundles every bench/*.ts and runs each in its own process, one after the other; NAME keeps those whose file name
// contains it. Each prints a table of ratios against peers that it measures in the same run; bench/set-up.sh installs
// them. Nothing here passes or fails: machines are shared, and a time is no test.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildProduct } from './build.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const name = process.argv[2] ?? '';
const files = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.ts') && file.includes(name));
const outdir = join(root, 'build', `bench-${process.pid}`);

await buildProduct();
mkdirSync(outdir, { recursive: true });
try {
  await build({
    entryPoints: files.map((file) => join(root, 'bench', file)),
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  for (const file of files) {
    const script = join(outdir, file.replace(/\.ts$/, '.mjs'));
    const { status } = spawnSync(process.execPath, [script], {
      cwd: root,
      env: { ...process.env, POLC_ROOT: root },
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
if (files.length === 0) {
  console.error(`no benchmark matches \`${name}\``);
  process.exitCode = 2;
}
