import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { AuditRecord } from '../../runtime/audit/record.ts';
import { verifyAuditLog } from '../../runtime/audit/verify.ts';
import { failureText } from '../failure.ts';
import { report } from '../report.ts';

/** What a log holds. */
export interface ReadLog {
  readonly records: readonly AuditRecord[];
  /** The digest that the next record has to name. */
  readonly head: string;
  /** Bytes of a last record that a crash cut off. */
  readonly cutOff: number;
}

/** Reads a log that is not being changed by it, and verifies its chain. */
export function readLog(path: string): ReadLog | { readonly unreadable: Diagnostic } | { readonly broken: Diagnostic } {
  const span = { file: path, start: 0, end: 0 };
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { unreadable: report('POL8002', span, { path, reason: failureText(error) }) };
  }
  const records: AuditRecord[] = [];
  const verified = verifyAuditLog(bytes, { onRecord: (record) => records.push(record) });
  if (verified.ok) return { records, head: verified.head, cutOff: verified.cutOff };
  const { line, problem } = verified;
  const place = placeOfLine(bytes, line);
  return { broken: report('POL8353', { file: path, ...place }, { path, line, problem }) };
}

/** The span of a line, in characters where all of the log is ASCII, as what polc writes nearly always is. */
function placeOfLine(bytes: Uint8Array, line: number): { readonly start: number; readonly end: number } {
  let start = 0;
  for (let before = 1; before < line; before += 1) start = bytes.indexOf(0x0a, start) + 1;
  const end = bytes.indexOf(0x0a, start);
  return { start, end: end === -1 ? bytes.length : end };
}
