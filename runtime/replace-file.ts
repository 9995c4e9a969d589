import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

/**
 * Replaces a file as a whole, with the mode that it had: whoever reads it sees the old content or the new, also after a
 * crash. Through a symbolic link the file that it leads to is replaced by whoever resolves it first.
 *
 * @param mode of a file that is new
 * @throws the operating system's error; then the file is as it was
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o644): void {
  const made = `${path}.${process.pid}.new`;
  const kept = statSync(path, { throwIfNoEntry: false })?.mode ?? mode;
  try {
    const descriptor = openSync(made, 'wx', kept & 0o777);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}
