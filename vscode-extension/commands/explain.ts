import { type TextEditor, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type Explained, type ExplainParameters, explainRequest } from '../../lsp/requests.ts';
import type { Polc } from '../polc.ts';
import { activePolicy, folderOf, openPolicy } from './active-policy.ts';
import type { Results } from './show-text.ts';

/** Says which rule decides a question: the name at the cursor is offered as the question. */
export async function explain(polc: Polc, results: Results): Promise<void> {
  const editor = await activePolicy();
  const asked = editor && (await question(editor));
  if (editor === undefined || asked === undefined) return;
  const path = editor.document.uri.fsPath;
  const subject = { verb: 'explain', policy: editor.document.uri };
  await results.show(polc, subject, ['explain', path, ...questionOf(asked.trim())], folderOf(editor));
}

/** The same by the server, where polc cannot be run. */
export async function explainHere(client: BaseLanguageClient, results: Results): Promise<void> {
  const editor = openPolicy();
  const asked = editor && (await question(editor));
  if (editor === undefined || asked === undefined) return;
  const parameters: ExplainParameters = {
    textDocument: { uri: editor.document.uri.toString() },
    asked: asked.trim(),
  };
  const explained = await client.sendRequest<Explained | null>(explainRequest, parameters);
  if (explained === null) void window.showErrorMessage('polc: what is wrong with the policy comes first.');
  else await results.showText({ verb: 'explain', policy: editor.document.uri }, explained.text);
}

function question(editor: TextEditor): Thenable<string | undefined> {
  return window.showInputBox({
    title: 'Explain Rule',
    prompt: 'A system call, a path, or an AWS action; nothing for every field of the policy',
    value: wordAt(editor),
  });
}

/** The options of `polc explain` for what was asked. */
function questionOf(asked: string): readonly string[] {
  if (asked === '') return [];
  if (asked.startsWith('/')) return ['--path', asked];
  return asked.includes(':') ? ['--action', asked] : ['--syscall', asked];
}

function wordAt({ document, selection }: TextEditor): string {
  const range = document.getWordRangeAtPosition(selection.active, /[\w:*/.-]+/);
  const word = range === undefined ? '' : document.getText(range);
  return /^(?:\/|[a-z0-9-]+:[A-Z]|[a-z_0-9]+$)/.test(word) ? word : '';
}
