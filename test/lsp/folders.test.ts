import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type {
  ClientCapabilities,
  LogMessageParams,
  PublishDiagnosticsParams,
  WorkspaceDiagnosticReport,
} from 'vscode-languageserver';
import { whatCanBeRead, yamlFilesBelow } from '../../lsp/node/yaml-files.ts';
import type { World } from '../../lsp/world.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient, uri } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-folders');

const sound = `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
`;

const watching: ClientCapabilities = {
  workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, workspaceFolders: true },
};

function deepest(folder: string, depth: number): string {
  const path = join(folder, ...Array.from({ length: depth }, () => 'deeper'));
  mkdirSync(path, { recursive: true });
  return path;
}

async function symbols(client: LspClient, query: string): Promise<readonly string[]> {
  const found = await client.request<readonly { readonly name: string }[]>('workspace/symbol', { query });
  return found.map(({ name }) => name).sort();
}

test('of a folder that is too deep the files above it are listed, and none at all where all are wanted', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'web.yaml'), sound);
    const last = deepest(folder, 8);
    writeFileSync(join(last, 'last.yaml'), sound);
    assert.equal(yamlFilesBelow(folder, 10), [join(last, 'last.yaml'), join(folder, 'web.yaml')]);
    const below = deepest(folder, 9);
    writeFileSync(join(below, 'below.yaml'), sound);
    assert.is(yamlFilesBelow(folder, 10), undefined);
    assert.equal(whatCanBeRead(folder, 10), {
      files: [join(last, 'last.yaml'), join(folder, 'web.yaml')],
      skipped: [below],
    });
    assert.is(whatCanBeRead(folder, 1), undefined);
  }));

test('a folder that cannot be looked into hides no other from the index, which says so once', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'base.yaml'), sound.replace('web', 'base'));
    const hidden = deepest(folder, 9);
    writeFileSync(join(hidden, 'hidden.yaml'), sound.replace('web', 'base-below'));
    // Not for root, to whom every folder can be read.
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o000 });
    const client = await clientInProcess({ folders: [folder], capabilities: watching });
    assert.equal(await symbols(client, 'base'), ['base']);
    writeFileSync(join(folder, 'web.yaml'), sound.replace('web', 'base-web'));
    client.notify('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uri(join(folder, 'web.yaml')), type: 1 }],
    });
    // Once the folder has been listed again.
    for (let times = 0; times < 5; times += 1) await symbols(client, 'base');
    assert.equal(await symbols(client, 'base'), ['base', 'base-web']);
    const said = client.received
      .filter(({ method }) => method === 'window/logMessage')
      .map(({ params }) => (params as LogMessageParams).message)
      .filter((message) => message.includes(hidden));
    assert.is(said.length, 1, JSON.stringify(said));
    chmodSync(closed, 0o700);
    await client.end();
  }));

test('a configuration above the folders counts as it is, at the next edit', () =>
  withFolder(async (above) => {
    const folder = join(above, 'policies');
    mkdirSync(folder);
    // The folder that is open is another one.
    const other = join(above, 'other');
    mkdirSync(other);
    const config = join(above, 'polc.config.yaml');
    const web = join(folder, 'web.yaml');
    const text = `${sound}resources: { disk: 1GiB }\n`;
    const client = await clientInProcess({ folders: [other], capabilities: watching });
    const severities = async () =>
      (await client.diagnostics(web)).filter(({ code }) => code === 'POL6004').map(({ severity }) => severity);
    client.open(web, text);
    assert.equal(await severities(), [2]);
    writeFileSync(config, 'severities: { POL6004: error }\n');
    client.change(web, `${text}# it is there\n`);
    assert.equal(await severities(), [1]);
    writeFileSync(config, 'severities: { POL6004: hint }\n');
    client.change(web, `${text}# it is another\n`);
    assert.equal(await severities(), [4]);
    renameSync(config, `${config}.old`);
    client.change(web, `${text}# it is gone\n`);
    assert.equal(await severities(), [2]);
    await client.end();
  }));

test('of a folder that was removed and is added again nothing is believed that was known before', () =>
  withFolder(async (folder) => {
    const [one = '', two = ''] = ['one', 'two'].map((name) => join(folder, name));
    for (const each of [one, two]) mkdirSync(each);
    const base = join(one, 'base.yaml');
    const web = join(one, 'web.yaml');
    writeFileSync(base, sound);
    const client = await clientInProcess({ folders: [one, two], capabilities: watching });
    client.open(web, 'profile: api\nextends: base.yaml\n');
    assert.equal(await client.diagnostics(web), []);
    const turn = (change: 'added' | 'removed') =>
      client.notify('workspace/didChangeWorkspaceFolders', {
        event: { added: [], removed: [], [change]: [{ uri: uri(one), name: 'one' }] },
      });
    turn('removed');
    // Nobody tells of this change.
    writeFileSync(base, sound.replace('sandbox', 'sandbx'));
    const found = client.next<PublishDiagnosticsParams>(
      'textDocument/publishDiagnostics',
      ({ uri: its, diagnostics }) => its === uri(web) && diagnostics.length > 0,
    );
    turn('added');
    await found;
    await client.end();
  }));

/** Each step takes longer than a slice may, so that each has a turn of its own. */
function inSlices(turned: () => void): (world: World) => World {
  let now = 0;
  return (world) => ({
    ...world,
    host: {
      ...world.host,
      now() {
        now += 10;
        return now;
      },
    },
    soon(turn) {
      turned();
      world.soon(turn);
    },
  });
}

test('what is open is compiled before what is not, also where that has been begun', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'closed.yaml'), sound);
    const web = join(folder, 'web.yaml');
    let turns = 0;
    const client = await clientInProcess({
      folders: [folder],
      capabilities: { ...watching, textDocument: { diagnostic: {} } },
      world: inSlices(() => (turns += 1)),
    });
    client.open(web, sound);
    await client.request('textDocument/diagnostic', { textDocument: { uri: uri(web) } });
    const order: string[] = [];
    turns = 0;
    const all = client.request('workspace/diagnostic', { previousResultIds: [] }).then(() => order.push('closed'));
    client.change(web, `${sound}# edited\n`);
    const own = client
      .request('textDocument/diagnostic', { textDocument: { uri: uri(web) } })
      .then(() => order.push('open'));
    await Promise.all([all, own]);
    assert.equal(order, ['open', 'closed']);
    assert.ok(turns > 8, `${turns} turns`);
    await client.end();
  }));

test('what a file is made of that changes while the file is compiled is read again', () =>
  withFolder(async (folder) => {
    const base = join(folder, 'z-base.yaml');
    writeFileSync(base, sound);
    writeFileSync(join(folder, 'a-web.yaml'), 'profile: api\nextends: z-base.yaml\n');
    let slices = 0;
    const client = await clientInProcess({
      folders: [folder],
      capabilities: { ...watching, textDocument: { diagnostic: {} } },
      world: inSlices(() => (slices += 1)),
    });
    // So that the file is indexed, and compiling is all that is left.
    await symbols(client, 'api');
    const report = client.request<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds: [] });
    const before = slices;
    while (slices < before + 4) await new Promise((resolve) => setImmediate(resolve));
    client.open(base, sound.replace('sandbox', 'sandbx'));
    const { items } = await report;
    const [web] = items;
    assert.ok(web?.kind === 'full' && web.uri.endsWith('a-web.yaml') && web.items.length > 0, JSON.stringify(items));
    await client.end();
  }));

run();
