// npm start: builds the examples of every dialect into dist/ and shows a summary.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProduct } from './build.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await buildProduct();
const words = process.argv.length > 2 ? process.argv.slice(2) : ['build', 'examples', '--out', 'dist'];
const { status } = spawnSync(process.execPath, [join(root, 'bin/polc.js'), ...words], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 70;
