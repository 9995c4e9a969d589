import { type EditorDocument, openDocument } from '../compiler/editor/document.ts';
import { namesIn } from '../compiler/editor/names.ts';
import type { IndexedFile, Workspace } from '../compiler/editor/workspace.ts';
import { decode } from '../compiler/source/decode.ts';
import type { Configurations } from './configurations.ts';
import type { Documents } from './documents.ts';
import type { Files } from './files.ts';
import { isBelow } from './uris.ts';

/** A folder with more YAML files is not indexed: it is no folder of policies. */
const mostFiles = 5_000;
/** So many files that are not open keep their tree. */
const mostTrees = 24;

/**
 * What the files of all folders declare and refer to. Files are read in slices after the start, and again when they
 * change; until then the index knows less, and says so by nothing but that.
 */
export class WorkspaceIndex implements Workspace {
  readonly #documents: Documents;
  readonly #files: Files;
  readonly #configurations: Configurations;
  readonly #entries = new Map<string, IndexedFile>();
  readonly #trees = new Map<string, EditorDocument>();
  readonly #unread = new Set<string>();
  /** Documents whose names were read for this very object. */
  readonly #indexed = new Map<string, EditorDocument>();
  readonly #tell: (message: string) => void;
  /** What was left out, and has been told. */
  readonly #told = new Set<string>();
  #folders: readonly string[] = [];

  /** @param tell told once of each folder that is not looked into */
  constructor(
    documents: Documents,
    files: Files,
    configurations: Configurations,
    tell: (message: string) => void = () => {},
  ) {
    this.#tell = tell;
    this.#documents = documents;
    this.#files = files;
    this.#configurations = configurations;
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  setFolders(folders: readonly string[]): void {
    this.#folders = folders;
    this.#trees.clear();
    this.relist();
  }

  /** Looks again which files there are. */
  relist(): void {
    const found = new Set(this.#folders.flatMap((folder) => this.#list(folder)));
    for (const path of this.#entries.keys()) if (!found.has(path) && !this.#documents.isOpen(path)) this.forget(path);
    for (const path of found) if (!this.#entries.has(path)) this.#unread.add(path);
  }

  /** A file that is not open is another on the disk. */
  changed(path: string): void {
    this.#trees.delete(path);
    this.#indexed.delete(path);
    if (this.#entries.has(path) || this.#folders.some((folder) => isBelow(path, folder))) this.#unread.add(path);
  }

  forget(path: string): void {
    this.#trees.delete(path);
    this.#indexed.delete(path);
    this.#entries.delete(path);
    this.#unread.delete(path);
  }

  /** Of every file that is known of. */
  paths(): readonly string[] {
    return [...this.#entries.keys(), ...this.#unread];
  }

  /** The files that were not read yet, or not since they changed; `file` reads one. */
  unread(): readonly string[] {
    return [...this.#unread];
  }

  files(): readonly IndexedFile[] {
    for (const path of this.#documents.paths()) this.file(path);
    return [...this.#entries.values()];
  }

  file(path: string): IndexedFile | undefined {
    const open = this.#documents.document(path);
    if (open !== undefined && this.#indexed.get(path)?.source !== open.source) this.#index(path);
    else if (this.#unread.delete(path)) this.#index(path);
    return this.#entries.get(path);
  }

  document(path: string): EditorDocument | undefined {
    const open = this.#documents.document(path);
    if (open !== undefined) return open;
    const known = this.#trees.get(path);
    if (known !== undefined) {
      this.#trees.delete(path);
      this.#trees.set(path, known);
      return known;
    }
    const read = this.#read(path);
    if (read === undefined || !this.#files.keeps(path)) return read;
    this.#trees.set(path, read);
    for (const oldest of this.#trees.keys()) {
      if (this.#trees.size <= mostTrees) break;
      this.#trees.delete(oldest);
    }
    return read;
  }

  around(folder: string): readonly string[] {
    return this.#files.around(folder);
  }

  folderOf(path: string): string {
    return this.#configurations.projectOf(path).folder;
  }

  #list(folder: string): readonly string[] {
    const found = this.#files.filesBelow(folder, mostFiles);
    // Of a client that has not answered yet, or a machine without files, nothing is said.
    if (found === undefined) return [];
    for (const skipped of found.skipped) {
      if (this.#told.has(skipped)) continue;
      this.#told.add(skipped);
      this.#tell(`policies in ${skipped} are not looked for: the folder is too deep or cannot be read`);
    }
    return found.files;
  }

  #read(path: string): EditorDocument | undefined {
    const content = this.#files.read(path);
    if (content === undefined) return undefined;
    const dialect = this.#configurations.dialectOf(path);
    const { source } = decode(path, content);
    return openDocument(path, source.text, 0, dialect === undefined ? {} : { dialect });
  }

  #index(path: string): void {
    try {
      const document = this.#documents.document(path) ?? this.#read(path);
      if (document === undefined) {
        this.forget(path);
        return;
      }
      if (this.#documents.isOpen(path)) this.#indexed.set(path, document);
      this.#entries.set(path, { path, dialect: document.dialect?.name, ...namesIn(document) });
    } catch {
      // A file that cannot be read for whatever reason declares nothing; compiling it says why.
      this.#entries.set(path, { path, dialect: undefined, declarations: [], references: [] });
    }
  }
}
