import { type TextEditor, window, workspace } from 'vscode';

/** The editor of the active policy, saved, so that polc reads what is seen; undefined with a message where there is none. */
export async function activePolicy(): Promise<TextEditor | undefined> {
  const editor = openPolicy();
  if (editor?.document.isDirty === true) await editor.document.save();
  return editor;
}

/** The same as it is in the editor, for those who are told of every change. */
export function openPolicy(): TextEditor | undefined {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId === 'polc') return editor;
  void window.showInformationMessage('polc: open a policy first.');
  return undefined;
}

/** The folder that polc is run in for a file, so that it finds the configuration. */
export function folderOf(editor: TextEditor): string | undefined {
  return workspace.getWorkspaceFolder(editor.document.uri)?.uri.fsPath;
}
