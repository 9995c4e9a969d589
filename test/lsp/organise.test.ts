import * as assert from 'uvu/assert';
import type { CodeAction } from 'vscode-languageserver';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { openDocument } from '../../compiler/editor/document.ts';
import { offsetOf } from '../../lsp/positions.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-organise');

const capabilities = {
  textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } },
};

async function organised(path: string, text: string): Promise<string> {
  const client = await clientInProcess({ capabilities });
  client.open(path, text);
  const actions = await client.request<readonly CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri: uri(path) },
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    context: { diagnostics: [], only: ['source.organise'] },
  });
  await client.end();
  const { source } = openDocument(path, text, 1);
  const edits = actions.flatMap(({ edit }) => edit?.changes?.[uri(path)] ?? []);
  return applyEdits(
    text,
    edits.map(({ range, newText }) => ({
      span: { file: path, start: offsetOf(source, range.start), end: offsetOf(source, range.end) },
      newText,
    })),
  );
}

for (const { fixture, marked } of lspCases('organise')) {
  test(fixture.name, async () => {
    const path = `/nowhere/${fixture.name}.yaml`;
    const once = await organised(path, marked.text);
    fixture.expectReviewed('sorted.txt', once);
    assert.is(await organised(path, once), once, 'a second time changes nothing');
  });
}

run();
