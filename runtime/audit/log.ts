import { type AuditEntry, firstPrevious, lineDigest, recordLine } from './record.ts';

/** Where decisions are written. What cannot be written must not be done: callers write before they act. */
export interface AuditLog {
  /** Appends records, all or none. Throws `AuditFailure`. */
  append(entries: readonly AuditEntry[]): void;
  /** Whether it has a record of this, of the actions that it was made to remember; absent where it remembers none. */
  remembers?(entry: Remembered): boolean;
}

/** What a log is asked for again. */
export type Remembered = Pick<AuditEntry, 'action' | 'subject' | 'decision' | 'policy_hash'>;

/** Records that a memory holds: some 10 MB. A process of AWS Lambda lives for hours, and whoever may publish fills it. */
export const mostRemembered = 65_536;

/** Records of some actions, kept by the digest of what they say; the oldest go where there are too many. */
export class AuditMemory {
  readonly #actions: ReadonlySet<string>;
  readonly #known = new Set<string>();

  constructor(actions: readonly string[]) {
    this.#actions = new Set(actions);
  }

  note(entry: Remembered): void {
    if (!this.#actions.has(entry.action)) return;
    const key = keyOf(entry);
    // Again at the end: what is told of often is not the oldest.
    this.#known.delete(key);
    this.#known.add(key);
    if (this.#known.size <= mostRemembered) return;
    const [oldest] = this.#known;
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  has(entry: Remembered): boolean {
    return this.#known.has(keyOf(entry));
  }
}

function keyOf({ action, subject, decision, policy_hash: hash }: Remembered): string {
  return lineDigest(JSON.stringify([action, decision, hash, subject]));
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

/**
 * A log on a stream, such as standard output where AWS Lambda keeps it: a chain that begins with the process.
 *
 * @param remembered the actions that it can be asked for again
 */
export function auditStream(write: (text: string) => void, remembered: readonly string[] = []): AuditLog {
  let head = firstPrevious;
  const memory = new AuditMemory(remembered);
  return {
    remembers: (entry) => memory.has(entry),
    append(entries) {
      const { text, head: next } = chainedLines(entries, head);
      write(text);
      head = next;
      for (const entry of entries) memory.note(entry);
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
