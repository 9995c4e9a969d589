import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Frame, FrameLocator, Page } from '../../vscode-extension/node_modules/playwright-core';

const root = resolve(process.env.POLC_ROOT ?? '.');
const extension = join(root, 'vscode-extension');
const codeServer = join(extension, 'node_modules/.cache/code-server@4.100.3/node_modules/code-server/lib/vscode');
const chromium = '/usr/bin/chromium';

/** Real VS Code with our package installed and a folder open, in a browser without a screen. */
export interface VsCode {
  readonly page: Page;
  /** The page of the preview, which is a frame in a frame. */
  readonly preview: FrameLocator;
  /** Runs a command by what the command palette calls it. */
  command(title: string): Promise<void>;
  /** Opens a file of the folder. */
  open(name: string): Promise<void>;
  /** Puts the cursor of the editor in the first group on a line and a column, from 1. */
  go(line: number, column?: number): Promise<void>;
  /** The text that the active editor shows of a line. */
  line(line: number): Promise<string>;
  /** The same as `preview`, to run scripts in. */
  previewFrame(): Frame;
  /** Chooses a colour theme by what VS Code calls it. */
  theme(name: string): Promise<void>;
  /** Ends the browser and the server, and removes what they wrote. */
  stop(): Promise<void>;
}

/** What is missing here for a real VS Code; undefined where nothing is. */
export function missingForVsCode(): string | undefined {
  if (!existsSync(chromium)) return 'there is no chromium';
  return existsSync(codeServer) ? undefined : 'code-server is not installed: node scripts/setup-editors.js --clients';
}

/** What is missing here to package the extension; undefined where nothing is. */
export function missingForPackage(): string | undefined {
  const isThere = existsSync(join(extension, 'node_modules/@vscode/vsce'));
  return isThere ? undefined : 'the extension cannot be packaged: node scripts/setup-editors.js';
}

/** Packages the extension where it is stale; gives the path of the package. */
export function packagedExtension(): string {
  const said = execFileSync(process.execPath, ['scripts/package.js'], { cwd: root, encoding: 'utf8' });
  return join(root, said.split(':')[0]!);
}

/** Nothing that comes between the test and what it looks at. */
const quiet = {
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'remote.autoForwardPorts': false,
  'files.autoSave': 'off',
  'git.enabled': false,
  'npm.autoDetect': 'off',
  'workbench.reduceMotion': 'on',
};

/** Starts VS Code on a folder with the package of the extension and settings; other extensions there are none. */
export async function startVsCode(folder: string, vsix: string, settings: object = {}): Promise<VsCode> {
  const own = mkdtempSync(join(tmpdir(), 'polc-vscode-'));
  const server = join(codeServer, 'out/server-main.js');
  const data = join(own, 'data');
  const extensions = join(own, 'extensions');
  mkdirSync(join(data, 'User'), { recursive: true });
  writeFileSync(join(data, 'User/settings.json'), JSON.stringify({ ...quiet, ...settings }));
  const places = ['--server-data-dir', data, '--user-data-dir', data, '--extensions-dir', extensions];
  execFileSync(process.execPath, [server, ...places, '--install-extension', vsix], { stdio: 'ignore' });
  const port = await freePort();
  const options = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  options.push('--accept-server-license-terms', '--telemetry-level', 'off');
  const child = spawn(process.execPath, [server, ...places, ...options], { stdio: 'ignore', detached: true });
  let browser: Browser | undefined;
  const stop = async () => {
    await browser?.close();
    await end(child);
    rmSync(own, { recursive: true, force: true });
  };
  try {
    await answers(`http://127.0.0.1:${port}/`);
    const { chromium: launcher }: typeof import('../../vscode-extension/node_modules/playwright-core') = createRequire(
      join(extension, 'package.json'),
    )('playwright-core');
    browser = await launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] });
    const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
    // The machine may be busy with other tests; one that fails for good still ends well before its file would be.
    page.setDefaultTimeout(60_000);
    // As a parameter, since `--default-folder` names it by another authority than the extension host does.
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
    await page.waitForSelector('.monaco-workbench', { timeout: 60_000 });
    return {
      page,
      preview: page.frameLocator('iframe.webview').frameLocator('iframe'),
      command: (title) => runCommand(page, title),
      open: (name) => openFile(page, name),
      go: (line, column = 1) => goTo(page, line, column),
      line: (line) => lineOf(page, line),
      previewFrame: () => previewFrame(page),
      theme: (name) => chooseTheme(page, name),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input:focus');
  await page.keyboard.type(title);
  // Not the first of the list, where what was used last stands before what is meant. Behind a comma come its keys.
  const row = '.quick-input-list .monaco-list-row';
  await page.click(`${row}[aria-label="${title}"], ${row}[aria-label^="${title}, "]`);
}

async function chooseTheme(page: Page, name: string): Promise<void> {
  await runCommand(page, 'Preferences: Color Theme');
  await page.waitForSelector('.quick-input-widget input[placeholder*="Theme"]');
  await page.keyboard.type(name);
  await page.waitForSelector(`.quick-input-list .monaco-list-row.focused:has-text("${name}")`);
  await page.keyboard.press('Enter');
}

/** By its name alone, as someone without a mouse does. */
async function openFile(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+P');
  await page.waitForSelector('.quick-input-widget input:focus');
  await page.keyboard.type(name);
  await page.waitForSelector(`.quick-input-list .monaco-list-row.focused:has-text("${name}")`, { timeout: 60_000 });
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.tab.active:has-text("${name}")`);
  await page.waitForSelector('.monaco-editor .view-line');
}

async function goTo(page: Page, line: number, column: number): Promise<void> {
  const there = `#status\\.editor\\.selection:has-text("Ln ${line}, Col ${column}")`;
  // A webview passes keys on when it gets to them, and may take the focus back: then once more.
  for (let left = 5; ; left -= 1) {
    try {
      await page.keyboard.press('Control+1');
      await page.waitForSelector('.editor-group-container.active .monaco-editor.focused', { timeout: 8_000 });
      await page.keyboard.press('Control+G');
      await page.waitForSelector('.quick-input-widget input:focus', { timeout: 8_000 });
      await page.keyboard.type(`${line}:${column}`);
      await page.keyboard.press('Enter');
      await page.waitForSelector(there, { timeout: 8_000 });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

async function lineOf(page: Page, line: number): Promise<string> {
  // Lines are not in the order in which they are seen; their places are.
  const lines = await page.$$eval('.editor-group-container.active .view-line', (all) =>
    all.map((each) => ({ top: Number.parseFloat((each as HTMLElement).style.top), text: each.textContent ?? '' })),
  );
  lines.sort((left, right) => left.top - right.top);
  return (lines[line - 1]?.text ?? '').replaceAll('\u00a0', ' ');
}

function previewFrame(page: Page): Frame {
  const frame = page.frames().find((each) => each.url().includes('/fake.html'));
  if (frame === undefined) throw new Error('there is no preview');
  return frame;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? done(address.port) : fail(new Error())));
    });
  });
}

async function answers(url: string): Promise<void> {
  for (let left = 600; ; left -= 1) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** Ends the server with the extension hosts that it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((done) => child.on('close', done));
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}
