import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program in a folder that only this user may enter. */
export interface ProgramFile {
  readonly path: string;
  remove(): void;
}

export function writeProgram(name: string, content: Uint8Array): ProgramFile {
  const folder = mkdtempSync(join(tmpdir(), 'polc-run-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const path = join(folder, name);
  try {
    writeFileSync(path, content, { mode: 0o755 });
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}

/** Writes a program for as long as `use` takes. */
export function withProgram<T>(name: string, content: Uint8Array, use: (path: string) => T): T {
  const program = writeProgram(name, content);
  try {
    return use(program.path);
  } finally {
    program.remove();
  }
}
