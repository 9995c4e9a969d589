import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { failureText } from './failure.ts';
import { makeFolders } from './folders.ts';
import { report } from './report.ts';

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

export interface PublishOptions {
  /** Files directly in the output folder: `build-report.json`. Each is replaced by itself, after the folders. */
  readonly files?: readonly OutputFile[];
  /** Waits until the disk has the data (fsync(2)), for output that must survive a power cut. */
  readonly sync?: boolean;
}

/** The staging folder of process 123 is `.polc-123-…` inside the output folder, so that rename(2) stays on one disk. */
const stagingPrefix = '.polc-';

/**
 * Publishes folders into `out` so that a reader never sees half of one: everything is written to a staging folder first,
 * then each folder is renamed into place. When any step fails, every folder is put back as it was and the diagnostic
 * says why (exit code 3). Folders whose content is already there are not touched.
 *
 * INVARIANT: names and paths come from policy names and backends, which hold no `..` and no absolute path; anything else
 * is a mistake of ours and throws.
 */
export function publish(
  out: string,
  folders: readonly OutputFolder[],
  options: PublishOptions = {},
): Diagnostic | undefined {
  for (const folder of folders) for (const file of folder.files) assertInside(`${folder.name}/${file.path}`);
  for (const file of options.files ?? []) assertInside(file.path);
  const changed = folders.filter((folder) => !holdsExactly(join(out, folder.name), folder.files));
  const files = options.files ?? [];
  const staging = join(out, `${stagingPrefix}${process.pid}-${Math.random().toString(36).slice(2, 10)}`);
  const replaced: Replacement[] = [];
  let keep = false;
  try {
    makeFolders(out);
    restoreAbandoned(out);
    if (changed.length === 0 && files.length === 0) return undefined;
    for (const folder of changed) writeFolder(join(staging, 'new', folder.name), folder.files, options.sync ?? false);
    if (files.length > 0) writeFolder(join(staging, 'files'), files, options.sync ?? false);
    makeFolders(join(staging, 'old'));
    for (const { name } of changed) {
      const place = join(out, name);
      const old = join(staging, 'old', name);
      replaced.push({ place, old: renameIfThere(place, old) ? old : undefined });
      renameSync(join(staging, 'new', name), place);
    }
    for (const file of files) renameSync(join(staging, 'files', file.path), join(out, file.path));
    if (options.sync) syncFolder(out);
    return undefined;
  } catch (error) {
    if (!putBack(replaced)) keep = true;
    // With the slash it names a folder, of which no excerpt is shown, even where a file has its place.
    const span = { file: `${out.replace(/\/+$/, '')}/`, start: 0, end: 0 };
    return report('POL8003', span, { path: out, reason: failureText(error) });
  } finally {
    if (!keep) discard(staging);
  }
}

interface Replacement {
  readonly place: string;
  readonly old: string | undefined;
}

/** False when a folder could not be put back: then it stays in the staging folder, for the next build to restore. */
function putBack(replaced: readonly Replacement[]): boolean {
  try {
    for (const { place, old } of [...replaced].reverse()) {
      rmSync(place, { recursive: true, force: true });
      if (old !== undefined) renameSync(old, place);
    }
    return true;
  } catch {
    return false;
  }
}

/** What cannot be removed now is removed by a later build. */
function discard(staging: string): void {
  try {
    rmSync(staging, { recursive: true, force: true });
  } catch {
    // The output folder is no folder, or has become unwritable: the diagnostic has said so.
  }
}

function writeFolder(folder: string, files: readonly OutputFile[], sync: boolean): void {
  const made = new Set<string>();
  for (const file of files) {
    const path = join(folder, file.path);
    const parent = dirname(path);
    if (!made.has(parent)) makeFolders(parent);
    made.add(parent);
    writeFileSync(path, file.content, { flag: 'wx' });
    if (file.executable) chmodSync(path, 0o755);
    if (sync) {
      const descriptor = openSync(path, 'r');
      fsyncSync(descriptor);
      closeSync(descriptor);
    }
  }
  if (files.length === 0) makeFolders(folder);
}

/** The renames themselves are in the folder's own data. Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Whether the folder holds these files with this content and mode, and no other. */
function holdsExactly(folder: string, files: readonly OutputFile[]): boolean {
  try {
    const there = readdirSync(folder, { recursive: true, withFileTypes: true });
    if (there.filter((entry) => !entry.isDirectory()).length !== files.length) return false;
    return files.every((file) => {
      const path = join(folder, file.path);
      const content = Buffer.from(file.content);
      const status = statSync(path);
      if (!status.isFile() || status.size !== content.length) return false;
      if (process.platform !== 'win32' && ((status.mode & 0o100) !== 0) !== (file.executable ?? false)) return false;
      return readFileSync(path).equals(content);
    });
  } catch {
    // Not there, or not readable: then it is written anew, and that says what is wrong.
    return false;
  }
}

/** A build that was killed between two renames left the old folder in its staging folder: put it back. */
function restoreAbandoned(out: string): void {
  for (const name of readdirSync(out)) {
    const owner = /^\.polc-(\d+)-[a-z0-9]+$/.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    const old = join(out, name, 'old');
    try {
      for (const folder of readdirSync(old)) {
        try {
          statSync(join(out, folder));
        } catch {
          renameIfThere(join(old, folder), join(out, folder));
        }
      }
    } catch {
      // It had not come to moving anything.
    }
    rmSync(join(out, name), { recursive: true, force: true });
  }
}

/** kill(2) with signal 0 only asks; EPERM means that another user's process has the number. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
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
