import { hash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { JournalFailure } from '../journal.ts';
import { syncFolder } from '../sync-folder.ts';
import { withoutContent } from './change.ts';
import { afterEntry, isOver, type JournalEntry, type Operation } from './operation.ts';
import { readJson } from './team-secret.ts';

/** A journal of operations: a file of lines, each the digest of an entry and the entry. */
export interface OperationJournal {
  /** On the disk when it returns. Throws `JournalFailure`. */
  append(entry: JournalEntry): void;
  close(): void;
}

export interface OpenedJournal {
  readonly journal: OperationJournal;
  /** In the order in which they were accepted. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** The file into which a line that a crash cut off was put aside. */
  readonly setAside?: string;
}

/** So many operations that are over are remembered: what Idempotency-Keys and questions are answered from. */
export const remembered = 10_000;

/** Bytes of a journal that is written anew with what is remembered of it. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Reads a journal, or begins one. A last line that is not whole was being written when the process ended, so nobody was
 * answered: it is put aside. Any other line that is not what was written is a failure. Operations that were over long ago are
 * left out of what is kept, and a journal that has grown large has only the outcome of those that are over.
 *
 * @param largest bytes of a journal that is written anew
 * @throws JournalFailure
 */
export function openOperationJournal(path: string, largest = mostBytes): OpenedJournal {
  return attempt(path, () => {
    const { lines, rest } = readLines(path);
    let setAside: string | undefined;
    if (rest.length > 0) {
      setAside = `${path}.cut-off`;
      writeFileSync(setAside, rest, { mode: 0o600 });
      truncateSync(
        path,
        lines.reduce((sum, line) => sum + line.length + 1, 0),
      );
    }
    const { operations, entries, forgotten } = replay(path, lines);
    let size = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (forgotten > 0 || size > largest) size = rewrite(path, operations, entries);
    let mayGrowTo = Math.max(largest, 2 * size);
    let descriptor = openSync(path, 'a', 0o600);
    syncFolder(dirname(path));
    const compact = () => {
      const all = replay(path, readLines(path).lines);
      size = rewrite(path, all.operations, all.entries);
      mayGrowTo = Math.max(largest, 2 * size);
      closeSync(descriptor);
      descriptor = openSync(path, 'a', 0o600);
      syncFolder(dirname(path));
    };
    const journal: OperationJournal = {
      append: (entry) =>
        attempt(path, () => {
          size += writeLine(descriptor, lineOf(entry));
          if (size > mayGrowTo) compact();
        }),
      close: () => closeSync(descriptor),
    };
    return { journal, operations, ...(setAside === undefined ? {} : { setAside }) };
  });
}

type Entries = ReadonlyMap<string, readonly JournalEntry[]>;

/** What lines say, without the operations that were over long ago. */
function replay(path: string, lines: readonly Buffer[]) {
  const operations = new Map<string, Operation>();
  const entries = new Map<string, JournalEntry[]>();
  lines.forEach((line, index) => {
    const entry = entryIn(line.toString('utf8'));
    const operation = entry === undefined ? undefined : afterEntry(operations.get(entry.operation), entry);
    if (entry === undefined || operation === undefined) throw new JournalFailure(path, `line ${index + 1} is damaged`);
    operations.set(operation.id, operation);
    const known = entries.get(operation.id);
    if (known === undefined) entries.set(operation.id, [entry]);
    else known.push(entry);
  });
  const over = [...operations.values()].filter(isOver);
  const old = over.slice(0, Math.max(0, over.length - remembered));
  for (const { id } of old) {
    operations.delete(id);
    entries.delete(id);
  }
  return { operations, entries, forgotten: old.length };
}

/** What of the entries of an operation that is over says how it ended. */
function outcomeOf(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  return entries.flatMap((entry) => {
    if (entry.event === 'begun' || entry.event === 'undoing') return [];
    return entry.event === 'accepted' ? { ...entry, change: withoutContent(entry.change) } : entry;
  });
}

const events: readonly string[] = ['accepted', 'begun', 'undoing', 'committed', 'finished'];

function lineOf(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `${digestOf(text)} ${text}\n`;
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

function entryIn(line: string): JournalEntry | undefined {
  const text = line.slice(33);
  if (line[32] !== ' ' || digestOf(text) !== line.slice(0, 32)) return undefined;
  const value = readJson(text);
  return isEntry(value) ? value : undefined;
}

/** The digest says that the line is what was written; this only, that it is of this version. */
function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null || !('operation' in value) || !('event' in value)) return false;
  const { operation, event } = value;
  return typeof operation === 'string' && typeof event === 'string' && events.includes(event);
}

function readLines(path: string): { readonly lines: readonly Buffer[]; readonly rest: Buffer } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { lines: [], rest: Buffer.alloc(0) };
    throw error;
  }
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return { lines, rest: bytes.subarray(from) };
}

/** @returns its bytes */
function rewrite(path: string, operations: ReadonlyMap<string, Operation>, entries: Entries): number {
  const kept = [...entries].flatMap(([id, each]) => {
    const operation = operations.get(id);
    return operation !== undefined && isOver(operation) ? outcomeOf(each) : each;
  });
  const made = `${path}.new`;
  const descriptor = openSync(made, 'w', 0o600);
  let size = 0;
  try {
    size = writeLine(descriptor, kept.map(lineOf).join(''));
  } finally {
    closeSync(descriptor);
  }
  renameSync(made, path);
  return size;
}

/** @returns its bytes */
function writeLine(descriptor: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  fsyncSync(descriptor);
  return bytes.length;
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof JournalFailure) throw error;
    throw new JournalFailure(path, codeOf(error) ?? String(error));
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
