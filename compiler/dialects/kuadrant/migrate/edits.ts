import type { TextEdit } from '../../../diagnostics/diagnostic.ts';
import type { SourceText } from '../../../source/text.ts';
import type { MapEntry, MapNode } from '../../../source/tree.ts';

/** Replaces an entry, key and value. */
function replaceEntry(entry: MapEntry, newText: string): TextEdit {
  return { span: entry.span, newText };
}

/**
 * Takes an entry out of a map. In a block the whole line goes, unless the entry opens a list item or a comment stands
 * behind it, which then stays; between braces the comma goes with it.
 */
export function removeEntry(map: MapNode, entry: MapEntry, { text }: SourceText): TextEdit {
  const { file } = entry.span;
  const index = map.entries.indexOf(entry);
  if (map.flow) {
    const before = map.entries[index - 1];
    const next = map.entries[index + 1];
    if (before !== undefined) return { span: { file, start: before.span.end, end: entry.span.end }, newText: '' };
    return { span: { file, start: entry.span.start, end: next?.span.start ?? entry.span.end }, newText: '' };
  }
  const { start } = entry.span;
  // A block scalar's span ends behind its last line break.
  const end = text[entry.span.end - 1] === '\n' ? entry.span.end - 1 : entry.span.end;
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline === -1 ? text.length : newline;
  const behind = text.slice(end, lineEnd);
  const opens = text.slice(line, start).trim() === '';
  if (!opens || behind.trim() !== '') {
    const blanks = opens ? behind.length - behind.trimStart().length : 0;
    return { span: { file, start, end: end + blanks }, newText: '' };
  }
  return { span: { file, start: line, end: newline === -1 ? lineEnd : lineEnd + 1 }, newText: '' };
}

/** Puts one entry in the place of several of the same map: where the first of them stood. */
export function joinEntries(
  map: MapNode,
  entries: readonly MapEntry[],
  newText: string,
  source: SourceText,
): readonly TextEdit[] {
  const [first, ...others] = [...entries].sort((left, right) => left.span.start - right.span.start);
  if (first === undefined) return [];
  return [replaceEntry(first, newText), ...others.map((entry) => removeEntry(map, entry, source))];
}
