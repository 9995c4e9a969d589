import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from './folders.ts';

/** One file of the output; `path` is below its folder, with `/` between folders. */
export interface OutputFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly executable?: boolean;
}

/** One folder directly below the output folder, replaced as a whole: `python-ai-turbo`. */
export interface OutputFolder {
  readonly name: string;
  readonly files: readonly OutputFile[];
}

/**
 * Path below its folder, size and time of change (milliseconds) of each file as it was written, one after the other:
 * `['ir/policy.ir', 4841, 1795407463931.23, …]`. A large output has tens of thousands, and flat they are read twice as fast.
 */
export type FileMarks = readonly (string | number)[];

/** Where the folders of one build are made before they are renamed into place. Plain data: it goes to threads. */
export interface Staging {
  readonly out: string;
  /** `OUT/.polc-123-…`, so that rename(2) stays on one disk. */
  readonly folder: string;
  /** The folders above it that were made for it, the outermost first. */
  readonly made: readonly string[];
}

/** A folder that is ready to be renamed to `OUT/name`, or that is there already. */
export interface StagedFolder {
  readonly name: string;
  /** Its name below the staging folder's `new`; undefined where the output folder holds the same already. */
  readonly slot: string | undefined;
  readonly marks: FileMarks;
}

/** The staging folder of process 123 is `.polc-123-…` inside the output folder. */
const stagingPrefix = '.polc-';

/**
 * Makes a staging folder in `out`, and `out` where it is not there. What a build that was killed left is cleared away.
 *
 * @throws the operating system's error
 */
export function openStaging(out: string): Staging {
  const made: string[] = [];
  for (let above = out; statSync(above, { throwIfNoEntry: false }) === undefined; above = dirname(above)) {
    made.unshift(above);
    if (dirname(above) === above) break;
  }
  makeFolders(out);
  const folder = join(out, `${stagingPrefix}${process.pid}-${Math.random().toString(36).slice(2, 10)}`);
  for (const each of [folder, join(folder, 'new'), join(folder, 'old'), join(folder, 'files')]) mkdirSync(each);
  return { out, folder, made };
}

/** Removes the staging folder. What cannot be removed now is removed by a later build. */
export function discardStaging({ folder }: Staging): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The output folder has become unwritable: the diagnostic has said so.
  }
}

/** Removes the staging folder of a build that writes nothing, and what was made for it alone. */
export function abandonStaging(staging: Staging): void {
  discardStaging(staging);
  try {
    for (const folder of [...staging.made].reverse()) rmdirSync(folder);
  } catch {
    // Somebody has put something there meanwhile.
  }
}

/**
 * Gives what writes folders into the staging folder, unless the output folder holds the very same already. Several
 * threads may do so at once, each with an `owner` of its own.
 *
 * @param sync waits until the disk has the data (fsync(2))
 * @throws (the function that is given) the operating system's error
 */
export function stager(staging: Staging, owner: number, sync = false): (folder: OutputFolder) => StagedFolder {
  let count = 0;
  return ({ name, files }) => {
    assertInsideFolder({ name, files });
    const there = marksWhereSame(join(staging.out, name), files);
    if (there !== undefined) return { name, slot: undefined, marks: there };
    const slot = `${owner}-${count++}`;
    return { name, slot, marks: writeFolder(join(staging.folder, 'new', slot), files, sync) };
  };
}

/** Writes a folder that is not there yet. Nothing that is there is followed or written over. */
function writeFolder(folder: string, files: readonly OutputFile[], sync: boolean): FileMarks {
  mkdirSync(folder);
  const made = new Set<string>();
  const marks: (string | number)[] = [];
  for (const file of files) {
    for (let slash = file.path.indexOf('/'); slash !== -1; slash = file.path.indexOf('/', slash + 1)) {
      const parent = file.path.slice(0, slash);
      if (made.has(parent)) continue;
      mkdirSync(`${folder}/${parent}`);
      made.add(parent);
    }
    marks.push(file.path, ...writeNewFile(`${folder}/${file.path}`, file, sync));
  }
  return marks;
}

/** Writes a file that is not there yet, and gives its mark. */
export function writeNewFile(
  path: string,
  { content, executable }: OutputFile,
  sync: boolean,
): readonly [size: number, changed: number] {
  const descriptor = openSync(path, 'wx', executable ? 0o755 : 0o666);
  try {
    writeFileSync(descriptor, content);
    if (sync) fsyncSync(descriptor);
    const { size, mtimeMs } = fstatSync(descriptor);
    return [size, mtimeMs];
  } finally {
    closeSync(descriptor);
  }
}

/** The marks of a folder that holds these files with this content and mode, and no other; undefined for any else. */
function marksWhereSame(folder: string, files: readonly OutputFile[]): FileMarks | undefined {
  try {
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) return undefined;
    const there = readdirSync(folder, { recursive: true, withFileTypes: true });
    if (there.filter((entry) => !entry.isDirectory()).length !== files.length) return undefined;
    const marks: (string | number)[] = [];
    for (const file of files) {
      const path = join(folder, file.path);
      const content = Buffer.from(file.content);
      const status = statSync(path);
      if (!status.isFile() || status.size !== content.length) return undefined;
      const executable = (status.mode & 0o100) !== 0;
      if (process.platform !== 'win32' && executable !== (file.executable ?? false)) return undefined;
      if (!readFileSync(path).equals(content)) return undefined;
      marks.push(file.path, status.size, status.mtimeMs);
    }
    return marks;
  } catch {
    // Not readable: then it is written anew, and that says what is wrong.
    return undefined;
  }
}

/** The number of the process whose staging folder has this name; undefined for any other name. */
export function stagingOwner(name: string): number | undefined {
  const owner = /^\.polc-(\d+)-[a-z0-9]+$/.exec(name)?.[1];
  return owner === undefined ? undefined : Number(owner);
}

/**
 * INVARIANT: names and paths come from policy names and backends, which hold no `..` and no absolute path; anything else
 * is a mistake of ours.
 */
export function assertInsideFolder({ name, files }: OutputFolder): void {
  assertInside(name);
  for (const { path } of files) assertInside(path);
}

function assertInside(path: string): void {
  const parts = path.split('/');
  if (
    parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\') || part.includes('\0'))
  ) {
    throw new Error(`an output path leaves its folder: ${JSON.stringify(path)}`);
  }
  if (parts[0]!.startsWith(stagingPrefix)) throw new Error(`an output path takes a staging name: ${path}`);
}
