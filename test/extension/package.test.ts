import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { packagedExtension } from '../support/vscode-web.ts';

const { test, skip, run } = suite('package');
const root = resolve(process.env.POLC_ROOT ?? '.');

/** What is to be reached, in bytes. */
const most = 2_000_000;

interface Package {
  readonly size: number;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

let opened: Package | undefined;

function open(): Package {
  if (opened === undefined) {
    const bytes = readFileSync(packagedExtension());
    opened = { size: bytes.length, files: unzipSync(bytes) };
  }
  return opened;
}

function textOf(path: string): string {
  const bytes = open().files[`extension/${path}`];
  if (bytes === undefined) throw new Error(`${path} is not in the package`);
  return new TextDecoder().decode(bytes);
}

const tests: Readonly<Record<string, () => void>> = {
  'it is small'() {
    assert.ok(open().size <= most, `${open().size} bytes`);
  },
  'it holds what the manifest names, and nothing that is only for building it'() {
    const manifest = JSON.parse(textOf('package.json'));
    const { contributes } = manifest;
    const named: readonly string[] = [
      manifest.main,
      ...contributes.grammars.map(({ path }: { path: string }) => path),
      ...contributes.languages.map(({ configuration }: { configuration: string }) => configuration),
      ...contributes.walkthroughs.flatMap(({ steps }: { steps: { media: { markdown: string } }[] }) =>
        steps.map(({ media }) => media.markdown),
      ),
    ];
    for (const path of named) textOf(path.replace(/^\.\//, ''));
    for (const path of ['page/page.js', 'page/page.css', 'server/bin/polc.js']) textOf(path);
    assert.is(manifest.devDependencies, undefined);
    const foreign = Object.keys(open().files).filter((path) =>
      /\.(?:ts|map|node|wasm|cache)$|\/node_modules\//.test(path),
    );
    assert.equal(foreign, []);
  },
  'a line behind the first key of an item is a key of that item'() {
    const { onEnterRules } = JSON.parse(textOf('language-configuration.json'));
    const rule = onEnterRules.find(({ action }: { action: { appendText?: string } }) => action.appendText === '  ');
    const goesOn = (line: string) => new RegExp(rule.beforeText).test(line);
    for (const line of ['  - syscalls: [socket]', '- path: /usr', '  - type: iam_role  '])
      assert.ok(goesOn(line), line);
    for (const line of [
      '  - "@default"',
      '  - syscalls:',
      '- run: |',
      '- match: {',
      '- match: { a: 1,',
      'path: /usr',
    ]) {
      assert.not.ok(goesOn(line), line);
    }
  },
  'every command is registered, and every one that a menu or a step names is contributed'() {
    const { contributes } = JSON.parse(textOf('package.json'));
    const commands: readonly string[] = contributes.commands.map(({ command }: { command: string }) => command);
    const code = textOf('extension.js');
    for (const command of commands) assert.ok(code.includes(`"${command}"`), `${command} is not in the extension`);
    const rest = JSON.stringify({ ...contributes, commands: [] });
    for (const [, inMenu, inText] of rest.matchAll(/"command":"(polc\.\w+)"|command:(polc\.\w+)/g)) {
      const command = inMenu ?? inText ?? '';
      assert.ok(commands.includes(command), `${command} is not contributed`);
    }
  },
  'every setting that the extension reads is declared'() {
    const { properties } = JSON.parse(textOf('package.json')).contributes.configuration;
    for (const name of ['path', 'detect', 'preview.followCursor', 'samples', 'diagnostics', 'workspaceDiagnostics'])
      assert.ok(`polc.${name}` in properties, name);
  },
  'its page lets in no script or style of others, and names no address'() {
    assert.match(textOf('extension.js'), /default-src 'none'; script-src \$\{/);
    assert.not.match(textOf('page/page.css'), /url\(|@import/);
    assert.not.match(textOf('page/page.js'), /https?:|innerHTML|\beval\(|new Function/);
  },
  'the command line in it runs where nothing else is installed'() {
    const folder = mkdtempSync(join(tmpdir(), 'polc-package-'));
    try {
      for (const [path, bytes] of Object.entries(open().files)) {
        if (!path.startsWith('extension/server/')) continue;
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), bytes);
      }
      writeFileSync(join(folder, 'web.yaml'), 'profile: web\nmode: sandbx\n');
      const polc = join(folder, 'extension/server/bin/polc.js');
      const checked = spawnSync(process.execPath, [polc, 'check', 'web.yaml'], { cwd: folder, encoding: 'utf8' });
      assert.is(checked.status, 1);
      assert.match(`${checked.stdout}${checked.stderr}`, /POL3001/);
      const message = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { processId: null, rootUri: null, capabilities: {} },
      });
      const exit = JSON.stringify({ jsonrpc: '2.0', method: 'exit' });
      const input = [message, exit].map((each) => `Content-Length: ${each.length}\r\n\r\n${each}`).join('');
      const served = spawnSync(process.execPath, [polc, 'lsp', '--stdio'], { cwd: folder, encoding: 'utf8', input });
      assert.match(served.stdout, /"serverInfo":\{"name":"polc"/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const hasTools = existsSync(join(root, 'vscode-extension/node_modules/@vscode/vsce'));
for (const [name, check] of Object.entries(tests)) {
  if (hasTools) test(name, check);
  else skip(name, 'vsce is not installed: node scripts/setup-editors.js');
}

run();
