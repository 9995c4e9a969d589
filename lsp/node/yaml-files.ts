import { readdirSync, statSync } from 'node:fs';

/** A workspace of more than this is no folder of policies, and is not read as one. */
const usualMost = 500;
/** For each file that a list may have. */
const mostEntries = 10;
const mostBytes = 8 * 1024;
const deepest = 8;

/** Undefined where there is too much, or a folder cannot be read. Hidden folders and those of npm are left out. */
export function yamlFilesBelow(folder: string, most: number = usualMost): readonly string[] | undefined {
  const files: string[] = [];
  let entries = 0;
  let bytes = 0;
  const walk = (path: string, depth: number): boolean => {
    for (const entry of readdirSync(path === '' ? '.' : path, { withFileTypes: true })) {
      entries += 1;
      if (entries > most * mostEntries) return false;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const below = path === '' ? entry.name : `${path.replace(/\/+$/, '')}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth >= deepest || !walk(below, depth + 1)) return false;
      } else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) {
        bytes += statSync(below).size;
        if (files.push(below) > most || bytes > most * mostBytes) return false;
      }
    }
    return true;
  };
  try {
    return walk(folder, 0) ? files.sort() : undefined;
  } catch {
    return undefined;
  }
}
