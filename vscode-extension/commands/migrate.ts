import { window, workspace } from 'vscode';
import type { Polc } from '../polc.ts';
import { activePolicy, folderOf } from './active-policy.ts';

/** Rewrites the file in the editor to today's versions of Kuadrant's resources. */
export async function migrate(polc: Polc): Promise<void> {
  const editor = await activePolicy();
  if (editor === undefined) return;
  const cwd = folderOf(editor);
  const path = editor.document.uri.fsPath;
  const printed = await polc.run(['migrate', path], cwd === undefined ? {} : { cwd });
  const said = `${printed.output}${printed.errors}`.trim().split('\n');
  const message = `polc migrate: ${said.at(-1) ?? ''}`;
  if (printed.code === 0) void window.showInformationMessage(message);
  else void window.showWarningMessage(message);
  // Shown as it is on the disk now, wherever the editor was.
  await workspace.openTextDocument(editor.document.uri);
}
