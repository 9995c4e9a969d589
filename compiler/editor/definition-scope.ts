import { stemOf } from '../dialects/template/find-template.ts';
import { hasWildcard, matchesGlob } from '../expressions/glob.ts';
import type { Declaration, NameKind, Reference } from './names.ts';
import type { IndexedFile, Workspace } from './workspace.ts';

/** What a reference leads to. */
export interface Target {
  readonly file: IndexedFile;
  /** Absent where it is the file as a whole that is named. */
  readonly declaration?: Declaration;
}

/**
 * What a reference that stands in a file leads to; several where a pattern is meant, or where nothing says which. A
 * reference to a file leads to it only where the index has it.
 */
export function targetsOf(reference: Reference, from: string, workspace: Workspace): readonly Target[] {
  const { kind, name, path } = reference;
  if (kind === 'file') {
    const file = path === undefined ? undefined : workspace.file(path);
    return file === undefined ? [] : [{ file }];
  }
  if (kind === 'template') return templatesCalled(name, from, workspace);
  return declaredIn(visibleFrom(from, kind, workspace), kind, name, reference.of);
}

/**
 * The declarations of a name in some files; of all names that it matches, where it is a pattern.
 *
 * @param of of an object of Kubernetes: its kind
 */
export function declaredIn(
  files: readonly IndexedFile[],
  kind: NameKind,
  name: string,
  of?: string,
): readonly Target[] {
  const fits = hasWildcard(name) ? (each: string) => matchesGlob(each, name) : (each: string) => each === name;
  return files.flatMap((file) =>
    file.declarations
      .filter((declaration) => declaration.kind === kind && declaration.of === of && fits(declaration.name))
      .map((declaration) => ({ file, declaration })),
  );
}

/**
 * The files in which a name that stands in one of them means the same: for what a tenancy names, the files that are
 * read together with it; for a template, a profile or an object of Kubernetes, those of its folder; for a policy, its own.
 */
export function visibleFrom(path: string, kind: NameKind, workspace: Workspace): readonly IndexedFile[] {
  switch (kind) {
    case 'policy': {
      const own = workspace.file(path);
      return own === undefined ? [] : [own];
    }
    case 'template':
    case 'profile':
    case 'object': {
      const folder = workspace.folderOf(path);
      return workspace.files().filter((file) => file.path.startsWith(`${folder}/`));
    }
    case 'tier':
    case 'team':
    case 'model':
      return readTogether(path, workspace);
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

/** What is read with a file by whichever file includes it, itself among them. */
function readTogether(path: string, workspace: Workspace): readonly IndexedFile[] {
  const including = new Map<string, string[]>();
  for (const { path: from, references } of workspace.files()) {
    for (const { path: to } of references) {
      if (to === undefined) continue;
      const known = including.get(to);
      if (known === undefined) including.set(to, [from]);
      else known.push(from);
    }
  }
  const above = reached([path], (each) => including.get(each) ?? []);
  const below = reached([...above], (each) => {
    const references = workspace.file(each)?.references ?? [];
    return references.flatMap(({ path: to }) => to ?? []);
  });
  return [...below].flatMap((each) => workspace.file(each) ?? []);
}

/** Everything that one comes to from some places, these included. Circles do no harm. */
function reached(from: readonly string[], next: (path: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set(from);
  for (const each of found) for (const other of next(each)) found.add(other);
  return found;
}

/** Templates by what others call them: their slug, or else their name, or else their file, as the compiler looks for them. */
function templatesCalled(called: string, from: string, workspace: Workspace): readonly Target[] {
  const files = visibleFrom(from, 'template', workspace).filter(({ dialect }) => dialect === 'template');
  if (hasWildcard(called)) return files.flatMap((file) => matching(file, called));
  for (const key of ['slug', 'name']) {
    const found = declaredIn(files, 'template', called).filter(({ declaration }) => declaration?.key === key);
    if (found.length > 0) return found;
  }
  return files.filter(({ path }) => stemOf(path) === called).map((file) => ({ file }));
}

/** A template where a pattern matches what launches call it: its slug, or else its file. */
function matching(file: IndexedFile, pattern: string): readonly Target[] {
  const slug = file.declarations.find(({ key }) => key === 'slug');
  if (!matchesGlob(slug?.name ?? stemOf(file.path), pattern)) return [];
  return slug === undefined ? [{ file }] : [{ file, declaration: slug }];
}
