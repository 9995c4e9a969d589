// npm start: builds the examples of every dialect into dist/ and shows a summary.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProduct } from './build.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await buildProduct();
// Without the gate: what it holds is tested, and a first look should not fail because the machine is busy.
const standard = ['build', 'examples', '--out', 'dist', '--max-ms', '0'];
const words = process.argv.length > 2 ? process.argv.slice(2) : standard;
const { status } = spawnSync(process.execPath, [join(root, 'bin/polc.js'), ...words], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 70;
