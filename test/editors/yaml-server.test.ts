import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import type { CompletionList, Hover, PublishDiagnosticsParams } from 'vscode-languageserver';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('yaml-server');
const root = resolve(process.env.POLC_ROOT ?? '.');
const server = join(root, 'vscode-extension/node_modules/yaml-language-server/bin/yaml-language-server');

const policy = `# yaml-language-server: $schema=.polc/sandbox.schema.json
profile: web
mode: sandbx
security:
  level: medium
`;

const name = 'a YAML server with our JSON Schema checks, completes and explains a policy that names it';
if (!existsSync(server)) skip(name, 'yaml-language-server is not installed: node scripts/setup-editors.js');
else {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polc-editor-'));
    const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise((done) => child.on('close', done));
    try {
      mkdirSync(join(folder, '.polc'));
      await withProject((project) => {
        const printed = project.polc(['schema', 'sandbox']);
        writeFileSync(join(folder, '.polc/sandbox.schema.json'), printed.stdout);
      });
      const uri = pathToFileURL(join(folder, 'web.yaml')).href;
      const connection = createMessageConnection(
        new StreamMessageReader(child.stdout),
        new StreamMessageWriter(child.stdin),
      );
      const found = new Promise<PublishDiagnosticsParams>((done) => {
        connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
          if (params.diagnostics.length > 0) done(params);
        });
      });
      connection.onRequest(() => null);
      connection.listen();
      const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: 'policies' }];
      await connection.sendRequest('initialize', {
        processId: null,
        rootUri: workspaceFolders[0]?.uri,
        capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
        workspaceFolders,
      });
      void connection.sendNotification('initialized', {});
      const settings = { yaml: { validate: true, completion: true, hover: true, schemaStore: { enable: false } } };
      void connection.sendNotification('workspace/didChangeConfiguration', { settings });
      const textDocument = { uri, languageId: 'yaml', version: 1, text: policy };
      void connection.sendNotification('textDocument/didOpen', { textDocument });
      const { diagnostics } = await found;
      assert.equal(
        diagnostics.map(({ range }) => range.start.line),
        [2],
        JSON.stringify(diagnostics),
      );
      const at = (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } });
      const offered = await connection.sendRequest<CompletionList>('textDocument/completion', at(2, 6));
      assert.ok(offered.items.some(({ label }) => label === 'sandbox'));
      const hover = await connection.sendRequest<Hover>('textDocument/hover', at(1, 1));
      assert.match(JSON.stringify(hover.contents), /name of the policy/i, JSON.stringify(hover));
      connection.dispose();
    } finally {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

run();
