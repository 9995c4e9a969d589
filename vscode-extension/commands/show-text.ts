import { Disposable, EventEmitter, type TextDocumentContentProvider, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Polc } from '../polc.ts';

const scheme = 'polc-result';

/** What polc has said, as read-only documents: one for each verb and policy, the last of it. */
export class Results implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #registered = workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  /** Runs polc and shows beside the policy what it prints. */
  async show(polc: Polc, title: string, words: readonly string[], cwd: string | undefined): Promise<void> {
    try {
      const { output, errors } = await polc.run(words, cwd === undefined ? {} : { cwd });
      await this.showText(title, `${output}${errors}`);
    } catch (error) {
      void window.showErrorMessage(`polc did not run: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Shows a text beside the policy. */
  async showText(title: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${title}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
  }

  dispose(): void {
    Disposable.from(this.#registered, this.#changed).dispose();
  }
}
