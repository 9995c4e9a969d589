import { type AuditRecord, firstPrevious, lineDigest, readRecord, recoveredAction } from './record.ts';

/** What a chain of records came to. */
export type AuditVerification =
  | {
      readonly ok: true;
      /** The digest that the next record has to name. */
      readonly head: string;
      readonly records: number;
      /** Bytes after the last line feed: a record that a crash cut off; 0 in a log that is whole. */
      readonly cutOff: number;
    }
  | { readonly ok: false; readonly line: number; readonly problem: string };

export interface VerifyOptions {
  /** Where the text begins: the digest that its first record has to name. */
  readonly previous?: string;
  /** Told each record in turn. */
  readonly onRecord?: (record: AuditRecord) => void;
}

const lineFeed = 0x0a;

/**
 * Verifies that a log is a chain: that every record names the digest of the one before it, so that none was changed,
 * taken out or put in. What is missing at the end only a head that was kept elsewhere can tell.
 *
 * A line that is no record is accepted only where the next record says that it continues after a crash.
 */
export function verifyAuditLog(bytes: Uint8Array, options: VerifyOptions = {}): AuditVerification {
  let head = options.previous ?? firstPrevious;
  let records = 0;
  let line = 0;
  let torn = 0;
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
    line += 1;
    const content = bytes.subarray(start, end);
    start = end + 1;
    const record = readRecord(decoder.decode(content));
    if (record === undefined) {
      if (torn > 0) return { ok: false, line: torn, problem: 'it is no audit record' };
      torn = line;
      head = lineDigest(content);
      continue;
    }
    if (record.previous !== head) {
      return { ok: false, line, problem: 'it does not follow the record before it: a record was changed or removed' };
    }
    if (torn > 0 && record.action !== recoveredAction) {
      return { ok: false, line: torn, problem: 'it is no audit record' };
    }
    torn = 0;
    records += 1;
    head = lineDigest(content);
    options.onRecord?.(record);
  }
  if (torn > 0) return { ok: false, line: torn, problem: 'it is no audit record' };
  return { ok: true, head, records, cutOff: bytes.length - start };
}

const decoder = new TextDecoder();
