import { landlockRight } from '../tables/landlock.ts';
import { parentOf } from './file-access.ts';
import type { PathUse, Seen } from './observations.ts';

/** One item of `landlock.paths`, and what it is there for. */
export interface PathEntry extends Seen {
  readonly path: string;
  readonly directory: boolean;
  /** In the order of Landlock's bits. */
  readonly rights: readonly string[];
  /** How many files were used beneath it that have no entry of their own; 0 where it is one of them itself. */
  readonly files: number;
}

/** From this many files that are used alike in one directory on, the directory is named instead of each. */
const manyFiles = 6;

/** Whether a policy would take the name of a file for a pattern of names: whoever chose it would choose what is allowed. */
export function readsAsPattern(path: string): boolean {
  return path.includes('*') || path.includes('?');
}

/** Directories that hold too much to be named for the sake of some files in them. */
const tooWide = /^\/(?:[^/]*|home\/[^/]+|root|usr\/(?:local|share|bin|lib)|var\/(?:lib|log|cache)|tmp)$/;

/** What may be widened from files to their directory: reading alone. */
const readable: ReadonlySet<string> = new Set(['read_file', 'read_dir', 'execute']);

/**
 * The paths that were used as items of a policy. A directory stands for its files where many of them were only read, or
 * executed, in the same way; rights to write are never widened. What a directory allows is not listed again beneath it.
 */
export function pathEntries(paths: ReadonlyMap<string, PathUse>): readonly PathEntry[] {
  const entries = new Map<string, PathEntry>();
  for (const [path, { directory, rights }] of paths) {
    if (rights.size === 0 || readsAsPattern(path)) continue;
    entries.set(path, entryOf(path, directory, [...rights.keys()], [...rights.values()], 0));
  }
  widen(entries);
  const kept = [...entries.values()].filter((entry) => !isCovered(entry, entries));
  return kept.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entryOf(path: string, directory: boolean, rights: readonly string[], seen: readonly Seen[], files: number) {
  return {
    path,
    directory,
    rights: [...new Set(rights)].sort((a, b) => bitOf(a) - bitOf(b)),
    count: seen.reduce((sum, { count }) => sum + count, 0),
    first: seen[0]!.first,
    files,
  };
}

function bitOf(right: string): number {
  return Number(landlockRight(right)?.bit ?? 0n);
}

/** From the deepest directory up, so that one that came to stand for its files may be taken into the one above. */
function widen(entries: Map<string, PathEntry>): void {
  const depths = [...entries.keys()].map(depthOf);
  for (let depth = Math.max(...depths, 0); depth > 1; depth -= 1) {
    const families = new Map<string, PathEntry[]>();
    for (const entry of entries.values()) {
      if (depthOf(entry.path) !== depth || !entry.rights.every((right) => readable.has(right))) continue;
      // A directory that was only listed joins its neighbours, but is no reason to widen.
      const key = parentOf(entry.path);
      const family = families.get(key);
      if (family === undefined) families.set(key, [entry]);
      else family.push(entry);
    }
    for (const [parent, family] of families) {
      if (tooWide.test(parent)) continue;
      const files = family.reduce((sum, entry) => sum + filesOf(entry), 0);
      if (files < manyFiles) continue;
      const own = entries.get(parent);
      const joined = own === undefined ? family : [own, ...family];
      for (const entry of family) entries.delete(entry.path);
      entries.set(
        parent,
        entryOf(
          parent,
          true,
          joined.flatMap(({ rights }) => rights),
          joined,
          files,
        ),
      );
    }
  }
}

function filesOf(entry: PathEntry): number {
  return entry.directory ? entry.files : 1;
}

function depthOf(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}

function isCovered(entry: PathEntry, entries: ReadonlyMap<string, PathEntry>): boolean {
  for (let path = entry.path; path !== '/'; ) {
    path = parentOf(path);
    const above = entries.get(path);
    if (above?.directory === true && entry.rights.every((right) => above.rights.includes(right))) return true;
  }
  return false;
}
