import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownName, sweepDeadFolders } from './left-behind.ts';

/** A program in a folder that only this user may enter. */
export interface ProgramFile {
  readonly path: string;
  remove(): void;
}

/** Writes a program for as long as this process lives; what a killed polc has left beside it goes. */
export function writeProgram(name: string, content: Uint8Array): ProgramFile {
  sweepDeadFolders(tmpdir(), 'run', Date.now());
  const folder = join(tmpdir(), ownName('run'));
  mkdirSync(folder, { mode: 0o700 });
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
