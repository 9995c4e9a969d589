import { type Dirent, readdirSync } from 'node:fs';

/** More are not offered to anybody. */
const most = 2_000;

/** The files in a folder and in the folders in it; hidden ones and those of npm are left out. */
export function filesAround(folder: string): readonly string[] {
  const files: string[] = [];
  for (const entry of entriesOf(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isFile()) files.push(path);
    else if (entry.isDirectory()) {
      for (const inner of entriesOf(path)) if (inner.isFile()) files.push(`${path}/${inner.name}`);
    }
    if (files.length > most) break;
  }
  return files.slice(0, most);
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    const entries = readdirSync(folder === '' ? '.' : folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules');
  } catch {
    return [];
  }
}
