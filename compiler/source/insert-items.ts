import type { TextEdit } from '../diagnostics/diagnostic.ts';
import { positionAt, type SourceText } from './text.ts';
import type { MapNode, YamlNode } from './tree.ts';

/** Items for the list at `keys`; the lines of each as they stand behind `- `. */
export interface ListInsertion {
  readonly keys: readonly string[];
  readonly items: readonly (readonly string[])[];
}

/**
 * The edits that put items at the end of lists of a mapping, which make what is not there yet. Lists and mappings in
 * flow style on the way become block style, since an item brings lines and comments of its own; everything else stays
 * as it is, comments included.
 *
 * @returns undefined where a value on the way is no list or mapping, or where comments inside flow style would be lost
 */
export function insertItems(
  source: SourceText,
  root: MapNode,
  insertions: readonly ListInsertion[],
): readonly TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  const wanted = insertions.filter(({ items }) => items.length > 0);
  return wanted.length === 0 || insertInto(root, wanted, 0) ? edits : undefined;

  /** `depth` keys of each insertion lead to this node, which is in block style. */
  function insertInto(node: MapNode, into: readonly ListInsertion[], depth: number): boolean {
    const column = positionAt(source, node.entries[0]?.key.span.start ?? node.span.start).column;
    for (const [key, group] of grouped(into, depth)) {
      const entry = node.entries.find((candidate) => candidate.key.text === key);
      if (entry === undefined) {
        const at = endOfLine(node.entries.at(-1)?.span.end ?? node.span.end);
        const lines = [`${blanks(column)}${key}:`, ...made(undefined, group, depth + 1, column + 2)!];
        add(at, at, `\n${lines.join('\n')}`);
        continue;
      }
      const { value } = entry;
      // What an alias stands for was written elsewhere, for others too.
      if (value.span.start < entry.span.start || value.span.end > entry.span.end) return false;
      if (value.kind === 'map' && !value.flow) {
        if (!insertInto(value, group, depth + 1)) return false;
      } else if (value.kind === 'sequence' && !value.flow) {
        const items = itemsHere(group, depth + 1);
        if (items === undefined) return false;
        const dash = positionAt(source, value.span.start).column;
        const at = endOfLine(value.items.at(-1)?.span.end ?? value.span.end);
        add(at, at, `\n${itemLines(items, dash).join('\n')}`);
      } else {
        if (value.kind === 'scalar' && value.style !== 'missing' && value.value !== null) return false;
        if (source.text.slice(value.span.start, value.span.end).includes('#')) return false;
        const lines = made(value, group, depth + 1, column + 2);
        if (lines === undefined) return false;
        // The blank between the colon and the value goes; a comment behind the value would then stand in the last line.
        const from = entry.key.span.end + source.text.slice(entry.key.span.end).indexOf(':') + 1;
        const comment = source.text.slice(value.span.end, endOfLine(value.span.end)).trimEnd();
        add(from, endOfLine(value.span.end), `${comment}\n${lines.join('\n')}`);
      }
    }
    return true;
  }

  /** A node in block style, with what is to be inserted. */
  function made(
    node: YamlNode | undefined,
    into: readonly ListInsertion[],
    depth: number,
    column: number,
  ): readonly string[] | undefined {
    const items = itemsHere(into, depth);
    if (items !== undefined) {
      if (node !== undefined && node.kind === 'map') return undefined;
      const before = node?.kind === 'sequence' ? node.items.map((item) => [written(item)]) : [];
      return itemLines([...before, ...items], column);
    }
    if (node !== undefined && node.kind === 'sequence') return undefined;
    const groups = grouped(into, depth);
    const lines: string[] = [];
    for (const entry of node?.kind === 'map' ? node.entries : []) {
      const group = groups.get(entry.key.text);
      groups.delete(entry.key.text);
      if (group === undefined) lines.push(`${blanks(column)}${written(entry)}`);
      else {
        const below = made(entry.value, group, depth + 1, column + 2);
        if (below === undefined) return undefined;
        lines.push(`${blanks(column)}${written(entry.key)}:`, ...below);
      }
    }
    for (const [key, group] of groups) {
      const below = made(undefined, group, depth + 1, column + 2);
      if (below === undefined) return undefined;
      lines.push(`${blanks(column)}${key}:`, ...below);
    }
    return lines;
  }

  function written({ span }: Pick<YamlNode, 'span'>): string {
    return source.text.slice(span.start, span.end);
  }

  function endOfLine(offset: number): number {
    const at = source.text.indexOf('\n', offset);
    const end = at < 0 ? source.text.length : at;
    return source.text[end - 1] === '\r' ? end - 1 : end;
  }

  function add(start: number, end: number, newText: string): void {
    const ending = source.text.includes('\r\n') ? newText.replaceAll('\n', '\r\n') : newText;
    edits.push({ span: { file: source.path, start, end }, newText: ending });
  }
}

/** By their next key, in the order of the insertions. */
function grouped(insertions: readonly ListInsertion[], depth: number): Map<string, ListInsertion[]> {
  const groups = new Map<string, ListInsertion[]>();
  for (const insertion of insertions) {
    const key = insertion.keys[depth]!;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [insertion]);
    else known.push(insertion);
  }
  return groups;
}

/** The items, where the keys end here; undefined where they lead further. */
function itemsHere(insertions: readonly ListInsertion[], depth: number): ListInsertion['items'] | undefined {
  const here = insertions.filter(({ keys }) => keys.length === depth);
  return here.length === 0 ? undefined : here.flatMap(({ items }) => items);
}

function itemLines(items: ListInsertion['items'], column: number): readonly string[] {
  return items.flatMap(([first, ...rest]) => [
    `${blanks(column)}- ${first ?? ''}`,
    ...rest.map((line) => `${blanks(column)}  ${line}`),
  ]);
}

function blanks(count: number): string {
  return ' '.repeat(count);
}
