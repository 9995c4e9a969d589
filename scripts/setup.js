// Installs the locked dependencies when they are absent or older than the lock file, so that `npm start` and
// `npm test` work on a fresh clone with nothing done by hand, also where several start at once.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './setup-lock.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
const stamp = join(root, 'node_modules', '.polc-lock');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`polc needs Node 20.19 or newer; this is ${process.version}`);
  process.exit(3);
}
const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;

function install() {
  if (isInstalled()) return;
  console.error('installing the locked dependencies …');
  execFileSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  writeFileSync(stamp, lock);
}

if (!isInstalled()) {
  withLock(join(root, 'build', 'setup-lock'), install, (pid) =>
    console.error(`process ${pid} installs the dependencies; waiting …`),
  );
}
