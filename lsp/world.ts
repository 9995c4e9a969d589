import type { Host } from '../compiler/host.ts';

/** What the server needs of the machine that it runs on: Node, a worker of a browser, a test. */
export interface World {
  /**
   * The files as they are on the disk, by absolute paths, asked anew each time.
   */
  readonly host: Host;
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
  /** Today as YYYY-MM-DD. */
  today(): string;
  /** Runs something once the messages that have arrived by now have been read. */
  soon(run: () => void): void;
}
