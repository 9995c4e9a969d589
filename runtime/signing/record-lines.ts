import { closeSync, constants, fsyncSync, openSync, readFileSync } from 'node:fs';
import { AuditFailure } from '../audit/log.ts';
import { writeWhole } from '../audit/write-whole.ts';

/**
 * Adds a line to a file of records, which is on the disk when this returns. Whoever calls this holds the file's lock.
 *
 * @param mode of a file that is made
 * @throws AuditFailure where the file cannot be written
 */
export function appendLine(path: string, line: string, mode: number): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, mode);
  } catch (error) {
    throw new AuditFailure(path, codeOf(error));
  }
  try {
    // The first line feed ends what a crash may have left of a line.
    writeWhole(descriptor, `\n${line}\n`, path);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The lines of a file of records, none where there is no file. Throws `AuditFailure` where it cannot be read. */
export function readLines(path: string): readonly string[] {
  return readText(path).split('\n');
}

/** The text of a file of records, empty where there is no file. Throws `AuditFailure` where it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw new AuditFailure(path, `it cannot be read: ${codeOf(error)}`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
