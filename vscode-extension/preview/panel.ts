import {
  Position,
  Range,
  Selection,
  type TextDocument,
  type TextEditor,
  TextEditorRevealType,
  ThemeColor,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { PolicyPlace, Preview } from '../../compiler/editor/preview/preview.ts';
import { type PreviewParameters, previewRequest } from '../../lsp/requests.ts';
import type { Shown } from './artifact-documents.ts';
import { pageHtml } from './html.ts';
import type { FromPage, ToPage } from './messages.ts';

export interface PanelActions {
  open(): Promise<void>;
  compare(): Promise<void>;
  closed(): void;
}

/** The webview beside a policy. It asks for one preview at a time, and again where the policy changed meanwhile. */
export class PreviewPanel {
  readonly #client: BaseLanguageClient;
  readonly #panel: WebviewPanel;
  readonly #lit = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor('editor.rangeHighlightBackground'),
    overviewRulerColor: new ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  });
  #document: TextDocument | undefined;
  #tab: string | undefined;
  #comparing = false;
  #ready = false;
  #busy = false;
  #stale = false;
  #latest: Preview | undefined;

  constructor(extension: Uri, client: BaseLanguageClient, actions: PanelActions) {
    this.#client = client;
    const resources = Uri.joinPath(extension, 'page');
    this.#panel = window.createWebviewPanel(
      'polc.preview',
      'Preview',
      { viewColumn: ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [resources], retainContextWhenHidden: true },
    );
    const { webview } = this.#panel;
    webview.onDidReceiveMessage((message: FromPage) => this.#receive(message, actions));
    this.#panel.onDidDispose(() => {
      this.#lit.dispose();
      actions.closed();
    });
    webview.html = pageHtml(webview, resources);
  }

  /** Shows a policy, or the same one again, at a tab. */
  show(document: TextDocument | undefined, tab?: string): void {
    if (tab !== undefined) this.#tab = tab;
    this.#panel.reveal(undefined, true);
    this.follow(document ?? this.#document, true);
  }

  /** Goes over to a policy where another was shown. */
  follow(document: TextDocument | undefined, again = false): void {
    if (document === undefined || (document === this.#document && !again)) return;
    this.#document = document;
    this.#panel.title = `Preview ${nameOf(document)}`;
    this.#refresh();
  }

  changed(document: TextDocument): void {
    if (this.#concerns(document)) this.#refresh();
  }

  /** What is shown, or a hook program, of which it may be a policy's: those have no preview that would take its place. */
  #concerns(document: TextDocument): boolean {
    return document === this.#document || document.languageId === 'polc-hooks';
  }

  /** Tells the page where the cursor is. */
  cursor(editor: TextEditor): void {
    const { document, selection } = editor;
    if (!this.#concerns(document)) return;
    // Whoever goes on in the policy is no longer at what was lit from the preview.
    editor.setDecorations(this.#lit, []);
    if (!followsCursor()) return;
    this.#post({ type: 'cursor', file: document.uri.toString(), line: selection.active.line });
  }

  shown(): Shown | undefined {
    if (this.#latest?.content === undefined || this.#document === undefined) return undefined;
    const { content, savedText } = this.#latest;
    return { policy: this.#document.uri, content, ...(savedText === undefined ? {} : { savedText }) };
  }

  /** What is shown, with the text of the last saved version. */
  async withSaved(): Promise<Shown | undefined> {
    if (this.#latest?.savedText === undefined) this.#latest = await this.#ask(true);
    return this.shown();
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #refresh(): void {
    if (!this.#ready) return;
    this.#stale = true;
    if (!this.#busy) void this.#refreshNow();
  }

  async #refreshNow(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        // Whoever tells the server of an edit hears of it at the same time as this panel does, and perhaps after it.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const document = this.#document;
        const version = document?.version ?? 0;
        const preview = await this.#ask(this.#comparing);
        if (preview === undefined || document === undefined || document !== this.#document) continue;
        if (preview.version < version) this.#stale = true;
        this.#latest = preview;
        this.#tab ??= preview.content?.tab;
        const file = document.uri.toString();
        this.#post({ type: 'preview', preview, name: nameOf(document), file, comparing: this.#comparing });
        const editors = [window.activeTextEditor, ...window.visibleTextEditors];
        const editor = editors.find((each) => each !== undefined && this.#concerns(each.document));
        if (editor !== undefined) this.cursor(editor);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Undefined where the server cannot answer; it says why in its output. */
  async #ask(saved: boolean): Promise<Preview | undefined> {
    if (this.#document === undefined || !this.#client.isRunning()) return undefined;
    const parameters: PreviewParameters = {
      textDocument: { uri: this.#document.uri.toString() },
      ...(this.#tab === undefined ? {} : { tab: this.#tab }),
      saved,
    };
    try {
      // Null where the policy was closed meanwhile.
      return (await this.#client.sendRequest<Preview | null>(previewRequest, parameters)) ?? undefined;
    } catch (error) {
      this.#client.outputChannel.appendLine(`preview: ${String(error)}`);
      return undefined;
    }
  }

  #receive(message: FromPage, actions: PanelActions): void {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#refresh();
        return;
      case 'tab':
        this.#tab = message.tab;
        this.#refresh();
        return;
      case 'compare-with-saved':
        this.#comparing = message.on;
        this.#refresh();
        return;
      case 'place':
        void this.#light(message.place, message.go);
        return;
      case 'open':
        void actions.open();
        return;
      case 'compare':
        void actions.compare();
        return;
      default:
        unknown(message);
    }
  }

  /** Marks where a line of the preview comes from; with `go`, also puts the cursor there. */
  async #light(place: PolicyPlace | null, go: boolean): Promise<void> {
    if (place === null) {
      for (const editor of window.visibleTextEditors) editor.setDecorations(this.#lit, []);
      return;
    }
    if (!go && !followsCursor()) return;
    const range = new Range(
      new Position(place.start.line, place.start.character),
      new Position(place.end.line, place.end.character),
    );
    const visible = window.visibleTextEditors.find(({ document }) => document.uri.toString() === place.file);
    // What is merely looked at opens no other file, such as one that the policy extends.
    if (visible === undefined && !go) return;
    const editor =
      visible !== undefined && !go
        ? visible
        : await window.showTextDocument(await workspace.openTextDocument(Uri.parse(place.file)), {
            viewColumn: visible?.viewColumn ?? ViewColumn.One,
          });
    editor.setDecorations(this.#lit, [range]);
    editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
    if (go) editor.selection = new Selection(range.start, range.start);
  }

  #post(message: ToPage): void {
    if (this.#ready) void this.#panel.webview.postMessage(message);
  }
}

function nameOf(document: TextDocument): string {
  return document.uri.path.split('/').at(-1) ?? document.uri.path;
}

/** The page sends no other messages; the types say so. */
function unknown(message: never): void {
  throw new Error(`the page sent ${JSON.stringify(message)}`);
}

function followsCursor(): boolean {
  return workspace.getConfiguration('polc').get<boolean>('preview.followCursor', true);
}
