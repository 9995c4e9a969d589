import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import type { CodeLens } from 'vscode-languageserver';
import { fixtureCases } from '../support/fixtures.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient, uri } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-lens');
const examples = resolve(process.env.POLC_ROOT ?? '.', 'examples');
const [fixture] = fixtureCases('lsp-lens');

const capabilities = {
  textDocument: { codeLens: {} },
  experimental: { polcCommands: ['polc.coverage', 'polc.simulate'] },
};

async function lines(client: LspClient, path: string, text: string): Promise<readonly string[]> {
  const asked = await client.request<readonly CodeLens[]>('textDocument/codeLens', {
    textDocument: { uri: uri(path) },
  });
  assert.ok(
    asked.every(({ command }) => command === undefined),
    'what a line says is worked out when it is shown',
  );
  const found = await Promise.all(asked.map((each) => client.request<CodeLens>('codeLens/resolve', each)));
  return found.map(({ range: { start }, command }) => {
    const line = text.split('\n')[start.line]!.trim();
    return `${start.line + 1} ${line}\n    ${command?.title}${command?.command === '' ? '' : ` (${command?.command})`}`;
  });
}

test('every example', async () => {
  const client = await clientInProcess({ folders: [examples], capabilities });
  const shown: string[] = [];
  for (const name of readdirSync(examples).sort()) {
    const text = readFileSync(join(examples, name), 'utf8');
    client.open(join(examples, name), text);
    shown.push(`# ${name}`, ...(await lines(client, join(examples, name), text)), '');
  }
  fixture?.expectReviewed('shown.txt', shown.join('\n'));
  await client.end();
});

test('a broken text keeps what its last version without errors said; a client without commands gets text', async () => {
  const client = await clientInProcess({ capabilities: { textDocument: { codeLens: {} } } });
  const sound = 'profile: web\nmode: sandbox\nresources: { memory: 1GiB }\n';
  client.open('/nowhere/web.yaml', sound);
  assert.equal((await lines(client, '/nowhere/web.yaml', sound)).slice(0, 1), [
    '1 profile: web\n    1 of 1 rules enforced',
  ]);
  const broken = sound.replace('1GiB', 'much');
  client.change('/nowhere/web.yaml', broken);
  assert.equal((await lines(client, '/nowhere/web.yaml', broken)).slice(0, 1), [
    '1 profile: web\n    1 of 1 rules enforced (in the last version without errors)',
  ]);
  client.open('/nowhere/new.yaml', broken);
  assert.equal((await lines(client, '/nowhere/new.yaml', broken)).slice(0, 1), ['1 profile: web\n    ']);
  await client.end();
});

test('a client that can is told to ask again where a file changes that a policy is made of', () =>
  withFolder(async (folder) => {
    const workspace = { codeLens: { refreshSupport: true } };
    const client = await clientInProcess({ folders: [folder], capabilities: { ...capabilities, workspace } });
    const base =
      'profile: base\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    allow: ["@basic-start"]\n';
    const web = 'profile: web\nextends: base.yaml\nresources: { memory: 1GiB }\n';
    writeFileSync(join(folder, 'base.yaml'), base);
    client.open(join(folder, 'base.yaml'), base);
    client.open(join(folder, 'web.yaml'), web);
    const before = await lines(client, join(folder, 'web.yaml'), web);
    assert.match(before.join('\n'), /4 of 5 rules enforced/);
    client.change(join(folder, 'base.yaml'), base.replace('    allow', '    deny: [ptrace]\n    allow'));
    await client.next('workspace/codeLens/refresh');
    assert.match((await lines(client, join(folder, 'web.yaml'), web)).join('\n'), /5 of 6 rules enforced/);
    assert.is(await client.end(), 0);
  }));

run();
