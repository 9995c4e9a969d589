import { withLock } from '../audit/lock.ts';
import { type ApprovalRecord, approvalLine, readApproval } from './approval.ts';
import { appendLine, readLines } from './record-lines.ts';

/** Adds a record to a file of approvals, which is on the disk when this returns. Throws `AuditFailure`. */
export function appendApproval(path: string, record: ApprovalRecord): void {
  withLock(path, () => appendLine(path, approvalLine(record), 0o644));
}

/** The records of a file, none where there is no file; a line that is no record approves nothing. Throws `AuditFailure`. */
export function readApprovals(path: string): readonly ApprovalRecord[] {
  return readLines(path).flatMap((line) => readApproval(line) ?? []);
}
