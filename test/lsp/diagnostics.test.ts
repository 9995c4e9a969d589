import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CodeAction, Diagnostic, TextEdit } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases, markRanges } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-diagnostics');

const capabilities = {
  textDocument: {
    publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [] } },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } }, isPreferredSupport: true },
  },
};

const severities = ['', 'error', 'warning', 'information', 'hint'];

/** A finding as reviewers read it, with the corrections that are offered there. */
function shown({ code, severity, message, relatedInformation, tags }: Diagnostic, fixes: readonly string[]): string {
  return [
    `${severities[severity ?? 0]} ${code}${tags === undefined ? '' : ' faded'}: ${String(message).replaceAll('\n', '\n  ')}`,
    ...(relatedInformation ?? []).map(({ location, message: label }) => {
      const { line, character } = location.range.start;
      return `  at ${location.uri.slice(location.uri.lastIndexOf('/') + 1)}:${line + 1}:${character + 1}: ${label}`;
    }),
    ...fixes.map((fix) => `  fix: ${fix}`),
    '',
  ].join('\n');
}

function editText({ edit, title, isPreferred }: CodeAction): string {
  const edits: readonly TextEdit[] = Object.values(edit?.changes ?? {}).flat();
  const texts = edits.map(({ newText }) => JSON.stringify(newText)).join(', ');
  return `${title}${isPreferred === true ? '' : ' (perhaps)'} → ${texts}`;
}

for (const { fixture, path, marked, others } of lspCases('diagnostics')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      for (const [name, text] of others) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const file = join(folder, path.slice(path.lastIndexOf('/') + 1));
      const client = await clientInProcess({ folders: [folder], capabilities });
      client.open(file, marked.text);
      const found = await client.diagnostics(file);
      const lines: string[] = [];
      for (const diagnostic of found) {
        const actions = await client.request<readonly CodeAction[]>('textDocument/codeAction', {
          textDocument: { uri: uri(file) },
          range: diagnostic.range,
          context: { diagnostics: [diagnostic], only: ['quickfix'] },
        });
        const own = actions.filter(({ diagnostics }) => diagnostics?.[0]?.code === diagnostic.code);
        lines.push(shown(diagnostic, own.map(editText)).replaceAll(`${folder}/`, ''));
      }
      const text = markRanges(
        marked.text,
        found.map(({ range }) => range),
      );
      fixture.expectReviewed('shown.txt', `${text}\n${lines.join('\n')}`);
      await client.end();
    }),
  );
}

run();
