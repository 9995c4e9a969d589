import { positionAt } from '../source/text.ts';
import type { YamlNode } from '../source/tree.ts';
import type { EditorDocument } from './document.ts';

/** Lines, from 0 and both included, of which all but the first can be hidden. */
export interface Fold {
  readonly first: number;
  readonly last: number;
  readonly kind: 'content' | 'comment';
}

/** What can be folded: what stands under a key or in an item, a text of several lines, comments that follow each other. */
export function foldsOf(document: EditorDocument): readonly Fold[] {
  const { source, documents } = document;
  const folds = new Map<number, Fold>();
  const seen = new Set<YamlNode>();
  const lineOf = (offset: number) => positionAt(source, offset).line;

  /** Of two that begin on one line the longer can be folded, as editors show one mark a line. */
  function add(first: number, last: number, kind: Fold['kind']): void {
    const other = folds.get(first);
    if (last > first && (other === undefined || other.last < last)) folds.set(first, { first, last, kind });
  }

  /** The last line of a node: blank lines and a break that it ends with are not of it. */
  function lastLine(start: number, end: number): number {
    let at = end;
    while (at > start && /\s/.test(source.text[at - 1]!)) at -= 1;
    return lineOf(Math.max(start, at - 1));
  }

  function visit(node: YamlNode, first: number): void {
    const { start, end } = node.span;
    if (seen.has(node)) return;
    seen.add(node);
    const last = lastLine(start, end);
    const behindClosing = node.kind !== 'scalar' && node.flow && last > first ? last - 1 : last;
    add(first, behindClosing, 'content');
    if (node.kind === 'map') {
      for (const { key, value } of node.entries) {
        // What an alias means is folded where it stands.
        if (value.span.start >= key.span.start) visit(value, lineOf(key.span.start));
      }
    } else if (node.kind === 'sequence') {
      for (const item of node.items) visit(item, lineOf(item.span.start));
    }
  }

  for (const { root } of documents) {
    if (root?.kind !== 'map') {
      if (root !== undefined) visit(root, lineOf(root.span.start));
      continue;
    }
    // A file of one document is not folded as a whole.
    if (documents.length > 1) add(lineOf(root.span.start), lastLine(root.span.start, root.span.end), 'content');
    for (const { key, value } of root.entries) {
      if (value.span.start >= key.span.start) visit(value, lineOf(key.span.start));
    }
  }
  addComments(document, lineOf, add);
  return [...folds.values()].sort((left, right) => left.first - right.first);
}

/** Lines that hold nothing but a comment, where several follow each other. */
function addComments(
  { source, documents }: EditorDocument,
  lineOf: (offset: number) => number,
  add: (first: number, last: number, kind: Fold['kind']) => void,
): void {
  const lines = documents
    .flatMap(({ comments }) => comments)
    .map(({ span }) => ({ line: lineOf(span.start), start: span.start }))
    .filter(({ line, start }) => source.text.slice(source.lineStarts[line], start).trim() === '')
    .map(({ line }) => line)
    .sort((left, right) => left - right);
  let first = -1;
  let last = -1;
  for (const line of lines) {
    if (line === last + 1 && first !== -1) {
      last = line;
      continue;
    }
    if (first !== -1) add(first, last, 'comment');
    first = line;
    last = line;
  }
  if (first !== -1) add(first, last, 'comment');
}
