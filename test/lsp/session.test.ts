import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type {
  ClientCapabilities,
  CodeAction,
  Diagnostic,
  DocumentDiagnosticReport,
  PublishDiagnosticsParams,
  WorkspaceDiagnosticReport,
} from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient, uri } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-session');

const sound = `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
`;
const wrong = sound.replace('"@basic-start"', '"@basic-start", wirte');

const pulling: ClientCapabilities = {
  textDocument: {
    diagnostic: {},
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } }, isPreferredSupport: true },
  },
  workspace: { diagnostics: { refreshSupport: true }, didChangeWatchedFiles: { dynamicRegistration: true } },
};

const literals: ClientCapabilities = {
  textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } },
};

function codes(diagnostics: readonly Diagnostic[]): readonly unknown[] {
  return diagnostics.map(({ code }) => code);
}

function pull(client: LspClient, path: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
  const textDocument = { uri: uri(path) };
  return client.request('textDocument/diagnostic', {
    textDocument,
    ...(previousResultId === undefined ? {} : { previousResultId }),
  });
}

test('edits at UTF-16 positions, with line ends of two characters', async () => {
  const client = await clientInProcess();
  const path = '/nowhere/web.yaml';
  client.open(path, `# 🔒 é\r\n${sound.replaceAll('\n', '\r\n')}`);
  assert.equal(await client.diagnostics(path), []);
  // Behind the astral character, which counts two.
  const insert = (line: number, character: number, text: string) => ({
    range: { start: { line, character }, end: { line, character } },
    text,
  });
  client.change(path, [insert(0, 4, '!'), insert(6, 26, ', wirte')]);
  const found = await client.diagnostics(path);
  assert.equal(codes(found), ['POL3002']);
  assert.equal(found[0]?.range, { start: { line: 6, character: 28 }, end: { line: 6, character: 33 } });
  const range = found[0]?.range;
  client.change(path, [{ range: range!, text: 'uname' }]);
  assert.equal(await client.diagnostics(path), []);
  await client.end();
});

test('of edits that come together only the last is compiled and shown', async () => {
  const client = await clientInProcess();
  const path = '/nowhere/web.yaml';
  client.open(path, sound);
  for (let version = 0; version < 20; version += 1) client.change(path, version % 2 === 0 ? wrong : sound);
  client.change(path, wrong);
  assert.equal(codes(await client.diagnostics(path)), ['POL3002']);
  const pushed = client.received.filter(({ method }) => method === 'textDocument/publishDiagnostics');
  assert.ok(pushed.length <= 3, `${pushed.length} times of 22`);
  await client.end();
});

test('a document that was never saved is checked, and has nothing beside it', async () => {
  const client = await clientInProcess();
  const textDocument = { uri: 'untitled:Untitled-1', languageId: 'polc', version: 1 };
  const pushed = client.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics');
  // package.json lies where the tests run.
  client.notify('textDocument/didOpen', { textDocument: { ...textDocument, text: `${sound}extends: package.json\n` } });
  const { diagnostics, uri: its } = await pushed;
  assert.is(its, 'untitled:Untitled-1');
  assert.equal(codes(diagnostics), ['POL3020']);
  await client.end();
});

test('what is closed has no findings', async () => {
  const client = await clientInProcess();
  client.open('/nowhere/web.yaml', wrong);
  await client.diagnostics('/nowhere/web.yaml');
  const cleared = client.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics');
  client.close('/nowhere/web.yaml');
  assert.equal((await cleared).diagnostics, []);
  await client.end();
});

test('an earlier version that an editor shows beside a file is no file', () =>
  withFolder(async (folder) => {
    const client = await clientInProcess({ folders: [folder] });
    const path = join(folder, 'web.yaml');
    const earlier = `git:${path}?%7B%22ref%22%3A%22HEAD%22%7D`;
    client.notify('textDocument/didOpen', {
      textDocument: { uri: earlier, languageId: 'polc', version: 1, text: `${wrong}extends: base.yaml\n` },
    });
    client.open(path, sound);
    assert.equal(await client.diagnostics(path), []);
    const symbols = await client.request<{ location: { uri: string } }[]>('workspace/symbol', { query: 'web' });
    assert.equal(
      symbols.map(({ location }) => location.uri),
      [uri(path)],
    );
    const known = await client.request('polc/recognise', { uri: earlier, text: sound });
    assert.equal(known, { role: 'other', dialect: null });
    client.notify('textDocument/didClose', { textDocument: { uri: earlier } });
    client.change(path, wrong);
    await client.diagnostics(path);
    const told = client.received.filter(({ params }) => JSON.stringify(params).includes('git:'));
    assert.equal(told, []);
    await client.end();
  }));

test('a document is named as the client names it, also when it is closed', async () => {
  const client = await clientInProcess();
  for (const written of ['file:///C:/policies/web.yaml', 'file:///d%3A/a(b).yaml', 'file:/policies/web.yaml']) {
    const its = { uri: written, languageId: 'polc', version: 1, text: wrong };
    const ofIt = ({ uri: named }: PublishDiagnosticsParams) => named === written;
    const found = client.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', ofIt);
    client.notify('textDocument/didOpen', { textDocument: its });
    assert.equal(codes((await found).diagnostics), ['POL3002']);
    const gone = client.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', ofIt);
    client.notify('textDocument/didClose', { textDocument: { uri: written } });
    assert.equal((await gone).diagnostics, []);
  }
  await client.end();
});

test('files of other tools are left alone, unless the editor says that they are policies', async () => {
  const client = await clientInProcess();
  const compose = 'services:\n  web:\n    image: nginx\n  broken: [\n';
  client.open('/nowhere/compose.yaml', compose);
  assert.equal(await client.diagnostics('/nowhere/compose.yaml'), []);
  client.open('/nowhere/policy.yaml', 'services: {}\n', 'polc');
  assert.equal(codes(await client.diagnostics('/nowhere/policy.yaml')), ['POL2010']);
  await client.end();
});

test('a client that pulls gets nothing pushed, and nothing again that has not changed', async () => {
  const client = await clientInProcess({ capabilities: pulling });
  assert.ok(client.initialized.capabilities.diagnosticProvider);
  const path = '/nowhere/web.yaml';
  client.open(path, wrong);
  const first = await pull(client, path);
  assert.ok(first.kind === 'full' && first.resultId !== undefined);
  assert.equal(codes(first.items), ['POL3002']);
  assert.is((await pull(client, path, first.resultId)).kind, 'unchanged');
  client.change(path, sound);
  const second = await pull(client, path, first.resultId);
  assert.ok(second.kind === 'full');
  assert.equal(second.items, []);
  assert.not(client.received.some(({ method }) => method === 'textDocument/publishDiagnostics'));
  await client.end();
});

test('a client that pulls is asked to do so again where another document changed what it has', () =>
  withFolder(async (folder) => {
    const [base, web] = [join(folder, 'base.yaml'), join(folder, 'web.yaml')];
    writeFileSync(base, sound);
    const client = await clientInProcess({ capabilities: pulling, folders: [folder] });
    client.open(web, 'profile: api\nextends: base.yaml\n');
    client.open(base, sound);
    const first = await pull(client, web);
    assert.ok(first.kind === 'full');
    assert.equal(first.items, []);
    await pull(client, base);
    const asked = client.next('workspace/diagnostic/refresh');
    client.change(base, wrong);
    await asked;
    const second = await pull(client, web, first.resultId);
    assert.ok(second.kind === 'full');
    assert.equal(codes(second.items), ['POL3002']);
    await client.end();
  }));

test('of many open documents all are answered, though not all are kept compiled', async () => {
  const client = await clientInProcess({ capabilities: pulling });
  const paths = Array.from({ length: 40 }, (_, index) => `/nowhere/web-${index}.yaml`);
  for (const path of paths) client.open(path, wrong);
  for (const path of [...paths, ...paths]) {
    const report = await pull(client, path);
    assert.ok(report.kind === 'full');
    assert.equal(codes(report.items), ['POL3002'], path);
  }
  await client.end();
});

test('each fix of a finding is an action, and all certain ones are one', async () => {
  const client = await clientInProcess({ capabilities: pulling });
  const path = '/nowhere/web.yaml';
  client.open(path, wrong.replace('mode: sandbox', 'mode: sandbx'));
  const at = (line: number, character: number) => ({ line, character });
  const ask = (only?: readonly string[]) =>
    client.request<readonly CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: uri(path) },
      range: { start: at(5, 29), end: at(5, 29) },
      context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
    });
  const [fix, all, ...rest] = await ask();
  assert.equal(rest, []);
  assert.is(fix?.kind, 'quickfix');
  assert.is(fix?.isPreferred, true);
  assert.equal(codes(fix?.diagnostics ?? []), ['POL3002']);
  const replacement = { range: { start: at(5, 28), end: at(5, 33) }, newText: 'write' };
  assert.equal(fix?.edit, { changes: { [uri(path)]: [replacement] } });
  assert.is(all?.kind, 'source.fixAll.polc');
  const mode = { range: { start: at(1, 6), end: at(1, 12) }, newText: 'sandbox' };
  assert.equal(all?.edit, { changes: { [uri(path)]: [mode, replacement] } });
  assert.equal(
    (await ask(['source.fixAll'])).map(({ kind }) => kind),
    ['source.fixAll.polc'],
  );
  assert.equal(await ask(['refactor']), []);
  await client.end();
});

test('a base that is open and not saved counts as it is in the editor; a cycle is a finding', () =>
  withFolder(async (folder) => {
    const base = join(folder, 'base.yaml');
    const web = join(folder, 'web.yaml');
    writeFileSync(base, sound);
    const client = await clientInProcess({ folders: [folder] });
    client.open(web, 'profile: api\nextends: base.yaml\n');
    assert.equal(codes(await client.diagnostics(web)), []);
    const again = (holds: (found: readonly Diagnostic[]) => boolean) =>
      client.next<PublishDiagnosticsParams>(
        'textDocument/publishDiagnostics',
        (params) => params.uri === uri(web) && holds(params.diagnostics),
      );
    const broken = again((found) => found.length > 0);
    client.open(base, wrong);
    const { diagnostics } = await broken;
    assert.equal(codes(diagnostics), ['POL3002']);
    // At the place that names the base.
    assert.equal(diagnostics[0]?.range, { start: { line: 1, character: 9 }, end: { line: 1, character: 18 } });
    assert.match(String(diagnostics[0]?.message), /^in `base\.yaml`: unknown syscall `wirte`/);
    const cyclic = again((found) => codes(found).includes('POL3022'));
    client.change(base, `${sound}extends: web.yaml\n`);
    await cyclic;
    const fine = again((found) => found.length === 0);
    // What is closed counts as it is on the disk.
    client.close(base);
    await fine;
    await client.end();
  }));

test('changes on the disk count, told by the client or seen by the machine', () =>
  withFolder(async (folder) => {
    for (const watches of [true, false]) {
      const base = join(folder, 'base.yaml');
      const web = join(folder, 'web.yaml');
      writeFileSync(base, sound);
      const capabilities = watches ? { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } } : {};
      const client = await clientInProcess({ folders: [folder], capabilities });
      client.open(web, 'profile: api\nextends: base.yaml\n');
      assert.equal(codes(await client.diagnostics(web)), []);
      const gone = client.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', ({ diagnostics }) =>
        codes(diagnostics).includes('POL3020'),
      );
      rmSync(base);
      if (watches) client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(base), type: 3 }] });
      await gone;
      const back = client.next<PublishDiagnosticsParams>(
        'textDocument/publishDiagnostics',
        ({ diagnostics }) => diagnostics.length === 0,
      );
      writeFileSync(base, sound);
      if (watches) client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(base), type: 1 }] });
      await back;
      await client.end();
    }
  }));

test('of a folder that is deleted with all that is in it a client may tell nothing else', () =>
  withFolder(async (folder) => {
    mkdirSync(join(folder, 'shared'));
    const [base, web] = [join(folder, 'shared/base.yaml'), join(folder, 'web.yaml')];
    writeFileSync(base, sound);
    const client = await clientInProcess({ folders: [folder], capabilities: pulling });
    client.open(web, 'profile: api\nextends: shared/base.yaml\n');
    const before = await pull(client, web);
    assert.ok(before.kind === 'full');
    assert.equal(before.items, []);
    const asked = client.next('workspace/diagnostic/refresh');
    rmSync(join(folder, 'shared'), { recursive: true });
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(join(folder, 'shared')), type: 3 }] });
    // Though no other document is open.
    await asked;
    const after = await pull(client, web, before.resultId);
    assert.ok(after.kind === 'full');
    assert.ok(codes(after.items).includes('POL3020'), JSON.stringify(after.items));
    const symbols = await client.request<unknown[]>('workspace/symbol', { query: 'web' });
    assert.equal(symbols, []);
    await client.end();
  }));

test('a client that refuses what it said that it can do is served all the same', () =>
  withFolder(async (folder) => {
    for (let count = 0; count < 60; count += 1) {
      writeFileSync(join(folder, `${count}.yaml`), sound.replace('web', `web-${count}`));
    }
    const refuse = () => {
      throw new Error('not today');
    };
    const asked = [
      'client/registerCapability',
      'window/workDoneProgress/create',
      'workspace/configuration',
      'workspace/diagnostic/refresh',
    ];
    const client = await clientInProcess({
      folders: [folder],
      capabilities: {
        ...pulling,
        window: { workDoneProgress: true },
        workspace: {
          ...pulling.workspace,
          configuration: true,
          didChangeConfiguration: { dynamicRegistration: true },
          workspaceFolders: true,
        },
      },
      answers: Object.fromEntries(asked.map((method) => [method, refuse])),
    });
    const [base, web] = [join(folder, 'base.yaml'), join(folder, 'web.yaml')];
    client.open(base, sound);
    client.open(web, 'profile: api\nextends: base.yaml\n');
    await pull(client, web);
    const refused = client.next('workspace/diagnostic/refresh');
    client.change(base, wrong);
    await refused;
    const symbols = await client.request<unknown[]>('workspace/symbol', { query: 'web-' });
    assert.is(symbols.length, 60);
    const heard = new Set(client.received.map(({ method }) => method));
    assert.equal(
      asked.filter((method) => !heard.has(method)),
      [],
    );
    await client.end();
  }));

test('what is no file is read by nobody, wherever a link leads', () =>
  withFolder(async (folder) => {
    symlinkSync('/dev/zero', join(folder, 'polc.config.yaml'));
    symlinkSync('/dev/zero', join(folder, 'base.yaml'));
    const client = await clientInProcess({ folders: [folder] });
    const path = join(folder, 'web.yaml');
    client.open(path, 'profile: api\nextends: base.yaml\n');
    assert.ok(codes(await client.diagnostics(path)).includes('POL3020'));
    await client.end();
  }));

test('a change on the disk counts in every document that it is part of', () =>
  withFolder(async (folder) => {
    const base = join(folder, 'base.yaml');
    writeFileSync(base, sound);
    const capabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
    const client = await clientInProcess({ folders: [folder], capabilities });
    const paths = ['a', 'b', 'c'].map((name) => join(folder, `${name}.yaml`));
    for (const path of paths) {
      client.open(path, 'profile: api\nextends: base.yaml\n');
      assert.equal(await client.diagnostics(path), []);
    }
    writeFileSync(base, wrong);
    const told = paths.map((path) =>
      client.next<PublishDiagnosticsParams>(
        'textDocument/publishDiagnostics',
        ({ uri: its, diagnostics }) => its === uri(path) && codes(diagnostics).includes('POL3002'),
      ),
    );
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(base), type: 2 }] });
    await Promise.all(told);
    await client.end();
  }));

test('a file that is deleted while it is open goes on as it is in the editor', () =>
  withFolder(async (folder) => {
    const web = join(folder, 'web.yaml');
    writeFileSync(web, sound);
    const client = await clientInProcess({ folders: [folder] });
    client.open(web, sound);
    assert.equal(await client.diagnostics(web), []);
    rmSync(web);
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(web), type: 3 }] });
    client.change(web, wrong);
    assert.equal(codes(await client.diagnostics(web)), ['POL3002']);
    await client.end();
  }));

test('the configuration of each folder holds there, also while it is edited', () =>
  withFolder(async (folder) => {
    const folders = ['one', 'two'].map((name) => join(folder, name));
    for (const each of folders) mkdirSync(each);
    const [one = '', two = ''] = folders;
    const config = join(one, 'polc.config.yaml');
    writeFileSync(config, 'severities: { POL6004: error }\n');
    const client = await clientInProcess({ folders });
    const text = `${sound}resources: { disk: 1GiB }\n`;
    const severitiesOf = async (path: string) =>
      (await client.diagnostics(path)).filter(({ code }) => code === 'POL6004').map(({ severity }) => severity);
    client.open(join(one, 'web.yaml'), text);
    client.open(join(two, 'web.yaml'), text);
    assert.equal(await severitiesOf(join(one, 'web.yaml')), [1]);
    assert.equal(await severitiesOf(join(two, 'web.yaml')), [2]);
    const other = client.next<PublishDiagnosticsParams>(
      'textDocument/publishDiagnostics',
      ({ uri: its, diagnostics }) =>
        its === uri(join(one, 'web.yaml')) &&
        diagnostics.some(({ code, severity }) => code === 'POL6004' && severity === 4),
    );
    client.open(config, 'severities: { POL6004: hint }\n');
    await other;
    client.change(config, 'severitys: {}\n');
    assert.equal(codes(await client.diagnostics(config)), ['POL2001']);
    await client.end();
  }));

test('codes link to their chapters where the client says where those are', async () => {
  const path = '/nowhere/web.yaml';
  const capabilities = { textDocument: { publishDiagnostics: { codeDescriptionSupport: true } } };
  const pages = 'file:///docs/diagnostics.md';
  // What an editor would run is no link.
  for (const reference of [undefined, pages, 'command:workbench.action.terminal.new']) {
    const client = await clientInProcess({ capabilities, initializationOptions: { reference } });
    client.open(path, wrong);
    const [found] = await client.diagnostics(path);
    const href = reference === pages ? `${reference}#pol3002` : undefined;
    assert.is(found?.codeDescription?.href, href);
    await client.end();
  }
});

test('settings of the client count, sent or asked for', async () => {
  const path = '/nowhere/web.yaml';
  const pushedTo = async (client: LspClient) => {
    client.open(path, wrong);
    const found = await client.diagnostics(path);
    return codes(found);
  };
  const quiet = await clientInProcess({ initializationOptions: { diagnostics: false } });
  assert.equal(await pushedTo(quiet), []);
  const loud = quiet.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics');
  quiet.notify('workspace/didChangeConfiguration', { settings: { polc: { diagnostics: true } } });
  assert.equal(codes((await loud).diagnostics), ['POL3002']);
  await quiet.end();
  const asked = await clientInProcess({
    capabilities: { workspace: { configuration: true } },
    answers: { 'workspace/configuration': () => [{ diagnostics: false }] },
  });
  asked.open(path, wrong);
  const silent = await asked.next<PublishDiagnosticsParams>(
    'textDocument/publishDiagnostics',
    ({ diagnostics }) => diagnostics.length === 0,
  );
  assert.is(silent.version, 1);
  await asked.end();
});

test('an exception in one compilation is a finding there, and disturbs nothing else', () =>
  withFolder(async (folder) => {
    const client = await clientInProcess({
      folders: [folder],
      world: (world) => ({
        ...world,
        host: {
          ...world.host,
          read(path) {
            if (path.endsWith('trap.yaml')) throw new Error('the disk is on fire');
            return world.host.read(path);
          },
        },
      }),
    });
    const bad = join(folder, 'bad.yaml');
    const good = join(folder, 'good.yaml');
    client.open(bad, `${sound}extends: trap.yaml\n`);
    client.open(good, wrong);
    assert.equal(codes(await client.diagnostics(bad)), ['POL9000']);
    assert.equal(codes(await client.diagnostics(good)), ['POL3002']);
    client.change(bad, sound);
    assert.equal(await client.diagnostics(bad), []);
    assert.is(await client.end(), 0);
  }));

test('the policies of the workspace that are not open are reported to who asks', () =>
  withFolder(async (folder) => {
    const web = join(folder, 'web.yaml');
    writeFileSync(web, wrong);
    writeFileSync(join(folder, 'compose.yaml'), 'services: [\n');
    const client = await clientInProcess({ folders: [folder], capabilities: pulling });
    const ask = (previousResultIds: readonly unknown[]) =>
      client.request<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds });
    const first = await ask([]);
    assert.is(first.items.length, 1);
    const report = first.items[0];
    assert.ok(report?.kind === 'full' && report.uri === uri(web));
    assert.equal(codes(report.items), ['POL3002']);
    const again = await ask([{ uri: uri(web), value: report.resultId }]);
    assert.is(again.items[0]?.kind, 'unchanged');
    await client.end();
  }));

test('what has not changed is not compiled again for a client that asks for the whole workspace, however large that is', () =>
  withFolder(async (folder) => {
    const base = join(folder, 'base.yaml');
    writeFileSync(base, sound);
    for (let count = 0; count < 300; count += 1) {
      writeFileSync(join(folder, `${count}.yaml`), `profile: web-${count}\nextends: base.yaml\n`);
    }
    let compilations = 0;
    const client = await clientInProcess({
      folders: [folder],
      capabilities: pulling,
      world: (world) => ({
        ...world,
        // Asked for once in each.
        today() {
          compilations += 1;
          return world.today();
        },
      }),
    });
    const ask = (previousResultIds: readonly unknown[]) =>
      client.request<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds });
    const first = await ask([]);
    assert.is(first.items.length, 301);
    const known = first.items.map((report) => ({ uri: report.uri, value: report.resultId }));
    assert.is(compilations, 301);
    const second = await ask(known);
    assert.ok(second.items.every(({ kind }) => kind === 'unchanged'));
    assert.is(compilations, 301);
    writeFileSync(base, wrong);
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(base), type: 2 }] });
    const third = await ask(known);
    assert.equal(
      third.items.filter(({ kind }) => kind !== 'full'),
      [],
    );
    await client.end();
  }));

test('reading a large workspace shows how far it is, and lets edits through', () =>
  withFolder(async (folder) => {
    for (let index = 0; index < 300; index += 1) writeFileSync(join(folder, `web-${index}.yaml`), sound);
    const client = await clientInProcess({ folders: [folder], capabilities: { window: { workDoneProgress: true } } });
    const path = join(folder, 'web-7.yaml');
    client.open(path, wrong);
    assert.equal(codes(await client.diagnostics(path)), ['POL3002']);
    const kinds = () =>
      client.received
        .filter(({ method }) => method === '$/progress')
        .map(({ params }) => (params as { readonly value: { readonly kind: string } }).value.kind);
    if (!kinds().includes('end')) {
      await client.next<{ readonly value: { readonly kind: string } }>(
        '$/progress',
        ({ value }) => value.kind === 'end',
      );
    }
    assert.is(kinds()[0], 'begin');
    await client.end();
  }));

test('a request that was cancelled is answered as such, and the next one as usual', async () => {
  const client = await clientInProcess({ capabilities: pulling });
  const path = '/nowhere/web.yaml';
  client.open(path, wrong);
  // jsonrpc counts requests from 0; initialize was the first.
  const asked = pull(client, path).then(
    () => 'answered',
    (error: { readonly code: number }) => error.code,
  );
  client.notify('$/cancelRequest', { id: 1 });
  const answer = await asked;
  assert.ok(answer === -32800 || answer === 'answered', String(answer));
  const after = await pull(client, path);
  assert.ok(after.kind === 'full');
  assert.equal(codes(after.items), ['POL3002']);
  await client.end();
});

test('a request that is cancelled while it is answered keeps nobody waiting', async () => {
  const client = await clientInProcess();
  const path = '/nowhere/web.yaml';
  client.open(path, sound);
  await client.diagnostics(path);
  for (let round = 0; round < 4; round += 1) {
    client.change(path, `${sound}# ${round}\n`);
    const cancelled = client.cancelledSoon('textDocument/hover', {
      textDocument: { uri: uri(path) },
      position: { line: 3, character: 4 },
    });
    await cancelled;
  }
  client.change(path, wrong);
  assert.equal(codes(await client.diagnostics(path)), ['POL3002']);
  await client.end();
});

test('a client without any capability gets no request from the server', async () => {
  const client = await clientInProcess();
  client.open('/nowhere/web.yaml', wrong);
  const [found] = await client.diagnostics('/nowhere/web.yaml');
  assert.is(found?.relatedInformation, undefined);
  assert.is(found?.codeDescription, undefined);
  assert.not(client.initialized.capabilities.diagnosticProvider);
  assert.not(client.initialized.capabilities.codeActionProvider);
  assert.equal([...new Set(client.received.map(({ method }) => method))], ['textDocument/publishDiagnostics']);
  await client.end();
});

test('related places are sent to who can show them', async () => {
  const path = '/nowhere/web.yaml';
  const capabilities = {
    textDocument: { publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [] } } },
  };
  const client = await clientInProcess({ capabilities: { ...literals, ...capabilities } });
  const rules =
    '    rules:\n      - { syscalls: [read], action: allow }\n      - { syscalls: [read], action: errno(EPERM) }\n';
  client.open(path, sound.replace('    allow:', `${rules}    allow:`));
  const found = await client.diagnostics(path);
  const shadowed = found.find(({ code }) => code === 'POL5003');
  assert.ok((shadowed?.relatedInformation?.length ?? 0) > 0, JSON.stringify(found));
  assert.equal(shadowed?.tags, [1]);
  await client.end();
});

run();
