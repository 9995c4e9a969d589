import * as assert from 'uvu/assert';
import type {
  ClientCapabilities,
  Diagnostic,
  FileChangeType,
  LocationLink,
  PublishDiagnosticsParams,
  WorkspaceEdit,
} from 'vscode-languageserver';
import type { FilesListed, FilesRead, ListFilesParameters, ReadFilesParameters, Status } from '../../lsp/requests.ts';
import { pathOf, uriOf } from '../../lsp/uris.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-client-files');

const folder = 'vscode-vfs://github%2B7b22/polc/our%20policies';
const base = `profile: base
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
`;
const web = `${base.replace('profile: base', 'profile: web')}extends: our base.yaml\n`;

const capabilities: ClientCapabilities = {
  workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, workspaceFolders: true },
  textDocument: { definition: { linkSupport: true } },
  experimental: { polcFiles: true },
};

interface FileSystem {
  readonly client: LspClient;
  /** Which files were read, by name. */
  readonly read: string[];
  /** How many files were asked for in each request. */
  readonly batches: number[];
  open(name: string, text: string): void;
  /** Writes a file, or removes it, and says so as an editor does. */
  write(name: string, text: string | undefined, type: FileChangeType): void;
  uri(name: string): string;
  /** The codes that are published next for a file. */
  published(name: string): Promise<readonly unknown[]>;
}

/** A client on a file system that only it knows. */
async function fileSystem(files: Record<string, string>): Promise<FileSystem> {
  const uri = (name: string) => `${folder}/${name.split('/').map(encodeURIComponent).join('/')}`;
  const texts = new Map(Object.entries(files).map(([name, text]) => [uri(name), text]));
  const read: string[] = [];
  const batches: number[] = [];
  const later = <Answer>(answer: Answer) => new Promise<Answer>((done) => setTimeout(done, 5, answer));
  const client = await clientInProcess({
    capabilities,
    answers: {
      'polc/readFiles': (params) => {
        const { uris } = params as ReadFilesParameters;
        batches.push(uris.length);
        read.push(...uris.map((each) => decodeURIComponent(each.slice(folder.length + 1))));
        const contents = uris.map((each) => texts.get(each) ?? null);
        return later<FilesRead>({ contents: contents.map((text) => (text === null ? null : btoa(text))) });
      },
      'polc/listFiles': (params) => {
        assert.is((params as ListFilesParameters).uri, folder);
        return later<FilesListed>({ uris: [...texts.keys()].filter((each) => each.endsWith('.yaml')) });
      },
    },
  });
  client.notify('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: folder, name: 'policies' }], removed: [] },
  });
  return {
    client,
    read,
    batches,
    uri,
    open(name, text) {
      client.notify('textDocument/didOpen', {
        textDocument: { uri: uri(name), languageId: 'polc', version: 1, text },
      });
    },
    write(name, text, type) {
      if (text === undefined) texts.delete(uri(name));
      else texts.set(uri(name), text);
      client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(name), type }] });
    },
    async published(name) {
      const method = 'textDocument/publishDiagnostics';
      const { diagnostics } = await client.next<PublishDiagnosticsParams>(method, (params) => params.uri === uri(name));
      return diagnostics.map(({ code }: Diagnostic) => code);
    },
  };
}

test('what a policy extends is read from a file system that only the client knows, and no finding comes before it', async () => {
  const { client, open, uri } = await fileSystem({ 'our base.yaml': base });
  const published = client.next('textDocument/publishDiagnostics');
  open('web.yaml', web);
  const status = await client.request<Status>('polc/status', { textDocument: { uri: uri('web.yaml') } });
  assert.is(status.dialect, 'sandbox');
  await published;
  const pushed = client.received.filter(({ method }) => method === 'textDocument/publishDiagnostics');
  assert.equal(
    pushed.map(({ params }) => (params as PublishDiagnosticsParams).diagnostics),
    [[]],
  );
  await client.end();
});

test('a file that is not there is missed, and found once it has been made; each is asked for once', async () => {
  const { client, open, published, write, read } = await fileSystem({ 'other.yaml': 'steps: []\n' });
  const first = published('web.yaml');
  open('web.yaml', web);
  assert.equal(await first, ['POL3020']);
  const second = published('web.yaml');
  write('our base.yaml', base, 1);
  assert.equal(await second, []);
  const third = published('web.yaml');
  write('our base.yaml', base.replace('sandbox', 'sandbx'), 2);
  assert.is((await third).length, 1);
  const fourth = published('web.yaml');
  write('our base.yaml', undefined, 3);
  assert.equal(await fourth, ['POL3020']);
  assert.is(read.filter((name) => name === 'our base.yaml').length, 3, read.join('\n'));
  assert.is(read.filter((name) => name === 'polc.config.yaml').length, 1, read.join('\n'));
  await client.end();
});

test('the configuration counts from the start, and no more when it is gone', async () => {
  const { client, open, published, write, uri } = await fileSystem({
    'our base.yaml': base,
    'polc.config.yaml': 'target: { kernel: 6.1 }\n',
  });
  const kernel = async () => {
    const textDocument = { uri: uri('web.yaml') };
    return (await client.request<Status>('polc/status', { textDocument })).target.kernel;
  };
  open('web.yaml', web);
  assert.is(await kernel(), '6.1');
  const again = published('web.yaml');
  write('polc.config.yaml', undefined, 3);
  await again;
  assert.is.not(await kernel(), '6.1');
  await client.end();
});

test('definitions and names are found in every file of the folder, also in those of which there are many', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`deep/${index}.yaml`, base.replace('base', `base-${index}`)]),
  );
  const template = 'slug: python-ml\nname: Python\nbase: ubuntu-24.04-server-lts\n';
  const school = 'institution:\n  name: State University\n  allowed_templates: [python-ml]\n';
  const { client, open, uri, read, batches } = await fileSystem({ ...many, 'python-ml.yaml': template });
  open('class.yaml', school);
  const at = { textDocument: { uri: uri('class.yaml') }, position: { line: 2, character: 24 } };
  const found = await client.request<readonly LocationLink[]>('textDocument/definition', at);
  assert.equal(
    found.map(({ targetUri }) => targetUri),
    [uri('python-ml.yaml')],
  );
  const edit = await client.request<WorkspaceEdit>('textDocument/rename', { ...at, newName: 'python-next' });
  assert.equal(Object.keys(edit.changes ?? {}).sort(), [uri('class.yaml'), uri('python-ml.yaml')].sort());
  assert.is(new Set(read).size, read.length, 'nothing is read twice');
  assert.ok(Math.max(...batches) > 10, 'many are asked for together');
  await client.end();
});

test('the preview compares with what was saved, also right after it was saved', async () => {
  const { client, open, uri, write } = await fileSystem({ 'web.yaml': base });
  open('web.yaml', base.replace('EPERM', 'EACCES'));
  const textDocument = { uri: uri('web.yaml') };
  interface Answer {
    readonly content: { readonly text: string };
    readonly savedText?: string;
  }
  const preview = () => client.request<Answer>('polc/preview', { textDocument, tab: 'seccomp', saved: true });
  const before = await preview();
  assert.type(before.savedText, 'string');
  assert.is.not(before.savedText, before.content.text);
  write('web.yaml', base.replace('EPERM', 'EACCES'), 2);
  client.notify('textDocument/didSave', { textDocument });
  const after = await preview();
  assert.is(after.savedText, after.content.text);
  await client.end();
});

test('a client that never answers is not waited for, and the finding says so; its answer counts when it comes', async () => {
  const uri = (name: string) => `${folder}/${encodeURIComponent(name)}`;
  let answer: (files: FilesRead) => void = () => {};
  const client = await clientInProcess({
    capabilities,
    world: (world) => ({ ...world, patience: 20 }),
    answers: {
      'polc/listFiles': () => new Promise(() => {}),
      'polc/readFiles': (params) => {
        const { uris } = params as ReadFilesParameters;
        if (!uris.includes(uri('our base.yaml'))) return { contents: uris.map(() => null) };
        return new Promise<FilesRead>((resolve) => {
          answer = () => resolve({ contents: uris.map((each) => (each === uri('our base.yaml') ? btoa(base) : null)) });
        });
      },
    },
  });
  client.notify('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: folder, name: 'policies' }], removed: [] },
  });
  const published = () => client.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics');
  const first = published();
  client.notify('textDocument/didOpen', {
    textDocument: { uri: uri('web.yaml'), languageId: 'polc', version: 1, text: web },
  });
  const { diagnostics } = await first;
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['POL3023'],
  );
  assert.match(String(diagnostics[0]?.message), /^`our base\.yaml` has not been read: the editor .* 1 second/);
  // Nor does what needs every file of the folder.
  await client.request('workspace/symbol', { query: 'web' });
  const second = published();
  answer({ contents: [] });
  assert.equal((await second).diagnostics, []);
  await client.end();
});

test('what lies outside the folders is asked for again when a document is opened', async () => {
  const outside = 'vscode-vfs://github%2B7b22/other';
  const web = `${outside}/web.yaml`;
  let config = 'severities: { POL6004: error }\n';
  const client = await clientInProcess({
    capabilities,
    answers: {
      'polc/listFiles': () => ({ uris: [] }),
      'polc/readFiles': (params) => {
        const { uris } = params as ReadFilesParameters;
        return { contents: uris.map((each) => (each === `${outside}/polc.config.yaml` ? btoa(config) : null)) };
      },
    },
  });
  client.notify('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: folder, name: 'policies' }], removed: [] },
  });
  const published = (severity: number) =>
    client.next<PublishDiagnosticsParams>(
      'textDocument/publishDiagnostics',
      (params) => params.uri === web && params.diagnostics.some((each) => each.severity === severity),
    );
  const open = (uri: string) =>
    client.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'polc', version: 1, text: `${base}resources: { disk: 1GiB }\n` },
    });
  const first = published(1);
  open(web);
  await first;
  const second = published(4);
  config = 'severities: { POL6004: hint }\n';
  open(`${folder}/another.yaml`);
  await second;
  await client.end();
});

test('of URIs of any scheme only what is encoded is decoded, and it is encoded again as it was', () => {
  const paths: Readonly<Record<string, string>> = {
    'vscode-vfs://github%2B7b22/a%20b/%C3%A4.yaml': 'vscode-vfs://github%2B7b22/a b/ä.yaml',
    'memfs:/a/b.yaml': 'memfs:/a/b.yaml',
    'untitled:Untitled-1': 'untitled:Untitled-1',
    'git:/a%20b.yaml?%7B%22ref%22%3A%22HEAD%22%7D': 'git:/a%20b.yaml?%7B%22ref%22%3A%22HEAD%22%7D',
    'memfs:/a%3Fb%23c%25.yaml': 'memfs:/a%3Fb%23c%25.yaml',
    'memfs:/a(b).yaml': 'memfs:/a(b).yaml',
    'vscode-remote://localhost:8080/c%3A/a.yaml': 'vscode-remote://localhost:8080/c:/a.yaml',
  };
  for (const [uri, path] of Object.entries(paths)) {
    assert.is(pathOf(uri), path);
    if (uri !== 'memfs:/a(b).yaml') assert.is(uriOf(path), uri);
  }
});

run();
