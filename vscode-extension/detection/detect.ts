import { Disposable, languages, type TextDocument, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type Recognised, recogniseRequest } from '../../lsp/requests.ts';

/** How long after a change plain YAML is looked at again, in milliseconds: as long as somebody types, it may become anything. */
const pause = 500;

/** Larger files are not asked about: recognition reads them whole. */
const longest = 1 << 20;

/**
 * Makes YAML documents policies that the compiler recognises as such. Others stay what they are, so that no two servers
 * speak of one document, and one that the user has made something else is not asked about again.
 */
export function detectPolicies(client: BaseLanguageClient): Disposable {
  const settled = new Set<string>();
  const look = async (document: TextDocument) => {
    const name = document.uri.toString();
    if (document.languageId !== 'yaml' || settled.has(name)) return;
    if (!workspace.getConfiguration('polc', document.uri).get<boolean>('detect', true)) return;
    const text = document.getText();
    if (text.length > longest) return;
    const { role } = await client.sendRequest<Recognised>(recogniseRequest, { uri: name, text }).catch(() => nothing);
    if (role === 'other' || document.isClosed || document.languageId !== 'yaml' || settled.has(name)) return;
    settled.add(name);
    await languages.setTextDocumentLanguage(document, 'polc');
  };
  /** By document: whoever edits one does not keep another waiting. */
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const end = ({ uri }: TextDocument) => {
    clearTimeout(timers.get(uri.toString()));
    timers.delete(uri.toString());
  };
  client.onDidChangeState(() => {
    if (client.isRunning()) for (const document of workspace.textDocuments) void look(document);
  });
  return Disposable.from(
    workspace.onDidOpenTextDocument((document) => client.isRunning() && void look(document)),
    workspace.onDidSaveTextDocument((document) => client.isRunning() && void look(document)),
    workspace.onDidChangeTextDocument(({ document }) => {
      if (document.languageId !== 'yaml') return;
      end(document);
      const timer = setTimeout(() => {
        end(document);
        if (client.isRunning()) void look(document);
      }, pause);
      timers.set(document.uri.toString(), timer);
    }),
    workspace.onDidCloseTextDocument(end),
    new Disposable(() => timers.forEach(clearTimeout)),
  );
}

const nothing: Recognised = { role: 'other', dialect: null };
