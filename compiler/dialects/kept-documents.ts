import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { LoadedDocument } from './loader.ts';

/** A file that policies of one host refer to, with what was found in it. */
export interface KeptDocument {
  readonly content: Uint8Array | string;
  readonly document: LoadedDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Most references go to a few files; trees are some twenty times as large as their texts. */
const mostDocuments = 512;
const mostCharacters = 2 * 1024 * 1024;

const kept = new WeakMap<object, KeptDocuments>();

/** The documents of a host's view of its files; without one, whatever was read may have changed by now. */
export function keptDocuments(snapshot: object | undefined): KeptDocuments | undefined {
  if (snapshot === undefined) return undefined;
  let documents = kept.get(snapshot);
  if (documents === undefined) {
    documents = new KeptDocuments();
    kept.set(snapshot, documents);
  }
  return documents;
}

/** Files that were read and parsed, those that were asked for last. */
class KeptDocuments {
  readonly #documents = new Map<string, KeptDocument>();
  #characters = 0;

  get(key: string): KeptDocument | undefined {
    const found = this.#documents.get(key);
    if (found === undefined) return undefined;
    // A map is in the order of insertion: what was asked for last goes to its end.
    this.#documents.delete(key);
    this.#documents.set(key, found);
    return found;
  }

  /** Keeps what was not there before. */
  add(key: string, document: KeptDocument): void {
    this.#documents.set(key, document);
    this.#characters += sizeOf(document);
    for (const [oldest, dropped] of this.#documents) {
      if (this.#documents.size <= mostDocuments && this.#characters <= mostCharacters) break;
      this.#documents.delete(oldest);
      this.#characters -= sizeOf(dropped);
    }
  }
}

function sizeOf({ document }: KeptDocument): number {
  return document.source.text.length;
}
