import { Disposable, StatusBarAlignment, type TextDocument, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type Status, type StatusParameters, statusRequest } from '../lsp/requests.ts';

/** How long after a change the status is asked for, in milliseconds: nobody reads it while typing. */
const pause = 300;

/** What the policy in the active editor is compiled for, and how long that took; a click opens the preview. */
export function statusBar(client: BaseLanguageClient): Disposable {
  const item = window.createStatusBarItem('polc.target', StatusBarAlignment.Right, 100);
  item.name = 'polc';
  item.command = 'polc.preview';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    const document = activeDocument();
    if (document?.languageId !== 'polc' || !client.isRunning()) {
      item.hide();
      return;
    }
    const parameters: StatusParameters = { textDocument: { uri: document.uri.toString() } };
    const status = await client.sendRequest<Status | null>(statusRequest, parameters).catch(() => null);
    if (activeDocument() !== document) return;
    if (status === null) item.hide();
    else show(status);
  };
  const show = ({ dialect, target, milliseconds }: Status) => {
    const { kernel } = target;
    const place = kernel === undefined ? '' : ` · linux ${kernel}`;
    item.text = `$(shield) ${dialect ?? 'policy'}${place} · ${duration(milliseconds)}`;
    const lines = Object.entries(target).map(([name, value]) => `${name}: ${value}`);
    item.tooltip = ['Compiled for', ...lines, '', 'Open the preview'].join('\n');
    item.show();
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), pause);
  };
  return Disposable.from(
    item,
    client.onDidChangeState(later),
    window.onDidChangeActiveTextEditor(() => void ask()),
    // Also where plain YAML has been recognised as a policy, which is told as if it were opened.
    workspace.onDidOpenTextDocument((document) => {
      if (document === activeDocument()) later();
    }),
    workspace.onDidChangeTextDocument(({ document }) => {
      if (document === activeDocument()) later();
    }),
    new Disposable(() => clearTimeout(timer)),
  );
}

/** Where the preview has the focus, VS Code knows of no active editor: then the policy that is seen. */
function activeDocument(): TextDocument | undefined {
  const seen = window.visibleTextEditors.find(({ document }) => document.languageId === 'polc');
  return (window.activeTextEditor ?? seen)?.document;
}

function duration(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
