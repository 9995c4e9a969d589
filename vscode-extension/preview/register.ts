import { commands, Disposable, type Uri, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { ArtifactDocuments } from './artifact-documents.ts';
import { PreviewPanel } from './panel.ts';

export interface PreviewCommands extends Disposable {
  /** Opens the preview of the active policy beside it, at a tab. */
  open(tab?: string): void;
  /** Opens what the preview shows as a document, to save it or keep it. */
  openArtifact(): Promise<void>;
  /** Opens the difference between what the last saved version gives and what is shown. */
  compareArtifact(): Promise<void>;
}

/** One preview, which follows the active policy. */
export function registerPreview(extension: Uri, client: BaseLanguageClient): PreviewCommands {
  const artifacts = new ArtifactDocuments();
  let panel: PreviewPanel | undefined;
  const openArtifact = async () => {
    const shown = panel?.shown();
    if (shown !== undefined) await artifacts.open(shown);
  };
  const compareArtifact = async () => {
    const shown = await panel?.withSaved();
    if (shown !== undefined) await artifacts.compare(shown);
  };
  const create = () => {
    void commands.executeCommand('setContext', 'polc.previewing', true);
    return new PreviewPanel(extension, client, {
      open: openArtifact,
      compare: compareArtifact,
      closed() {
        panel = undefined;
        void commands.executeCommand('setContext', 'polc.previewing', false);
      },
    });
  };
  const open = (tab?: string) => {
    const document = window.activeTextEditor?.document;
    if (document?.languageId === 'polc') {
      panel ??= create();
      panel.show(document, tab);
    } else if (panel === undefined) {
      void window.showInformationMessage('polc: open a policy first.');
    } else {
      panel.show(undefined, tab);
    }
  };
  const listeners = Disposable.from(
    artifacts,
    workspace.onDidChangeTextDocument(({ document }) => panel?.changed(document)),
    workspace.onDidSaveTextDocument((document) => panel?.changed(document)),
    // Plain YAML that has been recognised as a policy is told of as if it were opened.
    workspace.onDidOpenTextDocument((document) => {
      const isActive = document === window.activeTextEditor?.document;
      if (isActive && document.languageId === 'polc') panel?.follow(document);
    }),
    window.onDidChangeActiveTextEditor((editor) => {
      if (editor?.document.languageId === 'polc') panel?.follow(editor.document);
    }),
    window.onDidChangeTextEditorSelection(({ textEditor }) => panel?.cursor(textEditor)),
  );
  return {
    open,
    openArtifact,
    compareArtifact,
    dispose() {
      panel?.dispose();
      listeners.dispose();
    },
  };
}
