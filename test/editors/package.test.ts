import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { unzipSync } from 'fflate';
import * as assert from 'uvu/assert';
import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import { createMessageConnection, type DataCallback, type Message } from 'vscode-languageserver/node';
import type { FilesRead, ReadFilesParameters } from '../../lsp/requests.ts';
import { serverScript } from '../../vscode-extension/web/server-script.ts';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { suite } from '../support/harness.ts';
import { missingForPackage, packagedExtension } from '../support/vscode-web.ts';

const { test, skip, run } = suite('package');

/** What a worker of a browser has that the server may use; there is no process, no require and no Buffer. */
const ofWorkers = {
  TextDecoder,
  TextEncoder,
  atob,
  btoa,
  clearTimeout,
  console,
  performance,
  queueMicrotask,
  setTimeout,
};

interface Worker {
  readonly MessageChannel: typeof MessageChannel;
  self?: unknown;
  onmessage: (event: { readonly ports: readonly unknown[] }) => void;
  close: () => void;
}

function packaged(): Readonly<Record<string, Uint8Array>> {
  const files = unzipSync(readFileSync(packagedExtension()));
  return Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path.replace(/^extension\/|-?\/cli-[0-9a-f]+/g, ''), bytes]),
  );
}

const missing = missingForPackage();
if (missing !== undefined) skip('the package', missing);
else {
  const files = packaged();

  test('the package is small, and holds an entry for Node and one for browsers', () => {
    const { main, browser } = JSON.parse(new TextDecoder().decode(files['package.json'])) as Record<string, string>;
    assert.ok(files[main!.slice('./'.length)] !== undefined);
    assert.ok(files[browser!.slice('./'.length)] !== undefined);
    assert.ok(readFileSync(packagedExtension()).length <= 2_000_000);
  });

  test('what runs in a browser asks for VS Code and for nothing of Node', () => {
    for (const path of ['web/extension.js', 'server/build/shared.cjs']) {
      const text = new TextDecoder().decode(files[path]);
      assert.ok(text.length > 100_000, path);
      const asked = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
      // lodash asks a Node that is none of a worker's, where there is one.
      const others = [...new Set(asked)].filter((name) => name !== 'vscode' && name !== 'util');
      assert.equal(others, [], path);
      assert.not.match(text, /["'`]node:[a-z]/);
      assert.not.match(text, /\bprocess\.(?:env|argv|platform|cwd|nextTick|hrtime|stdin|stdout|exit|versions?)\b/);
    }
  });

  test('the server runs where there are no process, no require and no files, over what the client reads for it', async () => {
    let close = () => {};
    const closed = new Promise<void>((done) => {
      close = done;
    });
    const channels: MessageChannel[] = [];
    class Channel extends MessageChannel {
      constructor() {
        super();
        channels.push(this);
      }
    }
    const worker: Worker = { ...ofWorkers, MessageChannel: Channel, close, onmessage() {} };
    worker.self = worker;
    const context = createContext(worker);
    const script = await serverScript(new Uint8Array(files['server/build/shared.cjs']!)).text();
    new Script(script).runInContext(context);
    const { port1, port2 } = new Channel();
    worker.onmessage({ ports: [port2] });
    // Whatever does not come, the test ends.
    const end = () => {
      for (const { port1: its } of channels) its.close();
    };
    const patience = setTimeout(end, 60_000);
    const connection = connectionOf(port1);
    const folder = 'vscode-vfs://github/polc/policies';
    let heard = () => {};
    const isRead = new Promise<void>((done) => {
      heard = done;
    });
    connection.onRequest('polc/readFiles', ({ uris }: ReadFilesParameters): FilesRead => {
      if (uris.includes(`${folder}/base.yaml`)) heard();
      return {
        contents: uris.map((uri) => {
          const text = scenarioFiles[uri.slice(folder.length + 1)];
          return text === undefined ? null : Buffer.from(text).toString('base64');
        }),
      };
    });
    connection.onRequest('polc/listFiles', () => ({
      uris: Object.keys(scenarioFiles).map((name) => `${folder}/${name}`),
    }));
    connection.onRequest(() => null);
    const published = new Promise<PublishDiagnosticsParams>((done) => {
      connection.onNotification('textDocument/publishDiagnostics', done);
    });
    connection.listen();
    try {
      const initialized = await connection.sendRequest<{ serverInfo: { name: string } }>('initialize', {
        processId: null,
        rootUri: null,
        capabilities: {
          experimental: { polcFiles: true },
          workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
        },
        workspaceFolders: [{ uri: folder, name: 'policies' }],
      });
      assert.is(initialized.serverInfo.name, 'polc');
      void connection.sendNotification('initialized', {});
      const textDocument = { uri: `${folder}/web.yaml` };
      void connection.sendNotification('textDocument/didOpen', {
        textDocument: { ...textDocument, languageId: 'polc', version: 1, text: scenarioFiles['web.yaml'] },
      });
      assert.equal(
        (await published).diagnostics.map(({ code }) => code),
        ['POL3001'],
      );
      const corrected = scenarioFiles['web.yaml']!.replace('sandbx', 'sandbox');
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { ...textDocument, version: 2 },
        contentChanges: [{ text: corrected }],
      });
      const preview = await connection.sendRequest<{ tabs: readonly unknown[] }>('polc/preview', { textDocument });
      assert.ok(preview.tabs.length > 3);
      await isRead;
      await connection.sendRequest('shutdown');
      void connection.sendNotification('exit');
      await closed;
    } finally {
      clearTimeout(patience);
      connection.dispose();
      end();
    }
  });
}

/** A connection over the end of a channel, as the client in the browser has it. */
function connectionOf(port: MessagePort) {
  const none = () => ({ dispose() {} });
  const reader = {
    onError: none,
    onClose: none,
    onPartialMessage: none,
    listen(callback: DataCallback) {
      port.on('message', (message: Message) => callback(message));
      return none();
    },
    dispose() {},
  };
  const writer = {
    onError: none,
    onClose: none,
    async write(message: Message) {
      port.postMessage(message);
    },
    end() {},
    dispose() {},
  };
  return createMessageConnection(reader, writer);
}

run();
