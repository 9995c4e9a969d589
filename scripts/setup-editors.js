// Installs what the extension and the tests of editors need and nothing else does: the locked dependencies of
// vscode-extension/, and with `--clients` VS Code's own server and extension host from npm (code-server), in a cache
// folder beside them. Does nothing where all is there. Where npm cannot be reached it says so and ends well: the tests
// that need it say that they were skipped.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './setup-lock.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const extension = join(root, 'vscode-extension');
const lock = readFileSync(join(extension, 'package-lock.json'), 'utf8');
const stamp = join(extension, 'node_modules', '.polc-lock');

/** The newest whose engine is Node 20: VS Code 1.100.3. */
const codeServer = 'code-server@4.100.3';
const cache = join(extension, 'node_modules', '.cache');
const codeServerFolder = join(cache, codeServer);
const vscodeIn = (folder) => join(folder, 'node_modules/code-server/lib/vscode');
const terminals = (vscode) => join(vscode, 'node_modules/node-pty/build/Release/pty.node');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
const hasCodeServer = () => existsSync(terminals(vscodeIn(codeServerFolder)));
const wantsClients = process.argv.includes('--clients');

function npm(cwd, ...words) {
  execFileSync('npm', [...words, '--no-fund', '--no-audit', '--loglevel=error'], { cwd, stdio: ['ignore', 2, 2] });
}

function install() {
  if (!isInstalled()) {
    console.error('installing what the extension for VS Code is built with …');
    npm(extension, 'ci', '--ignore-scripts');
    writeFileSync(stamp, lock);
  }
  if (wantsClients && !hasCodeServer()) {
    console.error('installing VS Code for the tests of editors …');
    if (existsSync(codeServerFolder)) buildTerminals(vscodeIn(codeServerFolder));
    else installCodeServer();
  }
}

/** By steps, since its own installation fails as root and builds modules that the extension host does without. */
function installCodeServer() {
  const folder = `${codeServerFolder}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    npm(folder, 'install', '--ignore-scripts', codeServer);
    const vscode = vscodeIn(folder);
    npm(vscode, 'install', '--omit=dev', '--ignore-scripts');
    symlinkSync('node_modules', join(vscode, 'node_modules.asar'));
    const ripgrep = join(vscode, 'node_modules/@vscode/ripgrep/bin');
    mkdirSync(ripgrep, { recursive: true });
    symlinkSync('/usr/bin/rg', join(ripgrep, 'rg'));
    // Without it the extension host ends at its start.
    npm(vscode, 'rebuild', 'native-watchdog');
    buildTerminals(vscode);
    renameSync(folder, codeServerFolder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tasks run in terminals. */
function buildTerminals(vscode) {
  try {
    execFileSync('npm', ['rebuild', 'node-pty', '--loglevel=silent'], { cwd: vscode, stdio: 'ignore' });
  } catch (error) {
    // Its last step, after the module is built, makes a list of commands for editors, by a tool that npm would have to fetch.
    if (!existsSync(terminals(vscode))) throw error;
  }
}

if (!isInstalled() || (wantsClients && !hasCodeServer())) {
  try {
    withLock(join(root, 'build', 'setup-editors-lock'), install, (pid) =>
      console.error(`process ${pid} installs what editors need; waiting …`),
    );
  } catch (error) {
    console.error(`what the tests of editors need cannot be installed: ${error.message.split('\n')[0]}`);
  }
}
