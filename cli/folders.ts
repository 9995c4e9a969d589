import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's own `recursive` never returns where a folder takes no other and says that it
 * is not there, as /proc does (Node 20: MKDirpSync tries again for ever on ENOENT).
 *
 * @throws the operating system's error; ENOTDIR where a file has the name
 */
export function makeFolders(folder: string, mode?: number): void {
  const isFolder = () => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolders(parent, mode);
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (isFolder()) return;
    const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw taken ? Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' }) : error;
  }
}
