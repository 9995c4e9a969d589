import {
  commands,
  Disposable,
  EventEmitter,
  languages,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { PreviewContent, PreviewLanguage } from '../../compiler/editor/preview/preview.ts';

/** What the preview shows of a policy. */
export interface Shown {
  readonly policy: Uri;
  readonly content: PreviewContent;
  /** The same of the last saved version, where it was asked for. */
  readonly savedText?: string;
}

const scheme = 'polc-artifact';

const languageIds: Readonly<Partial<Record<PreviewLanguage, string>>> = { json: 'json', yaml: 'yaml' };

/** Artifacts as read-only documents: what they were when they were opened. */
export class ArtifactDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #registered = workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  async open(shown: Shown): Promise<void> {
    const document = await workspace.openTextDocument(this.#put(shown, 'now', shown.content.text));
    const language = languageIds[shown.content.language];
    if (language !== undefined) await languages.setTextDocumentLanguage(document, language);
    await window.showTextDocument(document, { preview: false });
  }

  async compare(shown: Shown): Promise<void> {
    const saved = this.#put(shown, 'saved', shown.savedText ?? '');
    const now = this.#put(shown, 'now', shown.content.text);
    const title = `${shown.content.tab}: last saved ↔ now`;
    await commands.executeCommand('vscode.diff', saved, now, title);
  }

  dispose(): void {
    Disposable.from(this.#registered, this.#changed).dispose();
  }

  #put({ policy, content }: Shown, which: 'saved' | 'now', text: string): Uri {
    // Two policies in two folders may have one name.
    const name = policy.path.split('/').at(-1) ?? '';
    const uri = Uri.from({ scheme, path: `/${name}/${which}/${content.tab}`, query: policy.toString() });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    return uri;
  }
}
