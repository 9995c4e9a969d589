import type { Host } from '../compiler/host.ts';
import type { Documents } from './documents.ts';
import { isBelow } from './uris.ts';
import type { FilesBelow, World } from './world.ts';

/** So much of files that are not open is kept, in bytes or UTF-16 code units. */
const mostKept = 16 * 1024 * 1024;

/** The files of the disk with the open documents laid over them. */
export class Files {
  readonly #world: World;
  readonly #documents: Documents;
  /** What was read of files that are not open, the one that was asked for last at the end; undefined for no file. */
  readonly #contents = new Map<string, Uint8Array | string | undefined>();
  readonly #lists = new Map<string, readonly string[] | undefined>();
  #kept = 0;
  #snapshot: object = {};
  /** Whether somebody tells of changes of this file; what may change unseen is read each time. */
  keeps: (path: string) => boolean = () => false;
  /** The same for which files there are in a folder and below it. */
  keepsList: (folder: string) => boolean = () => false;

  constructor(world: World, documents: Documents) {
    this.#world = world;
    this.#documents = documents;
  }

  /**
   * The host for one compilation of a file in a folder. Every path that it asks for is noted, whether there is such a file or not: with any of
   * them the result changes.
   */
  host(asked: Set<string>, workspace: string): Host {
    const { host } = this.#world;
    return {
      ...host,
      // Where files may change unseen, nothing is the same in two compilations.
      snapshot: this.keepsList(workspace) ? this.#snapshot : {},
      read: (path) => {
        asked.add(path);
        return this.read(path);
      },
      list: (folder, most) => {
        asked.add(folder);
        return this.list(folder, most);
      },
      realpath: (path) => {
        const real = host.realpath?.(path);
        // What is open and not saved yet lies where its path says.
        return real ?? (this.#documents.isOpen(path) || host.realpath === undefined ? path : undefined);
      },
    };
  }

  read(path: string): Uint8Array | string | undefined {
    const open = this.#documents.text(path);
    if (open !== undefined) return open;
    if (!isPlace(path)) return undefined;
    if (this.#contents.has(path)) return this.#contents.get(path);
    const content = this.#world.host.read(path);
    if (this.keeps(path)) this.#keep(path, content);
    return content;
  }

  /** The files of any kind in a folder and in the folders in it, as they are at this moment. */
  around(folder: string): readonly string[] {
    return isPlace(folder) ? (this.#world.around?.(folder) ?? []) : [];
  }

  /** The YAML files below a folder, those among them that are open and not saved yet. */
  list(folder: string, most?: number): readonly string[] | undefined {
    if (!isPlace(folder)) return undefined;
    const key = `${most ?? ''} ${folder}`;
    let found = this.#lists.get(key);
    if (found === undefined && !this.#lists.has(key)) {
      found = this.#world.host.list?.(folder, most);
      if (this.keepsList(folder)) this.#lists.set(key, found);
    }
    return found === undefined ? undefined : this.#withUnsaved(found, folder);
  }

  /** The same for an index: without the folders that cannot be looked into. Undefined where there are more than `most`. */
  filesBelow(folder: string, most: number): FilesBelow | undefined {
    if (!isPlace(folder)) return undefined;
    const found = this.#world.filesBelow?.(folder, most);
    return found && { ...found, files: this.#withUnsaved(found.files, folder) };
  }

  #withUnsaved(found: readonly string[], folder: string): readonly string[] {
    const known = new Set(found);
    const unsaved = this.#documents.paths().filter((path) => isBelow(path, folder) && !known.has(path));
    return unsaved.length === 0 ? found : [...found, ...unsaved].sort();
  }

  /** Forgets what depends on a file: it was edited, or is another on the disk. */
  changed(path: string): void {
    const content = this.#contents.get(path);
    this.#kept -= content?.length ?? 0;
    this.#contents.delete(path);
    this.#snapshot = {};
  }

  /** Forgets everything: it may have changed while nobody told of it. */
  forget(): void {
    this.#contents.clear();
    this.#kept = 0;
    this.listChanged();
  }

  /** Forgets which files there are. */
  listChanged(): void {
    this.#lists.clear();
    this.#snapshot = {};
  }

  #keep(path: string, content: Uint8Array | string | undefined): void {
    this.#contents.set(path, content);
    this.#kept += content?.length ?? 0;
    for (const [oldest, its] of this.#contents) {
      if (this.#kept <= mostKept) break;
      this.#contents.delete(oldest);
      this.#kept -= its?.length ?? 0;
    }
  }
}

/** A document that was never saved lies nowhere: what stands beside the server is not beside it. */
function isPlace(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path);
}
