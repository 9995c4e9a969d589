import { writeSync } from 'node:fs';
import { AuditFailure } from './log.ts';

/** Milliseconds that whoever reads from a pipe may take. */
const longestWait = 5000;

/**
 * Writes all of a text: write(2) may take a part of it, and nothing where a pipe that does not block is full (EAGAIN), as
 * standard output may be.
 *
 * @param path what messages call the file
 * @throws AuditFailure
 */
export function writeWhole(descriptor: number, text: string, path: string): void {
  const bytes = Buffer.from(text);
  const started = Date.now();
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code !== 'EAGAIN' || Date.now() - started > longestWait) throw new AuditFailure(path, code);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
