import type { Host } from '../compiler/host.ts';

/** Files of a folder and of those in it, as far as they could be looked into. */
export interface FilesBelow {
  readonly files: readonly string[];
  /** Folders that were left out, since they are too deep or cannot be read. */
  readonly skipped: readonly string[];
}

/** What the server needs of the machine that it runs on: Node, a worker of a browser, a test. */
export interface World {
  /**
   * The files as they are on the disk, by absolute paths, asked anew each time.
   */
  readonly host: Host;
  /**
   * The YAML files below a folder for an index, which may lack some: what a policy depends on is `host.list`. Undefined where
   * they are more than `most`.
   */
  filesBelow?(folder: string, most: number): FilesBelow | undefined;
  /**
   * Tells the names of files that change in a folder, not in those below it, and gives what ends that; undefined where it
   * cannot be watched. Used where the client does not watch files itself. Absent where the machine has no such thing.
   */
  watch?(folder: string, changed: (name: string) => void): (() => void) | undefined;
  /** The paths of the files in a folder, of any kind, and in the folders in it; some of them, where they are many. */
  around?(folder: string): readonly string[];
  /** Whether a file belongs to somebody else whose settings must not count. */
  isForeign?(path: string): boolean;
  /** Whether a file is one that this machine cannot read: a client that gives files is asked for it. */
  isOfClient(path: string): boolean;
  /** So many milliseconds the client has for the answer to a question about files; default: 20 seconds. */
  readonly patience?: number;
  /** Today as YYYY-MM-DD. */
  today(): string;
  /** Runs something once the messages that have arrived by now have been read. */
  soon(run: () => void): void;
}
