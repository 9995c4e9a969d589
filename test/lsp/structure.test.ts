import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type {
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  SelectionRange,
  SymbolInformation,
  WorkspaceSymbol,
} from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-structure');

const capabilities = { textDocument: { documentSymbol: { hierarchicalDocumentSymbolSupport: true } } };
const kinds =
  'File Module Namespace Package Class Method Property Field Constructor Enum Interface Function Variable Constant String Number Boolean Array Object Key Null EnumMember Struct'.split(
    ' ',
  );

function outline({ name, detail, kind, range, selectionRange, children = [] }: DocumentSymbol, indent: string): string {
  const place = `${range.start.line + 1}:${range.start.character + 1}-${range.end.line + 1}:${range.end.character + 1}`;
  const chosen = `${selectionRange.start.line + 1}:${selectionRange.start.character + 1}-${selectionRange.end.character + 1}`;
  const own = `${indent}${name}${detail === undefined ? '' : ` · ${detail}`} (${kinds[kind - 1]} ${place}, ${chosen})`;
  return [own, ...children.map((each) => outline(each, `${indent}  `))].join('\n');
}

/** Lines with a mark where a fold begins and ends. */
function folded(text: string, folds: readonly FoldingRange[]): string {
  return text
    .split('\n')
    .map((line, index) => {
      const open = folds.find(({ startLine }) => startLine === index);
      const closes = folds.filter(({ endLine }) => endLine === index).length;
      const sign = open === undefined ? ' ' : open.kind === 'comment' ? '#' : '▾';
      return `${sign}${'╵'.repeat(closes).padEnd(4)}${line.replace('\r', '')}`.trimEnd();
    })
    .join('\n');
}

function grown(text: string, selection: SelectionRange): string {
  const lines: string[] = [];
  for (let each: SelectionRange | undefined = selection; each !== undefined; each = each.parent) {
    const starts = text.split('\n');
    const offset = ({ line, character }: { line: number; character: number }) =>
      starts.slice(0, line).reduce((sum, before) => sum + before.length + 1, 0) + character;
    const part = text.slice(offset(each.range.start), offset(each.range.end));
    lines.push(`  ${JSON.stringify(part.length > 70 ? `${part.slice(0, 40)}…${part.slice(-25)}` : part)}`);
  }
  return lines.join('\n');
}

for (const { fixture, path, marked, others } of lspCases('structure')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      for (const [each, text] of others) {
        mkdirSync(dirname(join(folder, each)), { recursive: true });
        writeFileSync(join(folder, each), text);
      }
      const file = join(folder, path.slice(path.lastIndexOf('/') + 1));
      const { text } = marked;
      const client = await clientInProcess({
        folders: [folder],
        capabilities,
        initializationOptions: { reference: 'https://polc.example/diagnostics' },
      });
      client.open(file, text);
      const textDocument = { uri: uri(file) };
      const symbols = await client.request<readonly DocumentSymbol[]>('textDocument/documentSymbol', { textDocument });
      const folds = await client.request<readonly FoldingRange[]>('textDocument/foldingRange', { textDocument });
      const links = await client.request<readonly DocumentLink[]>('textDocument/documentLink', { textDocument });
      const selections = await client.request<readonly SelectionRange[]>('textDocument/selectionRange', {
        textDocument,
        positions: marked.carets.map((caret) => positionIn(text, caret)),
      });
      fixture.expectReviewed(
        'shown.txt',
        [
          '=== outline',
          ...symbols.map((each) => outline(each, '')),
          '=== folds',
          folded(text, folds),
          '=== links',
          ...links.map(({ range: { start, end }, target }) => {
            const written = text.split('\n')[start.line]!.slice(start.character, end.character);
            return `${start.line + 1}:${start.character + 1} ${written} → ${String(target).replace(uri(folder), '')}`;
          }),
          '=== selections',
          ...selections.map((each) => `${grown(text, each)}\n`),
        ].join('\n'),
      );
      await client.end();
    }),
  );
}

test('symbols of the workspace: what begins with the query, what holds it, what holds its letters', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'web.yaml'), 'profile: front-web\nmode: sandbox\nresources: { memory: 1GiB }\n');
    writeFileSync(join(folder, 'tiers.yaml'), 'platform: web\ntiers:\n  wide-berth: {}\n  free: {}\n');
    writeFileSync(join(folder, 'other.yaml'), 'version: 3\nservices: { web: {} }\n');
    const client = await clientInProcess({ folders: [folder] });
    const names = async (query: string) =>
      (await client.request<readonly WorkspaceSymbol[]>('workspace/symbol', { query })).map(
        ({ name, containerName, location }) =>
          `${name} in ${containerName} ${JSON.stringify(location).includes(folder)}`,
      );
    assert.equal(await names('web'), [
      'web in tiers.yaml true',
      'front-web in web.yaml true',
      'wide-berth in tiers.yaml true',
    ]);
    assert.equal(await names('xyz'), []);
    assert.is((await names('')).length, 4);
    await client.end();
  }));

test('a client that knows no hierarchy gets a list', async () => {
  const client = await clientInProcess();
  client.open('/nowhere/web.yaml', 'profile: web\nresources:\n  memory: 1GiB\n');
  const found = await client.request<readonly SymbolInformation[]>('textDocument/documentSymbol', {
    textDocument: { uri: uri('/nowhere/web.yaml') },
  });
  assert.equal(
    found.map(({ name, containerName = '' }) => `${containerName} ${name}`.trim()),
    ['profile', 'resources', 'resources memory'],
  );
  await client.end();
});

run();
