import { isHookProgram } from '../hook-programs/file-name.ts';
import type { Span } from '../source/span.ts';
import type { MapEntry, MapNode, ScalarNode, YamlNode } from '../source/tree.ts';
import type { EditorDocument } from './document.ts';
import { hookProgramSymbols } from './hook-programs/describe.ts';
import type { Declaration, NameKind } from './names.ts';
import { namesIn } from './names.ts';
import type { Workspace } from './workspace.ts';

/** What a symbol is: a name that the policy gives, or else what stands under a key or in a list. */
export type SymbolKind = NameKind | 'section' | 'list' | 'item' | 'text' | 'number' | 'boolean' | 'nothing';

/** An entry of a document's outline. */
export interface DocumentSymbol {
  readonly name: string;
  /** A short value, or how many items a list has; empty where nothing short can be said. */
  readonly detail: string;
  readonly kind: SymbolKind;
  readonly span: Span;
  /** What is shown where the symbol is chosen; inside `span`. */
  readonly selection: Span;
  /** Inside `span`, in the order of the text. */
  readonly children: readonly DocumentSymbol[];
}

/** Collections that lie deeper have no symbols of their own. */
const deepest = 12;
const longestDetail = 60;

/** Keys by which an item of a list is known, the first that it has. */
const naming = ['name', 'path', 'type', 'loss', 'arn', 'syscalls', 'host', 'start', 'key', 'gateway', 'route'];

/** The outline of a document: every key, and every item of a list that has keys itself. */
export function documentSymbols(document: EditorDocument): readonly DocumentSymbol[] {
  if (isHookProgram(document.path)) return hookProgramSymbols(document);
  const kinds = new Map(namesIn(document).declarations.map(({ kind, span }) => [span.start, kind]));
  const roots = document.documents.flatMap(({ root }) => root ?? []);
  const outline = new Outline(kinds);
  if (roots.length < 2) return roots.flatMap((root) => outline.inside(root, root.span, 0));
  return roots.map((root) => outline.document(root));
}

class Outline {
  readonly #kinds: ReadonlyMap<number, NameKind>;

  constructor(kinds: ReadonlyMap<number, NameKind>) {
    this.#kinds = kinds;
  }

  /** One of several documents of a file. */
  document(root: YamlNode): DocumentSymbol {
    const title = root.kind === 'map' ? titleOf(root) : undefined;
    const selection = { ...root.span, end: root.span.start };
    const children = this.inside(root, root.span, 1);
    return { name: title ?? 'document', detail: '', kind: 'section', span: root.span, selection, children };
  }

  /** The symbols of what a node holds, as far as it stands inside `around`: what an alias means stands elsewhere. */
  inside(node: YamlNode, around: Span, depth: number): readonly DocumentSymbol[] {
    if (depth > deepest || !contains(around, node.span)) return [];
    if (node.kind === 'map') return node.entries.map((entry) => this.#entry(entry, depth));
    if (node.kind === 'scalar') return [];
    return node.items.flatMap((item, index) => {
      if (item.kind === 'scalar' || !contains(around, item.span)) return [];
      return [this.#item(item, index, depth)];
    });
  }

  #entry({ key, value, span }: MapEntry, depth: number): DocumentSymbol {
    const isHere = contains(span, value.span);
    const kind = this.#kinds.get(key.span.start) ?? (isHere ? this.#kinds.get(value.span.start) : undefined);
    return {
      name: key.text.trim() === '' ? '(no name)' : key.text,
      detail: detailOf(value),
      kind: kind !== undefined && (value.kind === 'scalar' || this.#kinds.has(key.span.start)) ? kind : kindOf(value),
      span,
      selection: contains(span, key.span) ? key.span : { ...span, end: span.start },
      children: isHere ? this.inside(value, span, depth + 1) : [],
    };
  }

  #item(item: YamlNode, index: number, depth: number): DocumentSymbol {
    const name = item.kind === 'map' ? nameOfItem(item) : undefined;
    return {
      name: name === undefined ? `${index + 1}` : name.text,
      detail: item.kind === 'sequence' ? detailOf(item) : '',
      kind: 'item',
      span: item.span,
      selection:
        name !== undefined && contains(item.span, name.span) ? name.span : { ...item.span, end: item.span.start },
      children: this.inside(item, item.span, depth + 1),
    };
  }
}

function contains(outer: Span, inner: Span): boolean {
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end;
}

/** `RateLimitPolicy limits` of an object of Kubernetes. */
function titleOf({ entries }: MapNode): string | undefined {
  const value = (name: string) => entries.find(({ key }) => key.text === name)?.value;
  const kind = value('kind');
  if (kind?.kind !== 'scalar' || kind.text === '') return undefined;
  const metadata = value('metadata');
  const name = metadata?.kind === 'map' ? metadata.entries.find(({ key }) => key.text === 'name')?.value : undefined;
  return name?.kind === 'scalar' ? `${kind.text} ${name.text}` : kind.text;
}

function nameOfItem({ entries }: MapNode): { readonly text: string; readonly span: Span } | undefined {
  for (const wanted of naming) {
    const entry = entries.find(({ key }) => key.text === wanted);
    if (entry === undefined) continue;
    const text = entry.value.kind === 'scalar' ? shown(entry.value) : scalarsOf(entry.value);
    if (text !== '') return { text, span: entry.key.span };
  }
  const [first] = entries;
  if (first === undefined) return undefined;
  const value = first.value.kind === 'scalar' ? shown(first.value) : '';
  return { text: shorten(`${first.key.text} ${value}`) || '(no name)', span: first.key.span };
}

/** The scalars of a list, or of a map with names in it. */
function scalarsOf(node: YamlNode): string {
  const parts =
    node.kind === 'sequence' ? node.items : node.kind === 'map' ? node.entries.map(({ value }) => value) : [];
  return shorten(parts.flatMap((each) => (each.kind === 'scalar' ? [each.text] : [])).join(', '));
}

function detailOf(value: YamlNode): string {
  if (value.kind === 'scalar') return shown(value);
  if (value.kind === 'map') return '';
  return value.items.length === 1 ? '1 item' : `${value.items.length} items`;
}

function shown({ text, style }: ScalarNode): string {
  return style === 'missing' ? '' : shorten(text);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= longestDetail ? line : `${line.slice(0, longestDetail - 1)}…`;
}

function kindOf(value: YamlNode): SymbolKind {
  if (value.kind === 'map') return 'section';
  if (value.kind === 'sequence') return 'list';
  switch (typeof value.value) {
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    default:
      return 'nothing';
  }
}

/** A name of the workspace with the file that gives it. */
export interface WorkspaceSymbol {
  readonly declaration: Declaration;
  readonly path: string;
}

/** So many are found; whoever wants another writes more of its name. */
const mostFound = 500;

/** The names of all policies in which the characters of a query stand in their order; the likeliest first. */
export function workspaceSymbols(query: string, workspace: Workspace): readonly WorkspaceSymbol[] {
  const wanted = query.toLowerCase();
  const found: (WorkspaceSymbol & { readonly rank: number })[] = [];
  for (const { path, declarations } of workspace.files()) {
    for (const declaration of declarations) {
      const rank = rankOf(declaration.name.toLowerCase(), wanted);
      if (rank !== undefined) found.push({ declaration, path, rank });
    }
  }
  found.sort(
    (left, right) =>
      left.rank - right.rank ||
      compare(left.declaration.name, right.declaration.name) ||
      compare(left.path, right.path) ||
      left.declaration.span.start - right.declaration.span.start,
  );
  return found.slice(0, mostFound).map(({ declaration, path }) => ({ declaration, path }));
}

function rankOf(name: string, query: string): number | undefined {
  if (name.startsWith(query)) return 0;
  if (name.includes(query)) return 1;
  let at = 0;
  for (const character of query) {
    at = name.indexOf(character, at) + 1;
    if (at === 0) return undefined;
  }
  return 2;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
