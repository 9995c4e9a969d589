/**
 * What the compiler needs of the world, given by whoever runs it: the command line, the language server, a browser.
 * Nothing under compiler/ touches a file system, a clock or a network but through this.
 */
export interface Host {
  /**
   * The bytes of a file, or undefined where there is none. Paths are as the caller spells them, with `/` between
   * components. A host that can only read asynchronously returns undefined, fetches what was asked for, and compiles
   * again: a policy pulls in few files.
   */
  read(path: string): Uint8Array | string | undefined;
  /** Why `read` gives nothing of a file that may be there all the same; undefined where it is not there. */
  absence?(path: string): string | undefined;
  /**
   * Where a file or folder really lies, with every symbolic link followed: absolute, with `/`; undefined where it is not
   * there. The empty path is the current folder. A host without links has none; references are then held inside the
   * workspace by their text alone.
   */
  realpath?(path: string): string | undefined;
  /**
   * The YAML files below a folder, as paths that `read` takes, in a stable order; the empty path is the current
   * folder. Undefined where they are more than `most`, or than the host cares to read. A host without a list (a browser)
   * looks at single files, and what depends on the files around them is then not checked.
   */
  list?(folder: string, most?: number): readonly string[] | undefined;
  /**
   * Stays the same object for as long as what `list` and `read` give does not change: what was worked out of all files is
   * kept with it. Absent where files may change at any time.
   */
  readonly snapshot?: object;
  /** Milliseconds of a monotonic clock, which may stand still while others have the processor; `performance.now()` everywhere. */
  now(): number;
  /** The SHA-256 digest in lower-case hexadecimal. */
  sha256(content: Uint8Array | string): string;
}
