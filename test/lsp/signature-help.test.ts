import { join } from 'node:path';
import type { SignatureHelp } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-signature');

const capabilities = {
  textDocument: { signatureHelp: { signatureInformation: { parameterInformation: { labelOffsetSupport: true } } } },
};

/** The line with its cursor, and each signature with the current argument in brackets; the active one first marked. */
function shown(text: string, caret: number, help: SignatureHelp | null): string {
  const start = text.lastIndexOf('\n', caret - 1) + 1;
  const end = text.indexOf('\n', caret);
  const line = `${text.slice(start, caret)}|${text.slice(caret, end === -1 ? text.length : end)}`.trim();
  const signatures = (help?.signatures ?? []).map(({ label, parameters = [], documentation }, index) => {
    const current = parameters[help?.activeParameter ?? 0]?.label;
    const [from, to] =
      typeof current === 'string' ? [label.indexOf(current), label.indexOf(current) + current.length] : (current ?? []);
    const marked =
      from === undefined || to === undefined
        ? label
        : `${label.slice(0, from)}⟦${label.slice(from, to)}⟧${label.slice(to)}`;
    const doc = documentation === undefined ? '' : `: ${String(documentation)}`;
    return `  ${index === help?.activeSignature ? '*' : ' '} ${marked}${doc}`;
  });
  return [line, ...(signatures.length === 0 ? ['  nothing'] : signatures), ''].join('\n');
}

for (const { fixture, path, marked } of lspCases('signature')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      const file = join(folder, path.slice(path.lastIndexOf('/') + 1));
      const isPlain = fixture.name.startsWith('plain-client');
      const client = await clientInProcess({ folders: [folder], ...(isPlain ? {} : { capabilities }) });
      client.open(file, marked.text);
      const parts: string[] = [];
      for (const caret of marked.carets) {
        const help = await client.request<SignatureHelp | null>('textDocument/signatureHelp', {
          textDocument: { uri: uri(file) },
          position: positionIn(marked.text, caret),
        });
        parts.push(shown(marked.text, caret, help));
      }
      fixture.expectReviewed('shown.txt', parts.join('\n'));
      await client.end();
    }),
  );
}

run();
