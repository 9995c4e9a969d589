import { readdirSync, statSync } from 'node:fs';
import type { FilesBelow } from '../world.ts';

/** A workspace of more than this is no folder of policies, and is not read as one. */
const usualMost = 500;
/** For each file that a list may have. */
const mostEntries = 10;
const mostBytes = 8 * 1024;
const deepest = 8;

/** Undefined where there is too much, or a folder cannot be read. Hidden folders and those of npm are left out. */
export function yamlFilesBelow(folder: string, most: number = usualMost): readonly string[] | undefined {
  const found = whatCanBeRead(folder, most);
  return found === undefined || found.skipped.length > 0 ? undefined : found.files;
}

/** Leaves out, and names, the folders that cannot be read or are too deep; undefined where there is too much all the same. */
export function whatCanBeRead(folder: string, most: number): FilesBelow | undefined {
  const files: string[] = [];
  const skipped: string[] = [];
  let entries = 0;
  let bytes = 0;
  const walk = (path: string, depth: number): boolean => {
    const inside = depth > deepest ? undefined : entriesOf(path);
    if (inside === undefined) {
      skipped.push(path);
      return true;
    }
    for (const entry of inside) {
      entries += 1;
      if (entries > most * mostEntries) return false;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const below = path === '' ? entry.name : `${path.replace(/\/+$/, '')}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!walk(below, depth + 1)) return false;
      } else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) {
        bytes += statSync(below, { throwIfNoEntry: false })?.size ?? 0;
        if (files.push(below) > most || bytes > most * mostBytes) return false;
      }
    }
    return true;
  };
  return walk(folder, 0) ? { files: files.sort(), skipped: skipped.sort() } : undefined;
}

function entriesOf(path: string) {
  try {
    return readdirSync(path === '' ? '.' : path, { withFileTypes: true });
  } catch {
    return undefined;
  }
}
