import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { jsonValue } from '../../json.ts';
import { syncFolder } from '../../tenancy/sync-folder.ts';
import { type BuildRecord, isRecord, type Stamped } from './record.ts';

/** A journal that cannot be read or written. */
export class BuildJournalFailure extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.name = 'BuildJournalFailure';
    this.path = path;
  }
}

/**
 * The records of a compilation, in their order. A last line that a crash cut off was never answered for, and is left out.
 *
 * @returns undefined where there is no journal
 * @throws BuildJournalFailure
 */
export function readBuildJournal(path: string): readonly Stamped<BuildRecord>[] | undefined {
  return wholeLines(path)?.lines.map((line, index) => {
    const value = jsonValue(line);
    if (!isRecord(value)) throw new BuildJournalFailure(path, `line ${index + 1} is no record of this version of polc`);
    return value;
  });
}

/** What whoever holds the lock of a compilation writes to. */
export interface BuildJournal {
  /** On the disk (fsync(2)) when this returns. Throws `BuildJournalFailure`. */
  append(record: Stamped<BuildRecord>): void;
  close(): void;
}

/** Opens the journal to add to it; a line that was cut off is taken away first. Throws `BuildJournalFailure`. */
export function openBuildJournal(path: string): BuildJournal {
  const kept = wholeLines(path)?.bytes ?? 0;
  const descriptor = attempt(path, () => openSync(path, 'a', 0o600));
  attempt(path, () => {
    ftruncateSync(descriptor, kept);
    syncFolder(dirname(path));
  });
  return {
    append(record) {
      attempt(path, () => {
        const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
        fsyncSync(descriptor);
      });
    },
    close: () => closeSync(descriptor),
  };
}

function wholeLines(path: string): { readonly lines: readonly string[]; readonly bytes: number } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new BuildJournalFailure(path, codeOf(error) ?? String(error));
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return { lines: whole.split('\n').slice(0, -1), bytes: Buffer.byteLength(whole) };
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new BuildJournalFailure(path, codeOf(error) ?? String(error));
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
