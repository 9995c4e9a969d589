import { commands, Disposable, type TextDocument, type Uri, window, workspace } from 'vscode';
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

function isPolicy({ languageId }: TextDocument): boolean {
  return languageId === 'polc';
}

/** Where no text is active, as in the walkthrough, a policy that is seen, or else one that is open. */
function policyAtHand(): TextDocument | undefined {
  if (window.activeTextEditor !== undefined) return undefined;
  const seen = window.visibleTextEditors.map(({ document }) => document);
  return [...seen, ...workspace.textDocuments].find(isPolicy);
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
    const active = window.activeTextEditor?.document;
    const document =
      active !== undefined && isPolicy(active) ? active : panel === undefined ? policyAtHand() : undefined;
    if (panel === undefined && document === undefined) {
      void window.showInformationMessage('polc: open a policy first.');
      return;
    }
    panel ??= create();
    panel.show(document, tab);
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
