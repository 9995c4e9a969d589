import { parseYaml } from '../../source/parse-yaml.ts';
import { type SourceText, sourceText } from '../../source/text.ts';
import type { Loader, Neighbours } from '../loader.ts';

/** The templates of the workspace by the names that people call them by, each with its paths. */
interface TemplateIndex {
  readonly slugs: ReadonlyMap<string, readonly string[]>;
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** By the name of the file without its suffix. */
  readonly stems: ReadonlyMap<string, readonly string[]>;
}

/** Of each file two lines are looked for, and nothing is parsed but those. */
const mostFiles = 5_000;

/** Each host's view of a list of files is worked out once; of several lists, the last. */
const indices = new WeakMap<object, { readonly paths: readonly string[]; readonly index: TemplateIndex }>();

export interface FoundTemplates {
  /** The paths of the templates of that name; several where it does not say which. */
  readonly paths: readonly string[];
  /** Every name by which one can be called. */
  known(): readonly string[];
}

/**
 * The templates of the workspace that are called so: by their slug, or else by their name, or else by their file.
 * Undefined where the host has no list of files.
 */
export function findTemplates(called: string, loader: Loader): FoundTemplates | undefined {
  const neighbours = loader.neighbours(mostFiles);
  if (neighbours === undefined) return undefined;
  const { slugs, names, stems } = indexOf(neighbours);
  const paths = slugs.get(called) ?? names.get(called) ?? stems.get(called) ?? [];
  return { paths, known: () => [...slugs.keys(), ...names.keys(), ...stems.keys()] };
}

function indexOf(neighbours: Neighbours): TemplateIndex {
  const { snapshot, paths } = neighbours;
  if (snapshot === undefined) return readIndex(neighbours);
  const kept = indices.get(snapshot);
  if (kept !== undefined && areEqual(kept.paths, paths)) return kept.index;
  const index = readIndex(neighbours);
  indices.set(snapshot, { paths, index });
  return index;
}

function areEqual(left: readonly string[], right: readonly string[]): boolean {
  return left === right || (left.length === right.length && left.every((path, at) => path === right[at]));
}

function readIndex({ paths, read }: Neighbours): TemplateIndex {
  const index = { slugs: new Map<string, string[]>(), names: new Map<string, string[]>(), stems: new Map() };
  for (const path of paths) {
    const source = read(path);
    const name = source === undefined ? undefined : topLevel(source, 'name');
    if (source === undefined || name === undefined) continue;
    const slug = topLevel(source, 'slug');
    if (slug !== undefined) add(index.slugs, slug, path);
    add(index.names, name, path);
    add(index.stems, stemOf(path), path);
  }
  return index;
}

/** The scalar under a key of the document, where it stands on one line; nothing else of the file is read. */
export function topLevel({ path, text }: SourceText, key: string): string | undefined {
  const at = text.startsWith(`${key}:`) ? 0 : text.indexOf(`\n${key}:`) + 1;
  if (at === 0 && !text.startsWith(`${key}:`)) return undefined;
  const newline = text.indexOf('\n', at);
  const { root } = parseYaml(sourceText(path, text.slice(at, newline === -1 ? text.length : newline)));
  const value = root?.kind === 'map' ? root.entries[0]?.value : undefined;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

function add(index: Map<string, string[]>, name: string, path: string): void {
  const paths = index.get(name);
  if (paths === undefined) index.set(name, [path]);
  else paths.push(path);
}

/** The name of a file without its folder and suffix. */
export function stemOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '');
}

/** What launches and lists call a template: its slug, or else its file. */
export function calledBy(slug: string | undefined, path: string): string {
  const stem = stemOf(path).replace(/[^A-Za-z0-9._-]+/g, '-');
  return slug ?? (/^[A-Za-z0-9_]/.test(stem) ? stem : `template-${stem}`);
}
