import * as assert from 'uvu/assert';
import type { TextEdit } from 'vscode-languageserver';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { openDocument } from '../../compiler/editor/document.ts';
import { offsetOf } from '../../lsp/positions.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-formatting');

const path = '/nowhere/web.yaml';
const text =
  '# 😀\r\nprofile:   "w😀b"   # name\r\nmode: sandbox\r\nresources:\r\n    memory:  1GiB\r\n\r\n\r\n    cpu: 1';
const options = { tabSize: 8, insertSpaces: false };

function applied(edits: readonly TextEdit[]): string {
  const { source } = openDocument(path, text, 1);
  return applyEdits(
    text,
    edits.map(({ range, newText }) => ({
      span: { file: path, start: offsetOf(source, range.start), end: offsetOf(source, range.end) },
      newText,
    })),
  );
}

test('a document with CRLF, and two of its lines', async () => {
  const client = await clientInProcess();
  client.open(path, text);
  const textDocument = { uri: uri(path) };
  const all = await client.request<readonly TextEdit[]>('textDocument/formatting', { textDocument, options });
  assert.is(
    applied(all),
    '# 😀\r\nprofile: "w😀b"   # name\r\nmode: sandbox\r\nresources:\r\n  memory: 1GiB\r\n\r\n  cpu: 1\r\n',
  );
  const some = await client.request<readonly TextEdit[]>('textDocument/rangeFormatting', {
    textDocument,
    range: { start: { line: 1, character: 3 }, end: { line: 2, character: 0 } },
    options,
  });
  assert.is(applied(some), text.replace('profile:   ', 'profile: '));
  // One line of a map cannot be indented by itself.
  const more = await client.request<readonly TextEdit[]>('textDocument/rangeFormatting', {
    textDocument,
    range: { start: { line: 4, character: 0 }, end: { line: 4, character: 8 } },
    options,
  });
  assert.is(
    applied(more),
    `${text.replace('    memory:  1GiB\r\n\r\n\r\n    cpu', '  memory: 1GiB\r\n\r\n  cpu')}\r\n`,
  );
  await client.end();
});

test('YAML of other tools is left alone, and so is what cannot be read', async () => {
  const client = await clientInProcess();
  client.open('/nowhere/compose.yaml', 'services:\n    web:   {}\n');
  client.open('/nowhere/broken.yaml', 'profile:   web\nmode: sandbox\nsecurity: [\n');
  const ask = (name: string) =>
    client.request('textDocument/formatting', { textDocument: { uri: uri(`/nowhere/${name}`) }, options });
  assert.is(await ask('compose.yaml'), null);
  assert.equal(await ask('broken.yaml'), []);
  await client.end();
});

run();
