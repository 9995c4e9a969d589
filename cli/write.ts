import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { failureText } from './failure.ts';
import { report } from './report.ts';
import {
  assertInsideFolder,
  discardStaging,
  type FileMarks,
  type OutputFile,
  type OutputFolder,
  openStaging,
  type StagedFolder,
  type Staging,
  stager,
  stagingOwner,
  writeNewFile,
} from './staging.ts';

export interface PublishOptions {
  /**
   * Files directly in the output folder: `build-report.json`. Each is replaced by itself, after the folders. They are made
   * when every folder is staged, from the marks of each by its name.
   */
  readonly files?: (marks: ReadonlyMap<string, FileMarks>) => readonly OutputFile[];
  /** Waits until the disk has the data (fsync(2)), for output that must survive a power cut. */
  readonly sync?: boolean;
  /** What threads have staged already. The staging folder is gone afterwards. */
  readonly begun?: { readonly staging: Staging; readonly folders: readonly StagedFolder[] };
}

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
  { files, sync = false, begun }: PublishOptions = {},
): Diagnostic | undefined {
  for (const folder of folders) assertInsideFolder(folder);
  let staging = begun?.staging;
  const replaced: Replacement[] = [];
  let keep = false;
  try {
    staging ??= openStaging(out);
    restoreAbandoned(out);
    const stage = stager(staging, 0, sync);
    const staged = [...(begun?.folders ?? []), ...folders.map(stage)];
    const last = files?.(new Map(staged.map(({ name, marks }) => [name, marks]))) ?? [];
    for (const file of last) writeNewFile(join(staging.folder, 'files', file.path), file, sync);
    for (const { name, slot } of staged) {
      if (slot === undefined) continue;
      const place = join(out, name);
      const old = join(staging.folder, 'old', name);
      replaced.push({ place, old: renameIfThere(place, old) ? old : undefined });
      renameSync(join(staging.folder, 'new', slot), place);
    }
    for (const { path } of last) renameSync(join(staging.folder, 'files', path), join(out, path));
    if (sync) syncFolder(out);
    return undefined;
  } catch (error) {
    if (!putBack(replaced)) keep = true;
    // With the slash it names a folder, of which no excerpt is shown, even where a file has its place.
    const span = { file: `${out.replace(/\/+$/, '')}/`, start: 0, end: 0 };
    return report('POL8003', span, { path: out, reason: failureText(error) });
  } finally {
    if (staging !== undefined && !keep) discardStaging(staging);
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

/** The renames themselves are in the folder's own data. Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function renameIfThere(from: string, to: string): boolean {
  // An exception costs more than this question, and in a new output folder there would be one a policy.
  if (lstatSync(from, { throwIfNoEntry: false }) === undefined) return false;
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** A build that was killed between two renames left the old folder in its staging folder: put it back. */
function restoreAbandoned(out: string): void {
  for (const name of readdirSync(out)) {
    const owner = stagingOwner(name);
    if (owner === undefined || isRunning(owner)) continue;
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
