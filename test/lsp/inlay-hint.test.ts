import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { InlayHint } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-inlay');

async function ask(client: LspClient, path: string, text: string, from = 0, to = text.length): Promise<InlayHint[]> {
  const range = { start: positionIn(text, from), end: positionIn(text, to) };
  return (
    (await client.request<InlayHint[] | null>('textDocument/inlayHint', { textDocument: { uri: uri(path) }, range })) ??
    []
  );
}

/** The text with each hint where it stands. */
function shown(text: string, hints: readonly InlayHint[]): string {
  const lines = text.split('\n');
  const sorted = [...hints].sort(
    (left, right) => right.position.line - left.position.line || right.position.character - left.position.character,
  );
  for (const { position, label, paddingLeft } of sorted) {
    const line = lines[position.line]!;
    const mark = `${paddingLeft === true ? ' ' : ''}«${String(label)}»`;
    lines[position.line] = line.slice(0, position.character) + mark + line.slice(position.character);
  }
  return lines.join('\n');
}

for (const { fixture, path, marked, others } of lspCases('inlay')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      for (const [name, text] of others) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const file = join(folder, path.slice(path.lastIndexOf('/') + 1));
      const client = await clientInProcess({ folders: [folder] });
      client.open(file, marked.text);
      fixture.expectReviewed('shown.txt', shown(marked.text, await ask(client, file, marked.text)));
      await client.end();
    }),
  );
}

test('only the lines that are asked about have hints', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'web.yaml');
    const text = 'profile: web\nmode: sandbox\nresources:\n  memory: 512MB\n  tmpfs: 1GB\n  timeout: 300s\n';
    const client = await clientInProcess({ folders: [folder] });
    client.open(file, text);
    const hints = await ask(client, file, text, text.indexOf('  tmpfs'), text.indexOf('  timeout'));
    assert.equal(
      hints.map(({ position: { line } }) => line),
      [4],
    );
    await client.end();
  }));

run();
