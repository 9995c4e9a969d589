import { Disposable, EventEmitter, type TextDocumentContentProvider, Uri, ViewColumn, window, workspace } from 'vscode';
import { withoutLinks } from '../../lsp/plain-text.ts';
import type { Polc } from '../polc.ts';

const scheme = 'polc-result';

/** What was asked of which policy. */
export interface Subject {
  readonly verb: string;
  readonly policy: Uri;
}

/** What polc has said, as read-only documents: one for each verb and policy, the last of it. */
export class Results implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #registered = workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Runs polc and shows beside the policy what it prints. */
  async show(polc: Polc, subject: Subject, words: readonly string[], cwd: string | undefined): Promise<void> {
    try {
      const { output, errors } = await polc.run(words, cwd === undefined ? {} : { cwd });
      await this.showText(subject, `${output}${errors}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      void window.showErrorMessage(withoutLinks(`polc did not run: ${why}`));
    }
  }

  /** Shows a text beside the policy. */
  async showText({ verb, policy }: Subject, text: string): Promise<void> {
    // Two policies in two folders may have one name.
    const name = policy.path.split('/').at(-1) ?? '';
    const uri = Uri.from({ scheme, path: `/${name} · ${verb}`, query: policy.toString() });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
  }

  dispose(): void {
    Disposable.from(this.#registered, this.#changed).dispose();
  }
}
