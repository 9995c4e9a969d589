import type { Span } from '../source/span.ts';
import { nameAt } from './definition.ts';
import { declaredIn, type Target, targetsOf, visibleFrom } from './definition-scope.ts';
import type { EditorDocument } from './document.ts';
import type { Declaration, Reference } from './names.ts';
import type { IndexedFile, Workspace } from './workspace.ts';

/**
 * Something that takes from others what they say: a policy (`extends`, `inherits`, `include`), or a tier or team of a
 * tenancy (`extends`, `tier`).
 */
export interface HierarchyItem {
  readonly kind: 'policy' | 'tier' | 'team';
  readonly name: string;
  /** The file that it is, or is in. */
  readonly path: string;
  /** The name; the start of a file that has none. */
  readonly selection: Span;
  /** All that is said of it; absent of a policy, which is the whole file. */
  readonly whole?: Span;
}

/** One item with the places that tie it to another. */
export interface HierarchyTie {
  readonly item: HierarchyItem;
  /** Of what takes over: where it says so. */
  readonly places: readonly Span[];
}

/** What is at a cursor: a tier or team, or what a reference leads to; anywhere else the policy itself. */
export function hierarchyAt(document: EditorDocument, offset: number, workspace: Workspace): readonly HierarchyItem[] {
  const own = workspace.file(document.path);
  if (document.role !== 'policy' || own === undefined) return [];
  const found = nameAt(document, offset);
  if (found?.says === 'declares' && (found.name.kind === 'tier' || found.name.kind === 'team')) {
    return [itemOf({ file: own, declaration: found.name })];
  }
  if (found?.says === 'refers' && isInheritance(found.name, own)) {
    const targets = targetsOf(found.name, own.path, workspace);
    if (targets.length > 0) return targets.map((target) => itemOf(target));
  }
  return [itemOf({ file: own })];
}

/** What an item takes from others. */
export function takenFrom(item: HierarchyItem, workspace: Workspace): readonly HierarchyTie[] {
  const file = workspace.file(item.path);
  if (file === undefined) return [];
  const ties = new Ties();
  for (const reference of referencesIn(file, item)) {
    for (const target of targetsOf(reference, file.path, workspace)) {
      ties.add(itemOf(target), reference.span);
    }
  }
  return ties.all();
}

/** What takes from an item. */
export function takenBy(item: HierarchyItem, workspace: Workspace): readonly HierarchyTie[] {
  const ties = new Ties();
  const files = item.kind === 'policy' ? workspace.files() : visibleFrom(item.path, 'tier', workspace);
  for (const file of files) {
    // Thousands of teams may be of one tier.
    const leads = new Map<string, boolean>();
    for (const { from, reference } of takers(file, item.kind)) {
      const key = `${reference.kind} ${reference.name}`;
      const isIt = leads.get(key) ?? targetsOf(reference, file.path, workspace).some((target) => isItem(target, item));
      leads.set(key, isIt);
      if (isIt) ties.add(from, reference.span);
    }
  }
  return ties.all();
}

interface Taker {
  readonly from: HierarchyItem;
  readonly reference: Reference;
}

/** The references of a file by which something in it may take from an item of a kind, each with what takes. */
function takers(file: IndexedFile, kind: HierarchyItem['kind']): readonly Taker[] {
  if (kind === 'policy') {
    const from = itemOf({ file });
    return referencesIn(file, from).map((reference) => ({ from, reference }));
  }
  const items = file.declarations
    .filter((each) => each.kind === 'tier' || each.kind === 'team')
    .map((declaration) => itemOf({ file, declaration }))
    .sort((left, right) => left.selection.start - right.selection.start);
  const references = file.references
    .filter((each) => each.kind === 'tier')
    .sort((left, right) => left.span.start - right.span.start);
  const found: Taker[] = [];
  let at = 0;
  for (const reference of references) {
    // Tiers and teams stand one behind the other, none in another.
    while (at + 1 < items.length && items[at + 1]!.selection.start <= reference.span.start) at += 1;
    const from = items[at];
    const end = from?.whole?.end ?? 0;
    if (from !== undefined && from.selection.start <= reference.span.start && reference.span.end <= end) {
      found.push({ from, reference });
    }
  }
  return found;
}

/** The references by which an item takes over what others say. */
function referencesIn(file: IndexedFile, { kind, whole }: HierarchyItem): readonly Reference[] {
  if (kind === 'policy' || whole === undefined) {
    return file.references.filter((each) => isInheritance(each, file) && each.kind !== 'tier');
  }
  return file.references.filter(
    (each) => each.kind === 'tier' && whole.start <= each.span.start && each.span.end <= whole.end,
  );
}

/** What a program is, or which templates may be launched, is nothing that is taken over. */
function isInheritance({ kind, path, name }: Reference, { dialect }: IndexedFile): boolean {
  if (kind === 'tier') return true;
  if (kind === 'file') return /\.ya?ml$/.test(path ?? name);
  return kind === 'template' && dialect === 'template';
}

function isItem({ file, declaration }: Target, item: HierarchyItem): boolean {
  if (item.kind === 'policy') return file.path === item.path;
  return file.path === item.path && declaration?.span.start === item.selection.start;
}

function itemOf({ file, declaration }: Target): HierarchyItem {
  const { path } = file;
  if (declaration !== undefined && (declaration.kind === 'tier' || declaration.kind === 'team')) {
    const { kind, name, span, whole } = declaration;
    return { kind, name, path, selection: span, whole };
  }
  const named = nameOf(file);
  return {
    kind: 'policy',
    name: named?.name ?? path.slice(path.lastIndexOf('/') + 1),
    path,
    selection: named?.span ?? { file: path, start: 0, end: 0 },
  };
}

/** What a file as a whole is called. */
function nameOf({ declarations }: IndexedFile): Declaration | undefined {
  return declarations.find(({ kind }) => kind === 'policy' || kind === 'template' || kind === 'profile');
}

/** Ties to an item are one tie with several places. */
class Ties {
  readonly #found = new Map<string, { readonly item: HierarchyItem; readonly places: Span[] }>();

  add(item: HierarchyItem, place: Span): void {
    const key = `${item.kind} ${item.selection.start} ${item.path}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, { item, places: [place] });
    else if (known.places.every(({ start }) => start !== place.start)) known.places.push(place);
  }

  all(): readonly HierarchyTie[] {
    return [...this.#found.values()];
  }
}

/** The same item once the files have changed: by its kind and name, as long as it is still there. */
export function sameItem(
  kind: HierarchyItem['kind'],
  name: string,
  path: string,
  workspace: Workspace,
): HierarchyItem | undefined {
  const file = workspace.file(path);
  if (file === undefined) return undefined;
  if (kind === 'policy') return itemOf({ file });
  const [target] = declaredIn([file], kind, name);
  return target === undefined ? undefined : itemOf(target);
}
