import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, readSync } from 'node:fs';
import { withLock } from './lock.ts';
import { AuditFailure, type AuditLog, AuditMemory, chainedLines } from './log.ts';
import { type AuditEntry, type AuditRecord, firstPrevious, lineDigest, recoveredAction } from './record.ts';
import { type AuditVerification, verifyAuditLog } from './verify.ts';
import { writeWhole } from './write-whole.ts';

/**
 * A log in a file, made where there is none, readable by its owner only. The whole chain is verified first, and what other
 * processes append is verified as it is come upon. Each append is one write(2) to the end of the file, under a lock, and on
 * the disk (fsync(2)) when it returns.
 *
 * @throws AuditFailure where the file cannot be read or written, or is no chain
 */
export function openAuditFile(path: string, remembered: readonly string[] = []): AuditLog {
  let size = 0;
  let head = firstPrevious;
  const memory = new AuditMemory(remembered);
  /** Verifies what is new, and gives the bytes that a crash left of a last record. */
  const catchUp = (descriptor: number): Uint8Array => {
    const now = fstatSync(descriptor).size;
    if (now < size) throw new AuditFailure(path, 'it has become shorter: records were removed');
    const bytes = readFrom(descriptor, size, now);
    const verified = verifyAuditLog(bytes, { previous: head, onRecord: (record) => memory.note(record) });
    if (!verified.ok) throw notWhole(path, verified);
    size = now - verified.cutOff;
    head = verified.head;
    return bytes.subarray(bytes.length - verified.cutOff);
  };
  const locked = (work: (descriptor: number) => void) =>
    withLock(path, () =>
      attempt(path, () => {
        const descriptor = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
        try {
          work(descriptor);
        } finally {
          closeSync(descriptor);
        }
      }),
    );
  locked(catchUp);
  return {
    remembers: (entry) => memory.has(entry),
    append(entries) {
      const [first] = entries;
      if (first === undefined) return;
      locked((descriptor) => {
        const cutOff = catchUp(descriptor);
        // What a crash left of a record stays, as a line of its own that the next record vouches for.
        const torn = cutOff.length > 0;
        const lines = torn
          ? chainedLines([recovered(first), ...entries], lineDigest(cutOff))
          : chainedLines(entries, head);
        const text = torn ? `\n${lines.text}` : lines.text;
        writeWhole(descriptor, text, path);
        fsyncSync(descriptor);
        size += cutOff.length + Buffer.byteLength(text);
        head = lines.head;
        for (const entry of entries) memory.note(entry);
      });
    },
  };
}

/** Every record of a log in a file, verified; none where there is no file. Throws `AuditFailure`. */
export function readAuditFile(path: string): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return records;
    throw new AuditFailure(path, `it cannot be read: ${codeOf(error) ?? String(error)}`);
  }
  const verified = verifyAuditLog(bytes, { onRecord: (record) => records.push(record) });
  if (!verified.ok) throw notWhole(path, verified);
  return records;
}

function notWhole(path: string, { line, problem }: AuditVerification & { readonly ok: false }): AuditFailure {
  return new AuditFailure(path, `line ${line}: ${problem}`);
}

function readFrom(descriptor: number, from: number, to: number): Uint8Array {
  const bytes = Buffer.alloc(to - from);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, from + done);
    if (read === 0) return bytes.subarray(0, done);
    done += read;
  }
  return bytes;
}

function recovered(first: AuditEntry): AuditEntry {
  const { time, actor } = first;
  const reasons = [{ text: 'the line before was cut off when it was written' }];
  return {
    time,
    actor,
    action: recoveredAction,
    subject: 'audit log',
    decision: 'continued',
    reasons,
    policy_hash: '',
  };
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AuditFailure) throw error;
    throw new AuditFailure(path, codeOf(error) ?? String(error));
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
