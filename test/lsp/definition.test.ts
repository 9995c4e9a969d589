import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DocumentHighlight, Location, LocationLink } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases, markRanges, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-definition');

/** The places of each file that has some, in its text. */
function shown(title: string, locations: readonly Location[], texts: ReadonlyMap<string, string>): string {
  const files = [...new Set(locations.map((each) => each.uri))].sort();
  const blocks = files.map((file) => {
    const name = [...texts.keys()].find((each) => file.endsWith(`/${each}`)) ?? file;
    const ranges = locations.filter((each) => each.uri === file).map(({ range }) => range);
    return `# in ${name}\n${markRanges(texts.get(name) ?? '', ranges)}`;
  });
  return `=== ${title}\n${blocks.length === 0 ? 'nothing\n' : blocks.join('\n')}`;
}

for (const { fixture, path, marked, others } of lspCases('definition')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const texts = new Map([...others, [name, marked.text]]);
      for (const [each, text] of texts) {
        mkdirSync(dirname(join(folder, each)), { recursive: true });
        writeFileSync(join(folder, each), text);
      }
      const file = join(folder, name);
      const client = await clientInProcess({
        folders: [folder],
        capabilities: { textDocument: { definition: { linkSupport: true } } },
      });
      client.open(file, marked.text);
      const at = { textDocument: { uri: uri(file) }, position: positionIn(marked.text, marked.carets[0]!) };
      const links = await client.request<readonly LocationLink[]>('textDocument/definition', at);
      const references = await client.request<readonly Location[]>('textDocument/references', {
        ...at,
        context: { includeDeclaration: true },
      });
      const highlights = await client.request<readonly DocumentHighlight[]>('textDocument/documentHighlight', at);
      fixture.expectReviewed(
        'shown.txt',
        [
          shown(
            'definition',
            links.map(({ targetUri, targetSelectionRange: range }) => ({ uri: targetUri, range })),
            texts,
          ),
          shown('references', references, texts),
          `=== highlights (${highlights.map(({ kind }) => (kind === 3 ? 'write' : 'read')).join(', ')})`,
          markRanges(
            marked.text,
            highlights.map(({ range }) => range),
          ),
        ].join('\n'),
      );
      await client.end();
    }),
  );
}

run();
