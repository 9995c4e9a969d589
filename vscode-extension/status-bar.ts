import { Disposable, StatusBarAlignment, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type Compiled, compiledNotification } from '../lsp/requests.ts';

/** What the policy in the active editor is compiled for, and how long that took; a click opens the preview. */
export function statusBar(client: BaseLanguageClient): Disposable {
  const item = window.createStatusBarItem('polc.target', StatusBarAlignment.Right, 100);
  item.name = 'polc';
  item.command = 'polc.preview';
  const known = new Map<string, Compiled>();
  const show = () => {
    const document = window.activeTextEditor?.document;
    const compiled = document?.languageId === 'polc' ? known.get(document.uri.toString()) : undefined;
    if (compiled === undefined) {
      item.hide();
      return;
    }
    const { dialect, target, milliseconds } = compiled;
    item.text = `$(shield) ${dialect ?? 'policy'} · ${duration(milliseconds)}`;
    item.tooltip = `${target === '' ? '' : `Compiled for ${target}.\n`}Open the preview`;
    item.show();
  };
  return Disposable.from(
    item,
    client.onNotification(compiledNotification, (compiled: Compiled) => {
      known.set(compiled.uri, compiled);
      if (window.activeTextEditor?.document.uri.toString() === compiled.uri) show();
    }),
    window.onDidChangeActiveTextEditor(show),
  );
}

function duration(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
