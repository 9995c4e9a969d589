import * as assert from 'uvu/assert';
import type { CompletionList, Diagnostic, Hover, TextEdit } from 'vscode-languageserver';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-hook-programs');
const path = '/nowhere/files.bpf';
const text = 'hook file_open\n  deny when flgas == 1\n  deny when uid==1\n';

test('an open hook program has findings, offers, explanations and a layout', async () => {
  const client = await clientInProcess();
  client.open(path, text);
  const textDocument = { uri: uri(path) };
  const report = await client.request<{ readonly items: readonly Diagnostic[] }>('textDocument/diagnostic', {
    textDocument,
  });
  assert.equal(
    report.items.map(({ code, range }) => `${code} ${range.start.line}:${range.start.character}`),
    ['POL3160 1:12'],
  );
  const list = await client.request<CompletionList>('textDocument/completion', {
    textDocument,
    position: { line: 1, character: 12 },
  });
  assert.ok(list.items.some(({ label }) => label === 'flags'));
  const hover = await client.request<Hover | null>('textDocument/hover', {
    textDocument,
    position: { line: 0, character: 7 },
  });
  assert.match(JSON.stringify(hover?.contents), /file_open/);
  const edits = await client.request<readonly TextEdit[]>('textDocument/formatting', {
    textDocument,
    options: { tabSize: 8, insertSpaces: false },
  });
  assert.ok(edits.length > 0 && edits.every(({ range }) => range.start.line === 2));
});

run();
