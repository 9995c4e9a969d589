import { type AuditEntry, firstPrevious, lineDigest, recordLine } from './record.ts';

/** Where decisions are written. What cannot be written must not be done: callers write before they act. */
export interface AuditLog {
  /** Appends records, all or none. Throws `AuditFailure`. */
  append(entries: readonly AuditEntry[]): void;
}

/** A log that cannot be read, is not whole, or cannot be written. */
export class AuditFailure extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.name = 'AuditFailure';
    this.path = path;
  }
}

/** A log on a stream, such as standard output where AWS Lambda keeps it: a chain that begins with the process. */
export function auditStream(write: (text: string) => void): AuditLog {
  let head = firstPrevious;
  return {
    append(entries) {
      const { text, head: next } = chainedLines(entries, head);
      write(text);
      head = next;
    },
  };
}

/** The lines of entries that follow `previous`, each with its line feed, and the digest that the next one has to name. */
export function chainedLines(
  entries: readonly AuditEntry[],
  previous: string,
): { readonly text: string; readonly head: string } {
  let head = previous;
  let text = '';
  for (const entry of entries) {
    const line = recordLine(entry, head);
    text += `${line}\n`;
    head = lineDigest(line);
  }
  return { text, head };
}
