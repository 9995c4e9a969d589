import { closeSync, constants, fsyncSync, openSync, readFileSync } from 'node:fs';
import { withLock } from '../audit/lock.ts';
import { AuditFailure } from '../audit/log.ts';
import { writeWhole } from '../audit/write-whole.ts';
import { type ApprovalRecord, approvalLine, readApproval } from './approval.ts';

/** Adds a record to a file of approvals, which is on the disk when this returns. Throws `AuditFailure`. */
export function appendApproval(path: string, record: ApprovalRecord): void {
  withLock(path, () => {
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o644);
    } catch (error) {
      throw new AuditFailure(path, codeOf(error));
    }
    try {
      // The first line feed ends what a crash may have left of a line.
      writeWhole(descriptor, `\n${approvalLine(record)}\n`, path);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** The records of a file, none where there is no file; a line that is no record approves nothing. Throws `AuditFailure`. */
export function readApprovals(path: string): readonly ApprovalRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new AuditFailure(path, `it cannot be read: ${codeOf(error)}`);
  }
  return text.split('\n').flatMap((line) => readApproval(line) ?? []);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
