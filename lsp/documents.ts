import type { TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type EditorDocument, openDocument } from '../compiler/editor/document.ts';
import { sourceText } from '../compiler/source/text.ts';
import { pathOf } from './uris.ts';

interface Open {
  text: TextDocument;
  /** Of the version that it was last asked for; edits in between are never read. */
  document: EditorDocument | undefined;
}

/** The documents that are open in the client. */
export class Documents {
  readonly #open = new Map<string, Open>();
  readonly #dialectOf: (path: string) => string | undefined;

  /** @param dialectOf the dialect that a configuration names for a path */
  constructor(dialectOf: (path: string) => string | undefined) {
    this.#dialectOf = dialectOf;
  }

  open(uri: string, languageId: string, version: number, text: string): string {
    const path = pathOf(uri);
    this.#open.set(path, { text: TextDocument.create(uri, languageId, version, text), document: undefined });
    return path;
  }

  /** Applies edits, incremental ones or whole texts. An edit of a document that is not open is nothing. */
  change(uri: string, version: number, changes: TextDocumentContentChangeEvent[]): string | undefined {
    const path = pathOf(uri);
    const open = this.#open.get(path);
    if (open === undefined) return undefined;
    open.text = TextDocument.update(open.text, changes, version);
    return path;
  }

  close(uri: string): string {
    const path = pathOf(uri);
    this.#open.delete(path);
    return path;
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  paths(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The text as it is now, read or not. */
  text(path: string): string | undefined {
    return this.#open.get(path)?.text.getText();
  }

  version(path: string): number | undefined {
    return this.#open.get(path)?.text.version;
  }

  /** The URI as the client writes it. */
  uri(path: string): string | undefined {
    return this.#open.get(path)?.text.uri;
  }

  /** The document as it is now; read where that has not been done for this version. */
  document(path: string): EditorDocument | undefined {
    const open = this.#open.get(path);
    if (open === undefined) return undefined;
    const { text, document: before } = open;
    if (before?.version === text.version) return before;
    const dialect = this.#dialectOf(path);
    const options = {
      isPolicy: text.languageId === 'polc',
      ...(dialect === undefined ? {} : { dialect }),
      ...(before === undefined ? {} : { before }),
    };
    try {
      open.document = openDocument(path, text.getText(), text.version, options);
    } catch {
      // A mistake of ours in reading it: compiling it finds the same and says so, and nothing else is disturbed.
      const source = sourceText(path, text.getText());
      open.document = { ...openDocument(path, '', text.version, options), source, role: 'policy' };
    }
    return open.document;
  }

  /** Takes the same version with more known of it; one that is stale by now is dropped. */
  update(document: EditorDocument): void {
    const open = this.#open.get(document.path);
    if (open?.text.version === document.version) open.document = document;
  }

  /** What was read by another configuration is read again. */
  forget(): void {
    for (const open of this.#open.values()) open.document = undefined;
  }
}
