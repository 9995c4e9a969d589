import type { EditorDocument } from './document.ts';
import type { Declaration, Reference } from './names.ts';

/** What the index keeps of a file of the workspace; without its text and tree. */
export interface IndexedFile {
  readonly path: string;
  /** The dialect's name; undefined for a file of another tool. */
  readonly dialect: string | undefined;
  readonly declarations: readonly Declaration[];
  readonly references: readonly Reference[];
}

/** The policies around a document, with what is open laid over the disk. */
export interface Workspace {
  /** Every YAML file of all folders that is known so far; open ones as they are in the editor. */
  files(): readonly IndexedFile[];
  file(path: string): IndexedFile | undefined;
  /** A file with its tree: as it is open, or read from the disk; undefined where there is none. */
  document(path: string): EditorDocument | undefined;
  /** The paths of all files in a folder and in the folders in it, whatever they are; absent where the machine cannot say. */
  around?(folder: string): readonly string[];
  /** The folder that the references of a file may not leave, and below which paths are shown. */
  folderOf(path: string): string;
}
