import { Range, WorkspaceEdit, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { withoutLinks } from '../../lsp/plain-text.ts';
import { type Migrated, type MigrateParameters, migrateRequest } from '../../lsp/requests.ts';
import type { Polc } from '../polc.ts';
import { activePolicy, folderOf, openPolicy } from './active-policy.ts';

/** Rewrites the file in the editor to today's versions of Kuadrant's resources. */
export async function migrate(polc: Polc): Promise<void> {
  const editor = await activePolicy();
  if (editor === undefined) return;
  const cwd = folderOf(editor);
  const path = editor.document.uri.fsPath;
  const printed = await polc.run(['migrate', path], cwd === undefined ? {} : { cwd });
  const said = `${printed.output}${printed.errors}`.trim().split('\n');
  const message = withoutLinks(`polc migrate: ${said.at(-1) ?? ''}`);
  if (printed.code === 0) void window.showInformationMessage(message);
  else void window.showWarningMessage(message);
  // Shown as it is on the disk now, wherever the editor was.
  await workspace.openTextDocument(editor.document.uri);
}

/** The same in the editor, where polc cannot be run; saving it is left to whoever looks at it. */
export async function migrateHere(client: BaseLanguageClient): Promise<void> {
  const document = openPolicy()?.document;
  if (document === undefined) return;
  const parameters: MigrateParameters = { textDocument: { uri: document.uri.toString() } };
  const migrated = await client.sendRequest<Migrated | null>(migrateRequest, parameters);
  if (migrated === null) return;
  const { text, changes, left } = migrated;
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(document.positionAt(0), document.positionAt(document.getText().length)), text);
  if (changes > 0) await workspace.applyEdit(edit);
  const message = `polc migrate: ${changes} ${changes === 1 ? 'change' : 'changes'}`;
  if (left.length === 0) void window.showInformationMessage(message);
  else void window.showWarningMessage(withoutLinks(`${message}; what is left needs a decision: ${left[0]}`));
}
